"""What the URLs of a database and of Redis look like."""

import re
from typing import Final
from urllib.parse import urlsplit

from .errors import InvalidValueError

_REDIS_URL: Final = re.compile(r"(rediss?://.+|unix://.*/.+)")
_DATABASE_URL: Final = re.compile(r"sqlite:///(?!:memory:).+|postgres(ql)?(\+psycopg)?://.+")


def check_redis_url(url: str) -> None:
    """
    Refuse what is no URL of Redis, without quoting it: a password may stand in it.

    Raises:
        InvalidValueError: it is none.
    """
    try:
        is_url = _REDIS_URL.fullmatch(url) is not None and urlsplit(url).port != 0
    except ValueError:
        is_url = False
    if not is_url:
        problem = (
            "expected redis://:PASSWORD@HOST:PORT/0; what is special in a password is written %40 for @, %2F for /"
        )
        raise InvalidValueError("redis_url", problem)


def check_database_url(url: str) -> None:
    """
    Refuse what is no URL of a database, without quoting it: a password may stand in it.

    Raises:
        InvalidValueError: it is none.
    """
    expected = "sqlite:///FILE or postgresql://USER:PASSWORD@HOST:PORT/NAME"
    if not _DATABASE_URL.fullmatch(url):
        raise InvalidValueError("database_url", f"expected {expected}")
    try:
        urlsplit(url).port  # noqa: B018 - reading it is what checks it
    except ValueError:
        problem = f"expected {expected}; what is special in a password is written %40 for @, %2F for /"
        raise InvalidValueError("database_url", problem) from None
