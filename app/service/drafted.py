"""A draft within the transaction that changes it: which of the texts given are new, known, or have another intent."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final, NamedTuple, Protocol
from uuid import UUID

from ..domain.audit import AuditEntry, Deed, new_entry
from ..domain.draft import Draft, DraftChange, DraftExample, ExampleFilter, LabelledText
from ..domain.draft_errors import DuplicateExampleError, TooManyExamplesError
from ..domain.example import Reply
from ..domain.time_ids import new_time_ids
from .labelled_texts import form_of

_IDS_TOLD: Final = 100
"""To the audit log."""


class Known(Protocol):
    """An example that has a text already."""

    @property
    def id(self) -> UUID: ...  # noqa: D102
    @property
    def intent(self) -> str | None: ...  # noqa: D102


class OpenDraft(Protocol):
    """What a store lets be done within a transaction."""

    @property
    def revision(self) -> int: ...  # noqa: D102
    def n_examples(self) -> int: ...  # noqa: D102
    def replies(self) -> Mapping[str, Reply]: ...  # noqa: D102
    def known(self, forms: Sequence[bytes]) -> Mapping[bytes, Known]: ...  # noqa: D102
    def get(self, example: UUID) -> DraftExample | None: ...  # noqa: D102
    def insert(self, examples: Sequence[tuple[DraftExample, bytes]]) -> None: ...  # noqa: D102
    def change(self, example: DraftExample, form: bytes) -> None: ...  # noqa: D102
    def reassign(self, intents: Mapping[UUID, str | None], source: str, caller: str, now: datetime) -> None: ...  # noqa: D102
    def remove(self, wanted: ExampleFilter) -> int: ...  # noqa: D102
    def remove_one(self, example: UUID) -> bool: ...  # noqa: D102
    def set_replies(self, replies: Mapping[str, Reply]) -> None: ...  # noqa: D102
    def settle(self, entry: AuditEntry) -> Draft: ...  # noqa: D102
    def draft(self) -> Draft: ...  # noqa: D102


class _Distinct(NamedTuple):
    """Texts by their forms, each once: the last one's intent holds."""

    texts: dict[bytes, LabelledText]
    forms: list[bytes]
    """Of all that were given, in their order."""
    n_repeated: int
    n_contradicted: int


class Drafted:
    """Changes a draft; each change is counted, and told to the audit log."""

    def __init__(self, opened: OpenDraft, model: str, max_examples: int, now: datetime) -> None:
        self.open = opened
        self._model, self._max_examples, self._now = model, max_examples, now

    def replace(self, texts: Sequence[LabelledText], source: str, caller: str) -> DraftChange:
        """
        Let the draft be exactly these examples.

        Raises:
            TooManyExamplesError: they are too many.
        """
        given = _distinct(texts)
        self._check_room(len(given.texts))
        n_removed = self.open.remove(ExampleFilter())
        ids = self._insert(given.texts, source, caller)
        counts = {
            "examples": len(ids),
            "removed": n_removed,
            "known": given.n_repeated,
            "replaced": given.n_contradicted,
        }
        draft = self._settle(caller, "replaced", {**counts, "source": source})
        told = tuple([ids[form] for form in given.forms])
        return DraftChange(draft, len(ids), given.n_repeated, given.n_contradicted, n_removed, told)

    def add(self, texts: Sequence[LabelledText], replies: Mapping[str, Reply], source: str, caller: str) -> DraftChange:
        """
        Add examples and replies; a text that is there already gets the intent it has here.

        Raises:
            TooManyExamplesError: they are too many.
        """
        given = _distinct(texts)
        known = self.open.known(list(given.texts))
        new = {form: one for form, one in given.texts.items() if form not in known}
        other = {example.id: given.texts[form].intent for form, example in known.items()
                 if given.texts[form].intent != example.intent}  # fmt: skip
        if new:
            self._check_room(self.open.n_examples() + len(new))
        ids = {form: example.id for form, example in known.items()} | self._insert(new, source, caller)
        self.open.reassign(other, source, caller, self._now)
        n_known = given.n_repeated + len(known) - len(other)
        n_replaced = given.n_contradicted + len(other)
        told = tuple([ids[form] for form in given.forms])
        has_changed = self._merge(replies) or bool(new or other)
        if not has_changed:
            return DraftChange(self.open.draft(), 0, n_known, 0, 0, told)
        changed = [str(ids[form]) for form in new] + [str(example) for example in other]
        counts = {"examples": len(new), "known": n_known, "replaced": n_replaced, "source": source}
        draft = self._settle(caller, "added", {**counts, "ids": changed[:_IDS_TOLD]})
        return DraftChange(draft, len(new), n_known, n_replaced, 0, told)

    def change(self, before: DraftExample, after: LabelledText, caller: str) -> tuple[DraftExample, Draft]:
        """
        Let an example be another one.

        Raises:
            DuplicateExampleError: another one has that text.
        """
        if after == (before.text, before.intent):
            return before, self.open.draft()
        form = form_of(after.text)
        other = self.open.known([form]).get(form)
        if other is not None and other.id != before.id:
            raise DuplicateExampleError(self._model, str(other.id))
        changed = replace(before, text=after.text, intent=after.intent, caller=caller, changed_at=self._now)
        self.open.change(changed, form)
        what = [name for name in ("text", "intent") if getattr(changed, name) != getattr(before, name)]
        return changed, self._settle(caller, "changed", {"examples": 1, "id": str(before.id), "fields": what})

    def removed(self, n_removed: int, caller: str, details: Mapping[str, Any]) -> DraftChange:
        """Count what was removed."""
        if not n_removed:
            return DraftChange(self.open.draft())
        return DraftChange(self._settle(caller, "removed", {"examples": n_removed, **details}), n_removed=n_removed)

    def _insert(self, texts: Mapping[bytes, LabelledText], source: str, caller: str) -> dict[bytes, UUID]:
        ids = dict(zip(texts, new_time_ids(self._now, len(texts)), strict=True))
        self.open.insert(
            [
                (DraftExample(ids[form], self._model, text, intent, source, caller, self._now, self._now), form)
                for form, (text, intent) in texts.items()
            ]
        )
        return ids

    def _merge(self, replies: Mapping[str, Reply]) -> bool:
        """Add replies in the place of those of the same intents, and say whether any is new."""
        before = self.open.replies() if replies else {}
        after = {**before, **replies}
        if after != before:
            self.open.set_replies(after)
        return after != before

    def _check_room(self, n_examples: int) -> None:
        if n_examples > self._max_examples:
            raise TooManyExamplesError(self._model, n_examples, self._max_examples)

    def _settle(self, caller: str, what: str, details: Mapping[str, Any]) -> Draft:
        entry = new_entry(caller, Deed.CHANGE_EXAMPLES, model=self._model, details={"what": what, **details})
        return self.open.settle(entry)


def _distinct(texts: Sequence[LabelledText]) -> _Distinct:
    distinct: dict[bytes, LabelledText] = {}
    forms = [form_of(one.text) for one in texts]
    n_repeated = n_contradicted = 0
    for form, one in zip(forms, texts, strict=True):
        before = distinct.get(form)
        if before is None:
            distinct[form] = one
        elif before.intent == one.intent:
            n_repeated += 1
        else:
            n_contradicted += 1
            distinct[form] = before._replace(intent=one.intent)
    return _Distinct(distinct, forms, n_repeated, n_contradicted)
