"""
Drafts: the examples of each model, as people and requests edit them.

Each change is one transaction, with its entry in the audit log: counts and ids, never texts. A model that has no draft
and whose active version has kept its dataset begins with a copy of that.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple, Protocol
from uuid import UUID

from msgspec import UNSET, UnsetType

from ..data.writer import written
from ..domain.audit import AuditEntry, Deed, new_entry
from ..domain.damage_errors import DamagedModelError
from ..domain.draft import Draft, DraftChange, DraftExample, ExampleFilter, LabelledText
from ..domain.draft_errors import DraftChangedError, ExampleNotFoundError
from ..domain.errors import InvalidRequestError, ModelNotFoundError, ModelUnavailableError
from ..domain.example import Dataset, Reply
from ..domain.model_reference import check_model_name
from .drafted import Drafted, OpenDraft
from .labelled_texts import Placed, as_dataset, checked, in_list, places_in, storable, texts_of
from .opened_once import OpenedOnce

_ALL: Final = ExampleFilter()
_PARLEY: Final = "parley"
"""Who begins a draft: it comes about by itself."""

ActiveDataset = Callable[[str], tuple[int, Dataset] | None]
"""Gives the active version of a model and the dataset it was trained on, or None where none is kept."""


class Store(Protocol):
    """Where drafts are."""

    def prepare(self) -> bool: ...  # noqa: D102
    def close(self) -> None: ...  # noqa: D102
    def find(self, model: str) -> Draft | None: ...  # noqa: D102
    def page(  # noqa: D102
        self, model: str, wanted: ExampleFilter, *, limit: int, after: UUID | None, before: UUID | None
    ) -> list[DraftExample]: ...
    def count(self, model: str, wanted: ExampleFilter) -> int: ...  # noqa: D102
    def get(self, model: str, example: UUID) -> DraftExample | None: ...  # noqa: D102
    def counts(self, model: str) -> dict[str | None, int]: ...  # noqa: D102
    def texts(self, model: str) -> tuple[list[LabelledText], Mapping[str, Reply]]: ...  # noqa: D102
    def changing(self, model: str) -> AbstractContextManager[OpenDraft]: ...  # noqa: D102
    def record(self, entry: AuditEntry) -> None: ...  # noqa: D102


class Page(NamedTuple):
    """Some examples of a draft."""

    draft: Draft
    examples: list[DraftExample]
    n_matching: int
    """Of all pages."""


class Drafts:
    """
    The drafts of all models; safe to share between threads.

    Every method raises InvalidModelNameError where the name can be no model's, StorageUnavailableError where the
    database cannot be used, and those that need a model ModelNotFoundError where there is neither it nor a draft of it.
    Of those that change a draft, `expected` is the revision that whoever changes it has seen: DraftChangedError where
    it is another one now.
    """

    def __init__(self, open_store: Callable[[], Store], active_dataset: ActiveDataset, *, max_examples: int) -> None:
        """`open_store` is called when a draft is used first."""
        self._store = OpenedOnce(open_store)
        self._active_dataset, self._max_examples = active_dataset, max_examples

    def find(self, model: str) -> Draft:
        """Give what is known of a draft; of revision 0 where the model has no examples at hand."""
        draft = self._store().find(check_model_name(model))
        return draft or self._begun(model) or Draft(model, 0, 0)

    def snapshot(self, model: str) -> Dataset:
        """Give all examples, in the order they came in, with the replies."""
        self.find(model)
        texts, replies = self._store().texts(model)
        examples, out_of_scope = as_dataset(texts)
        return Dataset(examples, replies, f"draft of {model}", out_of_scope)

    def page(
        self,
        model: str,
        wanted: ExampleFilter = _ALL,
        *,
        limit: int = 100,
        after: UUID | None = None,
        before: UUID | None = None,
    ) -> Page:
        """Give the examples that are wanted, in the order they came in: the first, or those next to an id."""
        draft = self.find(model)
        examples = self._store().page(model, wanted, limit=limit, after=after, before=before)
        n_matching = draft.n_examples if wanted.is_empty else self._store().count(model, wanted)
        return Page(draft, examples, n_matching)

    def get(self, model: str, example: str) -> DraftExample:
        """
        Give one example.

        Raises:
            ExampleNotFoundError: it is not there.
        """
        self.find(model)
        found = self._store().get(model, _id(model, example))
        if found is None:
            raise ExampleNotFoundError(model, example)
        return found

    def counts(self, model: str) -> dict[str | None, int]:
        """Say how many examples each intent has; None: those out of scope."""
        self.find(model)
        return self._store().counts(model)

    def replace(
        self, model: str, dataset: Dataset, source: str, caller: str, *, expected: int | None = None
    ) -> DraftChange:
        """
        Let the draft be exactly these examples and replies.

        Raises:
            InvalidExamplesError, TooManyExamplesError: nothing was changed.
        """
        check_model_name(model)
        texts = checked(texts_of(dataset), places_in(dataset))
        with self._changing(model, expected) as drafted:
            drafted.open.set_replies(dataset.replies)
            return drafted.replace(texts, source, caller)

    def add(
        self, model: str, dataset: Dataset, source: str, caller: str, *, expected: int | None = None
    ) -> DraftChange:
        """
        Add examples and replies; a text that is there already gets the intent it has here.

        Raises:
            InvalidExamplesError, TooManyExamplesError: nothing was changed.
        """
        return self.add_texts(
            model,
            list(texts_of(dataset)),
            source,
            caller,
            expected=expected,
            place=places_in(dataset),
            replies=dataset.replies,
        )

    def add_texts(  # noqa: PLR0913 - what is added, and by whom
        self,
        model: str,
        texts: Sequence[LabelledText],
        source: str,
        caller: str,
        *,
        expected: int | None = None,
        place: Placed = in_list,
        replies: Mapping[str, Reply] | None = None,
    ) -> DraftChange:
        """Add texts, as `add` does; `place` names what is wrong."""
        taken = checked(texts, place)
        self._begin(model)
        with self._changing(model, expected) as drafted:
            return drafted.add(taken, replies or {}, source, caller)

    def change(  # noqa: PLR0913 - what is changed, and by whom
        self,
        model: str,
        example: str,
        caller: str,
        *,
        text: str | UnsetType = UNSET,
        intent: str | UnsetType | None = UNSET,
        expected: int | None = None,
    ) -> tuple[DraftExample, Draft]:
        """
        Change the text of an example, its intent, or both.

        Raises:
            ExampleNotFoundError: it is not there.
            InvalidExamplesError: it cannot be that.
            DuplicateExampleError: another one has that text.
        """
        self._begin(model)
        with self._changing(model, expected) as drafted:
            before = drafted.open.get(_id(model, example))
            if before is None:
                raise ExampleNotFoundError(model, example)
            wanted = LabelledText(before.text if text is UNSET else text, before.intent if intent is UNSET else intent)
            [after] = checked([wanted], lambda _, field: field)
            return drafted.change(before, after, caller)

    def remove_one(self, model: str, example: str, caller: str, *, expected: int | None = None) -> DraftChange:
        """
        Remove an example.

        Raises:
            ExampleNotFoundError: it is not there.
        """
        self._begin(model)
        with self._changing(model, expected) as drafted:
            if not drafted.open.remove_one(_id(model, example)):
                raise ExampleNotFoundError(model, example)
            return drafted.removed(1, caller, {"id": example})

    def remove(self, model: str, wanted: ExampleFilter, caller: str, *, expected: int | None = None) -> DraftChange:
        """
        Remove the examples that are wanted.

        Raises:
            InvalidRequestError: that would be all of them.
        """
        if wanted.is_empty:
            raise InvalidRequestError("say which examples: by `intent`, `search` or `source`", field="intent")
        self.find(model)
        with self._changing(model, expected) as drafted:
            return drafted.removed(drafted.open.remove(wanted), caller, _described(wanted))

    def export(self, model: str, data_format: str, caller: str, *, out_of_scope: bool = True) -> bytes:
        """
        Write the examples and replies in a format that the readers know.

        Args:
            model: whose draft it is.
            data_format: one of `WRITTEN`.
            caller: who wants it.
            out_of_scope: whether those without an intent are written too.

        Raises:
            UnwritableDataError: the format cannot hold them.
        """
        dataset = self.snapshot(model)
        if not out_of_scope:
            dataset = Dataset(dataset.examples, dataset.replies, dataset.source)
        content = written(dataset, data_format)
        details = {"what": "examples", "examples": len(dataset.examples) + len(dataset.out_of_scope)}
        self._store().record(new_entry(caller, Deed.EXPORT, model=model, details={**details, "format": data_format}))
        return content

    def close(self) -> None:
        """Give back what connections are held."""
        self._store.close()

    def _begin(self, model: str) -> None:
        """Begin a draft where the model has a dataset to begin with; a new model is none's to miss."""
        check_model_name(model)
        if self._store().find(model) is None:
            with suppress(ModelNotFoundError):
                self._begun(model)

    def _begun(self, model: str) -> Draft | None:
        try:
            found = self._active_dataset(model)
        except DamagedModelError as error:
            raise ModelUnavailableError(model, str(error)) from None
        if found is None:
            return None
        version, dataset = found
        texts = [one for one in storable(dataset) if one.text]
        with self._store().changing(model) as opened:
            if opened.revision:  # somebody else was first
                return opened.draft()
            opened.set_replies(dataset.replies)
            drafted = Drafted(opened, model, len(texts), datetime.now(UTC))
            return drafted.replace(texts, f"version {version}", _PARLEY).draft

    @contextmanager
    def _changing(self, model: str, expected: int | None) -> Iterator[Drafted]:
        with self._store().changing(model) as opened:
            if expected is not None and opened.revision != expected:
                raise DraftChangedError(model, expected, opened.revision)
            yield Drafted(opened, model, self._max_examples, datetime.now(UTC))


def _id(model: str, example: str) -> UUID:
    try:
        return UUID(example)
    except ValueError:
        raise ExampleNotFoundError(model, example) from None


def _described(wanted: ExampleFilter) -> dict[str, Any]:
    """Say by what examples were chosen; what was searched for is a text."""
    by: dict[str, Any] = {"intent": wanted.intent, "source": wanted.source}
    said = {name: value for name, value in by.items() if value is not None}
    if wanted.is_out_of_scope:
        said["intent"] = None
    return {"by": {**said, **({"search": True} if wanted.search is not None else {})}}
