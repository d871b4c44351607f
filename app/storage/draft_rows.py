"""Drafts and their examples out of rows, and which rows somebody wants."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.engine import Connection, Row

from ..domain.draft import Draft, DraftExample, ExampleFilter
from ..domain.example import Reply
from .tables import DRAFTS, EXAMPLES


def found(connection: Connection, model: str) -> Draft | None:
    """Give what is known of a draft, or None where nobody has begun it."""
    row = connection.execute(select(DRAFTS).where(DRAFTS.c.model == model, DRAFTS.c.revision > 0)).first()
    if row is None:
        return None
    n_examples = connection.scalar(select(func.count()).select_from(EXAMPLES).where(EXAMPLES.c.model == model)) or 0
    replies = {
        intent: Reply(tuple(reply["texts"]), reply["context_set"], reply.get("context_filter", ""))
        for intent, reply in dict(row.replies).items()
    }
    return Draft(model, row.revision, n_examples, utc(row.changed_at), replies)


def example_of(row: Row[Any]) -> DraftExample:
    """Read a row of the table of examples."""
    created_at, changed_at = utc(row.created_at), utc(row.changed_at)
    return DraftExample(row.id, row.model, row.text, row.intent, row.source, row.caller, created_at, changed_at)


def utc(time: datetime) -> datetime:
    """Give a time as it was stored; SQLite keeps none with its zone."""
    return (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC)


def matching(model: str, wanted: ExampleFilter) -> ColumnElement[bool]:
    """Say in SQL which examples are wanted."""
    conditions: list[ColumnElement[bool]] = [EXAMPLES.c.model == model]
    if wanted.search is not None:
        conditions.append(EXAMPLES.c.text.icontains(wanted.search, autoescape=True))
    if wanted.is_out_of_scope:
        conditions.append(EXAMPLES.c.intent.is_(None))
    if wanted.intent is not None:
        conditions.append(EXAMPLES.c.intent == wanted.intent)
    if wanted.source is not None:
        conditions.append(EXAMPLES.c.source == wanted.source)
    return and_(*conditions)
