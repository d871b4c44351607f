"""
What goes wrong with a database, in our words.

A sentence about a fault says nothing that stands in an entry, and no password: of errors that quote values only their
kind is told.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.engine import URL, Engine
from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    IntegrityError,
    InterfaceError,
    ProgrammingError,
    SQLAlchemyError,
    StatementError,
)

from ..domain.errors import ParleyError
from ..domain.storage_errors import RefusedEntryError, StorageUnavailableError


@contextmanager
def told_faults(engine: Engine) -> Iterator[None]:
    """
    Raise what SQLAlchemy and drivers raise as errors of ours.

    Raises:
        RefusedEntryError: the database is in good order; what it was given cannot be stored.
        StorageUnavailableError: any other fault.
    """
    try:
        yield
    except ParleyError:
        raise
    except DBAPIError as error:
        if _is_about_values(error):
            raise RefusedEntryError(name_of(engine.url), _kind(error)) from None
        raise StorageUnavailableError(name_of(engine.url), _first_line(error, engine.url)) from None
    except StatementError as error:  # a value that no column can hold
        raise RefusedEntryError(name_of(engine.url), _kind(error)) from None
    except (SQLAlchemyError, OSError) as error:
        raise StorageUnavailableError(name_of(engine.url), _without_secret(str(error), engine.url)) from None
    except Exception as error:  # noqa: BLE001 - a value that no driver can send
        raise RefusedEntryError(name_of(engine.url), _kind(error)) from None


def _is_about_values(error: DBAPIError) -> bool:
    """Say whether the values were wrong, not the database or its tables: a server gives its own errors a code."""
    is_of_driver = isinstance(error, ProgrammingError | InterfaceError) and not getattr(error.orig, "sqlstate", None)
    return is_of_driver or isinstance(error, DataError | IntegrityError)


def name_of(url: URL) -> str:
    """Name a database so that an operator knows which one is meant, without user and password."""
    if url.get_backend_name() == "sqlite":
        return f"the database {url.database}"
    place = url.host or url.query.get("host") or "the local server"
    return f"the database {url.database} at {place}{f':{url.port}' if url.port else ''}"


def _kind(error: Exception) -> str:
    cause = getattr(error, "orig", None) or error
    return type(cause).__name__


def _first_line(error: DBAPIError, url: URL) -> str:
    first, *_ = (str(error.orig).strip() or "no reason given").splitlines()
    return f"{_kind(error)}: {_without_secret(first, url)}"


def _without_secret(sentence: str, url: URL) -> str:
    secrets = [url.password, url.query.get("password")]
    for secret in secrets:
        if isinstance(secret, str) and secret:
            sentence = sentence.replace(secret, "***")
    return sentence
