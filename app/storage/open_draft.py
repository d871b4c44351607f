"""A draft that nobody else can change until the transaction ends that changes it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from ..domain.audit import AuditEntry
from ..domain.draft import Draft, DraftExample, ExampleFilter
from ..domain.example import Reply
from .audit_store import keep
from .bulk_insert import insert_rows
from .draft_rows import example_of, found, matching
from .tables import DRAFTS, EXAMPLES

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FORMS_AT_ONCE: Final = 1_000


class Known(NamedTuple):
    """An example that has a text already."""

    id: UUID
    intent: str | None


class OpenDraft:
    """Changes one draft within the transaction of a connection; made by `DraftStore.changing`."""

    def __init__(self, connection: Connection, model: str) -> None:
        """Keep others from changing it, whether it is there or not."""
        self._connection, self._model = connection, model
        insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
        nothing = {"model": model, "revision": 0, "changed_at": _EPOCH, "replies": {}}
        connection.execute(insert(DRAFTS).values(nothing).on_conflict_do_nothing())
        mine = select(DRAFTS.c.revision).where(DRAFTS.c.model == model).with_for_update()
        self.revision: int = connection.execute(mine).scalar_one()
        """As it was found; 0: nobody has begun it."""

    def n_examples(self) -> int:
        """Count them, as they are now."""
        of_model = select(func.count()).select_from(EXAMPLES).where(EXAMPLES.c.model == self._model)
        return self._connection.scalar(of_model) or 0

    def replies(self) -> Mapping[str, Reply]:
        """Give the replies by intent, as they are now."""
        draft = found(self._connection, self._model)
        return draft.replies if draft else {}

    def known(self, forms: Sequence[bytes]) -> dict[bytes, Known]:
        """Give the examples whose texts have these forms, by form."""
        known: dict[bytes, Known] = {}
        for part in _parts(forms):
            query = select(EXAMPLES.c.form, EXAMPLES.c.id, EXAMPLES.c.intent).where(
                EXAMPLES.c.model == self._model, EXAMPLES.c.form.in_(part)
            )
            known |= {bytes(form): Known(example, intent) for form, example, intent in self._connection.execute(query)}
        return known

    def get(self, example: UUID) -> DraftExample | None:
        """Give one example, or None where it is not there."""
        query = select(EXAMPLES).where(EXAMPLES.c.model == self._model, EXAMPLES.c.id == example)
        row = self._connection.execute(query).first()
        return None if row is None else example_of(row)

    def insert(self, examples: Sequence[tuple[DraftExample, bytes]]) -> None:
        """Add examples with the forms of their texts; no text may be there already."""
        insert_rows(self._connection, EXAMPLES, [_row(example, form) for example, form in examples])

    def change(self, example: DraftExample, form: bytes) -> None:
        """Let an example be what it is given as, by its id."""
        values = dict(zip((column.name for column in EXAMPLES.columns), _row(example, form), strict=True))
        self._connection.execute(update(EXAMPLES).where(EXAMPLES.c.id == example.id).values(values))

    def reassign(self, intents: Mapping[UUID, str | None], source: str, caller: str, now: datetime) -> None:
        """Give examples other intents, by their ids."""
        statement = (
            update(EXAMPLES)
            .where(EXAMPLES.c.id == bindparam("example"))
            .values(intent=bindparam("new_intent"), source=source, caller=caller, changed_at=now.astimezone(UTC))
        )
        if intents:
            given = [{"example": example, "new_intent": intent} for example, intent in intents.items()]
            self._connection.execute(statement, given)

    def remove(self, wanted: ExampleFilter) -> int:
        """Remove the examples that are wanted, and say how many."""
        return self._connection.execute(delete(EXAMPLES).where(matching(self._model, wanted))).rowcount

    def remove_one(self, example: UUID) -> bool:
        """Remove one example, and say whether it was there."""
        one = delete(EXAMPLES).where(EXAMPLES.c.model == self._model, EXAMPLES.c.id == example)
        return self._connection.execute(one).rowcount > 0

    def set_replies(self, replies: Mapping[str, Reply]) -> None:
        """Put replies in the place of those that are there."""
        content = {intent: asdict(reply) for intent, reply in replies.items()}
        self._connection.execute(update(DRAFTS).where(DRAFTS.c.model == self._model).values(replies=content))

    def settle(self, entry: AuditEntry) -> Draft:
        """Count the change, keep who made it, and give the draft as it is now."""
        changed = {"revision": self.revision + 1, "changed_at": entry.time.astimezone(UTC)}
        self._connection.execute(update(DRAFTS).where(DRAFTS.c.model == self._model).values(changed))
        keep(self._connection, entry)
        return self.draft()

    def draft(self) -> Draft:
        """Give the draft as it is now."""
        return found(self._connection, self._model) or Draft(self._model, 0, 0)


def _row(example: DraftExample, form: bytes) -> tuple[Any, ...]:
    """Give the columns of `EXAMPLES`."""
    return (
        example.id,
        example.model,
        example.text,
        example.intent,
        example.source,
        example.caller,
        example.created_at.astimezone(UTC),
        example.changed_at.astimezone(UTC),
        form,
    )


def _parts(forms: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    for start in range(0, len(forms), _FORMS_AT_ONCE):
        yield forms[start : start + _FORMS_AT_ONCE]
