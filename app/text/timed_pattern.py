"""
Regular expressions that others write: they may be of any kind, so a library runs them that gives up after a while.

It holds no other thread up meanwhile, and is imported only where there are such patterns.
"""

from typing import TYPE_CHECKING, Final

from ..domain.errors import InvalidValueError

if TYPE_CHECKING:
    import regex

SECONDS_OF_A_PATTERN: Final = 0.1
"""That one may take for one text."""


def compiled(pattern: str, where: str) -> "regex.Pattern[str]":
    """
    Compile a pattern; `where` names it in errors.

    Raises:
        InvalidValueError: it is none, or matches the empty text.
    """
    import regex  # noqa: PLC0415 - only where there are patterns

    try:
        made = regex.compile(pattern)
        matches_nothing = made.search("", timeout=SECONDS_OF_A_PATTERN) is not None
    except (regex.error, TimeoutError, ValueError, OverflowError, RecursionError) as error:
        raise InvalidValueError(where, f"{pattern!r} is no regular expression: {error}") from None
    if matches_nothing:
        raise InvalidValueError(where, f"{pattern!r} matches the empty text, and so would stand everywhere")
    return made
