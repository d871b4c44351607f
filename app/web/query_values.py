"""What stands in a query, as the values it is meant to be."""

from collections.abc import Mapping
from datetime import UTC, datetime
from uuid import UUID

from ..domain.errors import InvalidRequestError
from ..domain.quotation import shortened


def number_in(query: Mapping[str, str], name: str, default: int, most: int) -> int:
    """
    Give a whole number from 1 to `most`.

    Raises:
        InvalidRequestError: it is none.
    """
    value = query.get(name, str(default))
    if not (value.isascii() and value.isdigit() and len(value) <= len(str(most)) and 1 <= int(value) <= most):
        raise InvalidRequestError(f"{name}: {shortened(value)} is no whole number from 1 to {most:,}", field=name)
    return int(value)


def id_in(query: Mapping[str, str], name: str) -> UUID | None:
    """
    Give an id, where one is given.

    Raises:
        InvalidRequestError: it is none.
    """
    if name not in query:
        return None
    try:
        return UUID(query[name])
    except ValueError:
        raise InvalidRequestError(f"{name}: {shortened(query[name])} is no id", field=name) from None


def time_in(query: Mapping[str, str], name: str) -> datetime | None:
    """
    Give a time, where one is given; UTC unless it says otherwise.

    Raises:
        InvalidRequestError: it is none.
    """
    if name not in query:
        return None
    try:
        time = datetime.fromisoformat(query[name])
        return (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        problem = f"{name}: {shortened(query[name])} is no time such as 2026-01-31 or 2026-01-31T12:00:00Z"
        raise InvalidRequestError(problem, field=name) from None
