"""Drafts in the database: the examples of each model, read as they are and changed in transactions."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.engine import Connection, Engine

from ..domain.audit import AuditEntry
from ..domain.draft import Draft, DraftExample, ExampleFilter, LabelledText
from ..domain.example import Reply
from .audit_store import keep
from .database_faults import told_faults
from .draft_rows import example_of, found, matching
from .engine import WRITES
from .migration import migrate
from .open_draft import OpenDraft
from .tables import EXAMPLES

ALL: Final = ExampleFilter()


class DraftStore:
    """
    All drafts; safe to share between threads.

    Every method raises StorageUnavailableError where the database cannot be used.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._writing = engine.execution_options(**WRITES)

    def prepare(self) -> bool:
        """Make or change the tables where they are not as they should be, and say whether that was so."""
        return migrate(self.engine)

    def find(self, model: str) -> Draft | None:
        """Give what is known of a draft, or None where there is none."""
        with self._reading() as connection:
            return found(connection, model)

    def page(
        self,
        model: str,
        wanted: ExampleFilter = ALL,
        *,
        limit: int,
        after: UUID | None = None,
        before: UUID | None = None,
    ) -> list[DraftExample]:
        """Give the examples that are wanted in the order they came in: the first, or those next to an id."""
        query = select(EXAMPLES).where(matching(model, wanted)).limit(limit)
        if after is not None:
            query = query.where(EXAMPLES.c.id > after)
        if before is not None:
            query = query.where(EXAMPLES.c.id < before)
        is_backwards = before is not None and after is None
        query = query.order_by(EXAMPLES.c.id.desc() if is_backwards else EXAMPLES.c.id)
        with self._reading() as connection:
            examples = [example_of(row) for row in connection.execute(query)]
        return examples[::-1] if is_backwards else examples

    def count(self, model: str, wanted: ExampleFilter = ALL) -> int:
        """Say how many examples are wanted."""
        with self._reading() as connection:
            return connection.scalar(select(func.count()).select_from(EXAMPLES).where(matching(model, wanted))) or 0

    def get(self, model: str, example: UUID) -> DraftExample | None:
        """Give one example, or None where it is not there."""
        with self._reading() as connection:
            row = connection.execute(
                select(EXAMPLES).where(EXAMPLES.c.model == model, EXAMPLES.c.id == example)
            ).first()
        return None if row is None else example_of(row)

    def counts(self, model: str) -> dict[str | None, int]:
        """Say how many examples each intent has; None: those out of scope."""
        query = select(EXAMPLES.c.intent, func.count().label("n_examples")).where(EXAMPLES.c.model == model)
        with self._reading() as connection:
            return {row.intent: row.n_examples for row in connection.execute(query.group_by(EXAMPLES.c.intent))}

    def texts(self, model: str) -> tuple[list[LabelledText], Mapping[str, Reply]]:
        """Give all examples in the order they came in, and the replies."""
        query = select(EXAMPLES.c.text, EXAMPLES.c.intent).where(EXAMPLES.c.model == model).order_by(EXAMPLES.c.id)
        with self._reading() as connection:
            draft = found(connection, model)
            texts = [LabelledText(text, intent) for text, intent in connection.execute(query)]
        return texts, draft.replies if draft else {}

    @contextmanager
    def changing(self, model: str) -> Iterator[OpenDraft]:
        """
        Let a draft be changed, by one at a time: all that is done within the block, or nothing where it raises.

        Raises:
            RefusedEntryError: the database does not take what it was given.
        """
        with told_faults(self.engine), self._writing.begin() as connection:
            yield OpenDraft(connection, model)

    def record(self, entry: AuditEntry) -> None:
        """Keep who read a draft as a whole."""
        with told_faults(self.engine), self._writing.begin() as connection:
            keep(connection, entry)

    def close(self) -> None:
        """Give back what connections are held."""
        self.engine.dispose()

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with told_faults(self.engine), self.engine.connect() as connection:
            yield connection
