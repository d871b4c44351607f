"""What the routes of examples do: from a call to a use case, and from what it gives to a reply."""

from typing import Final

from ...domain.draft import DraftChange, DraftExample, ExampleFilter, LabelledText
from ...domain.errors import InvalidRequestError
from ...domain.quotation import shortened
from ..operation import Answer, Call, PlainText, Services
from ..query_values import id_in, number_in
from .example_shapes import (
    AddedReply,
    ChangedReply,
    ChangeRequest,
    ExampleItem,
    ExamplesReply,
    ExamplesRequest,
    IntentCount,
    IntentsReply,
    RemovedReply,
)

LIMIT: Final = 100
LIMIT_AT_MOST: Final = 1_000
REVISION: Final = "revision"
_OUT_OF_SCOPE: Final = "null"
_QUOTED_NULL: Final = '"null"'
KINDS: Final = {
    "csv": "text/csv; charset=utf-8",
    "tsv": "text/tab-separated-values; charset=utf-8",
    "jsonl": "application/jsonl; charset=utf-8",
    "intents-json": "application/json",
    "rasa-json": "application/json",
}
_ENDINGS: Final = {"intents-json": "intents.json", "rasa-json": "rasa.json"}


def list_examples(services: Services, call: Call) -> Answer:
    """Give a page of the examples that are wanted."""
    limit = number_in(call.query, "limit", LIMIT, LIMIT_AT_MOST)
    after, before = id_in(call.query, "after"), id_in(call.query, "before")
    if after is not None and before is not None:
        raise InvalidRequestError("give either `after` or `before`", field="before")
    page = services.drafts.page(call.parameters["name"], _filter(call), limit=limit, after=after, before=before)
    items = [_item(example) for example in page.examples]
    return Answer(
        ExamplesReply(
            model=page.draft.model,
            revision=page.draft.revision,
            total=page.draft.n_examples,
            matching=page.n_matching,
            examples=items,
        ),
        headers=_tag(page.draft.revision),
    )


def count_intents(services: Services, call: Call) -> Answer:
    """Say how many examples each intent has."""
    model = call.parameters["name"]
    draft, counts = services.drafts.find(model), services.drafts.counts(model)
    named = sorted((intent, count) for intent, count in counts.items() if intent is not None)
    counted = [IntentCount(intent, count) for intent, count in named]
    if None in counts:
        counted.append(IntentCount(None, counts[None]))
    total = sum(counts.values())
    return Answer(IntentsReply(model, draft.revision, total, counted), headers=_tag(draft.revision))


def export_examples(services: Services, call: Call) -> Answer:
    """Give all examples as a file."""
    model, data_format = call.parameters["name"], call.query.get("format", "jsonl")
    kept = call.query.get("out_of_scope", "true")
    if kept not in {"true", "false"}:
        raise InvalidRequestError(f"out_of_scope: {shortened(kept)} is not true or false", field="out_of_scope")
    if data_format not in KINDS:
        known = ", ".join(KINDS)
        raise InvalidRequestError(f"format: {shortened(data_format)} is none of {known}", field="format")
    content = services.drafts.export(model, data_format, call.caller_name, out_of_scope=kept == "true")
    file = f"{model}-examples.{_ENDINGS.get(data_format, data_format)}"
    download = ("Content-Disposition", f'attachment; filename="{file}"')
    return Answer(PlainText(content, KINDS[data_format]), headers=(download,))


def get_example(services: Services, call: Call) -> Answer:
    """Give one example."""
    return Answer(_item(services.drafts.get(call.parameters["name"], call.parameters["id"])))


def add_examples(services: Services, call: Call) -> Answer:
    """Add one example or many: all of them, or none."""
    texts, is_one = _given(call.body)
    change = services.drafts.add_texts(
        call.parameters["name"],
        texts,
        "request",
        call.caller_name,
        expected=_expected(call),
        place=(lambda _, field: field) if is_one else (lambda number, field: f"examples[{number}].{field}"),
    )
    return Answer(
        AddedReply(
            model=change.draft.model,
            revision=change.draft.revision,
            total=change.draft.n_examples,
            added=change.n_added,
            known=change.n_known,
            replaced=change.n_replaced,
            ids=list(change.ids),
        ),
        headers=_tag(change.draft.revision),
    )


def change_example(services: Services, call: Call) -> Answer:
    """Change the text of an example, its intent, or both."""
    body: ChangeRequest = call.body
    if body.is_empty:
        raise InvalidRequestError("say what is to be changed: `text`, `intent` or both", field="text")
    example, draft = services.drafts.change(
        call.parameters["name"],
        call.parameters["id"],
        call.caller_name,
        text=body.text,
        intent=body.intent,
        expected=_expected(call),
    )
    return Answer(ChangedReply(draft.model, draft.revision, _item(example)), headers=_tag(draft.revision))


def remove_example(services: Services, call: Call) -> Answer:
    """Remove one example."""
    return _removed(
        services.drafts.remove_one(
            call.parameters["name"], call.parameters["id"], call.caller_name, expected=_expected(call)
        )
    )


def remove_examples(services: Services, call: Call) -> Answer:
    """Remove the examples that are wanted."""
    return _removed(
        services.drafts.remove(call.parameters["name"], _filter(call), call.caller_name, expected=_expected(call))
    )


def _removed(change: DraftChange) -> Answer:
    draft = change.draft
    reply = RemovedReply(draft.model, draft.revision, draft.n_examples, change.n_removed)
    return Answer(reply, headers=_tag(draft.revision))


def _given(body: ExamplesRequest) -> tuple[list[LabelledText], bool]:
    """Give the texts of a request, and whether it is one that stands for itself."""
    if body.examples is not None:
        if body.text is not None or body.has_intent:
            raise InvalidRequestError("give either `text` and `intent`, or `examples`", field="examples")
        if not body.examples:
            raise InvalidRequestError("`examples` is empty", field="examples")
        return [LabelledText(one.text, one.intent) for one in body.examples], False
    if body.text is None:
        raise InvalidRequestError("`text` and `intent` are missing, or `examples`", field="text")
    if not body.has_intent:
        raise InvalidRequestError("`intent` is missing; null is for texts out of scope", field="intent")
    return [LabelledText(body.text, body.given_intent)], True


def _filter(call: Call) -> ExampleFilter:
    intent = call.query.get("intent")
    is_out_of_scope = intent == _OUT_OF_SCOPE
    named = _OUT_OF_SCOPE if intent == _QUOTED_NULL else intent
    return ExampleFilter(
        search=call.query.get("search") or None,
        intent=None if is_out_of_scope else named,
        is_out_of_scope=is_out_of_scope,
        source=call.query.get("source"),
    )


def _expected(call: Call) -> int | None:
    """Give the revision that the caller has seen, from the query or from `If-Match`."""
    in_header = (call.header("if-match") or "*").strip()
    if REVISION not in call.query and in_header == "*":
        return None
    told = call.query.get(REVISION, in_header.removeprefix('"').removesuffix('"'))
    if not (told.isascii() and told.isdigit() and len(told) <= 9):  # noqa: PLR2004 - what the column holds
        raise InvalidRequestError(f"revision: {shortened(told)} is no revision of a draft, such as 7", field=REVISION)
    return int(told)


def _tag(revision: int) -> tuple[tuple[str, str], ...]:
    return (("ETag", f'"{revision}"'),)


def _item(example: DraftExample) -> ExampleItem:
    return ExampleItem(
        id=example.id,
        text=example.text,
        intent=example.intent,
        source=example.source,
        caller=example.caller,
        created_at=example.created_at,
        changed_at=example.changed_at,
    )
