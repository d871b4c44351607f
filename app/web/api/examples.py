"""`/models/{name}/examples`: the draft of a model, which its next training learns from."""

from typing import Final

from ...domain.caller import Scope
from ...domain.draft_errors import (
    DraftChangedError,
    DuplicateExampleError,
    ExampleNotFoundError,
    InvalidExamplesError,
    TooManyExamplesError,
    UnwritableDataError,
)
from ...domain.errors import InvalidModelNameError, InvalidRequestError, ModelNotFoundError, ModelUnavailableError
from ...domain.storage_errors import StorageUnavailableError
from ..operation import Example, Operation
from .example_handlers import (
    KINDS,
    LIMIT,
    LIMIT_AT_MOST,
    REVISION,
    add_examples,
    change_example,
    count_intents,
    export_examples,
    get_example,
    list_examples,
    remove_example,
    remove_examples,
)
from .example_shapes import (
    AddedReply,
    ChangedReply,
    ChangeRequest,
    ExampleItem,
    ExamplesReply,
    ExamplesRequest,
    IntentsReply,
    RemovedReply,
)

_FILTERS: Final = {
    "search": "Those whose text holds this, in small letters or capitals.",
    "intent": 'Those of this intent; `null`: those out of scope. An intent of that name is written `"null"`.',
    "source": "Those that came from here: `request`, `file NAME`, `version N`, `review`.",
}
_SEEN: Final = {
    REVISION: "The revision that you have seen; where the draft has another one now, nothing is changed. "
    "The header `If-Match` says the same."
}
_MODEL: Final = {"name": "The model's name; for new examples it may be one that is still to be trained."}
_ONE: Final = {**_MODEL, "id": "Of the example."}
_READING: Final = (InvalidModelNameError, ModelNotFoundError, ModelUnavailableError, StorageUnavailableError)
_WRITING: Final = (
    InvalidModelNameError,
    InvalidRequestError,
    DraftChangedError,
    ModelUnavailableError,
    StorageUnavailableError,
)

OPERATIONS = (
    Operation(
        name="list_examples",
        method="GET",
        path="/models/{name}/examples",
        scope=Scope.TRAIN,
        tag="examples",
        summary="Search the examples of a model",
        description="In the order they came in. For the next page, `after` is the id of the last example of this one. "
        "A model that has no draft begins with the examples that its active version was trained on.",
        replies={200: (ExamplesReply,)},
        handle=list_examples,
        errors=_READING,
        parameters=_MODEL,
        query={
            **_FILTERS,
            "limit": f"So many at the most; {LIMIT} unless told, {LIMIT_AT_MOST:,} at the most.",
            "after": "Only those behind the example of this id, the nearest first.",
            "before": "Only those before the example of this id, the nearest last.",
        },
    ),
    Operation(
        name="add_examples",
        method="POST",
        path="/models/{name}/examples",
        scope=Scope.TRAIN,
        tag="examples",
        summary="Add examples",
        description="One, or many under `examples`: all of them or none. A text that is there under the same intent is "
        "no second example; under another one, the later intent replaces it. Texts are the same that are learned as "
        "the same: case, spacing and punctuation at the end do not matter.",
        replies={200: (AddedReply,)},
        handle=add_examples,
        body=ExamplesRequest,
        errors=(*_WRITING, InvalidExamplesError, TooManyExamplesError),
        parameters=_MODEL,
        query=_SEEN,
        examples=(
            Example("One example", {"text": "I lost my card", "intent": "card_lost"}),
            Example(
                "Many, and one that is out of scope",
                {
                    "examples": [
                        {"text": "where is my card", "intent": "card_arrival"},
                        {"text": "when will my card be here", "intent": "card_arrival"},
                        {"text": "who won the match", "intent": None},
                    ]
                },
            ),
        ),
    ),
    Operation(
        name="remove_examples",
        method="DELETE",
        path="/models/{name}/examples",
        scope=Scope.TRAIN,
        tag="examples",
        summary="Remove many examples",
        description="Those that all of the filters want; one has to be given.",
        replies={200: (RemovedReply,)},
        handle=remove_examples,
        errors=(*_WRITING, ModelNotFoundError),
        parameters=_MODEL,
        query={**_FILTERS, **_SEEN},
    ),
    Operation(
        name="export_examples",
        method="GET",
        path="/models/{name}/examples/export",
        scope=Scope.TRAIN,
        tag="examples",
        summary="All examples as a file",
        description="In a format that Parley reads: read back, the examples are the same. Only `jsonl` can say that a "
        "text is out of scope. In `csv`, what a spreadsheet would calculate begins with a no-break space.",
        replies={200: (str,)},
        handle=export_examples,
        gives=tuple(kind.partition(";")[0] for kind in KINDS.values()),
        errors=(*_READING, UnwritableDataError),
        parameters=_MODEL,
        query={
            "format": f"One of {', '.join(f'`{name}`' for name in KINDS)}; `jsonl` unless told.",
            "out_of_scope": "`false` leaves out the texts that are out of scope.",
        },
    ),
    Operation(
        name="count_intents",
        method="GET",
        path="/models/{name}/examples/intents",
        scope=Scope.TRAIN,
        tag="examples",
        summary="How many examples each intent has",
        description="Sorted by intent; those out of scope come last.",
        replies={200: (IntentsReply,)},
        handle=count_intents,
        errors=_READING,
        parameters=_MODEL,
    ),
    Operation(
        name="get_example",
        method="GET",
        path="/models/{name}/examples/{id}",
        scope=Scope.TRAIN,
        tag="examples",
        summary="One example",
        description="With where it came from, and who changed it last.",
        replies={200: (ExampleItem,)},
        handle=get_example,
        errors=(*_READING, ExampleNotFoundError),
        parameters=_ONE,
    ),
    Operation(
        name="change_example",
        method="PATCH",
        path="/models/{name}/examples/{id}",
        scope=Scope.TRAIN,
        tag="examples",
        summary="Change an example",
        description="Its text, its intent, or both. A text that another example has is refused.",
        replies={200: (ChangedReply,)},
        handle=change_example,
        body=ChangeRequest,
        errors=(*_WRITING, InvalidExamplesError, ExampleNotFoundError, DuplicateExampleError),
        parameters=_ONE,
        query=_SEEN,
        examples=(
            Example("Another intent", {"intent": "card_arrival"}),
            Example("Another text", {"text": "my card has not come yet"}),
            Example("Out of scope", {"intent": None}),
        ),
    ),
    Operation(
        name="remove_example",
        method="DELETE",
        path="/models/{name}/examples/{id}",
        scope=Scope.TRAIN,
        tag="examples",
        summary="Remove an example",
        description="The next training learns without it; versions keep what they were trained on.",
        replies={200: (RemovedReply,)},
        handle=remove_example,
        errors=(*_WRITING, ExampleNotFoundError),
        parameters=_ONE,
        query=_SEEN,
    ),
)
