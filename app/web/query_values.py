"""What stands in a query, as the values it is meant to be."""

from collections.abc import Mapping
from datetime import UTC, datetime
from uuid import UUID

from ..domain.errors import InvalidRequestError
from ..domain.quotation import shortened


def flag_in(query: Mapping[str, str], name: str) -> bool:
    """
    Say whether something is true; where it is absent it is not.

    Raises:
        InvalidRequestError: it is neither true nor false.
    """
    value = query.get(name, "false").lower()
    if value not in ("true", "false", "1", "0"):
        raise InvalidRequestError(f"{name}: {shortened(value)} is neither true nor false", field=name)
    return value in ("true", "1")


def number_in(query: Mapping[str, str], name: str, default: int, most: int, *, least: int = 1) -> int:
    """
    Give a whole number from `least` to `most`.

    Raises:
        InvalidRequestError: it is none.
    """
    value = query.get(name, str(default))
    if not (value.isascii() and value.isdigit() and len(value) <= len(str(most)) and least <= int(value) <= most):
        raise InvalidRequestError(f"{name}: {shortened(value)} is no whole number from {least} to {most:,}", field=name)
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
