"""
Which pages of other origins may ask, by the rules of the Fetch standard.

A browser lets a page read a reply only where the reply names the page's origin, errors included. Cookies are of no
account here, so that nothing is ever allowed "with credentials": a page has to hold the proof that it sends. Beside the
origins that the operator lists, those may ask for which somebody has made a key.
"""

from collections.abc import Sequence
from typing import Final, Protocol

from ..domain.caller import Caller

Header = tuple[str, str]

ANY: Final = "*"

_EXPOSED: Final = (
    "Access-Control-Expose-Headers",
    "X-Request-ID, ETag, Content-Disposition, Retry-After, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset",
)
_DEPENDS: Final = ("Vary", "Origin")  # for caches: the same request from elsewhere is answered otherwise

PREFLIGHT_HEADERS: Final[tuple[Header, ...]] = (
    ("Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, PATCH, DELETE"),
    ("Access-Control-Allow-Headers", "Authorization, Content-Type, If-Match, X-API-Key, X-Request-ID"),
    ("Access-Control-Max-Age", "600"),
)
"""What an allowed page is told before its request, beside the headers of every reply."""


OPEN_PREFLIGHT_HEADERS: Final[tuple[Header, ...]] = (
    ("Access-Control-Allow-Origin", ANY),
    ("Access-Control-Allow-Methods", "GET, POST"),
    ("Access-Control-Allow-Headers", "Content-Type, X-Context, X-Request-ID"),
    ("Access-Control-Max-Age", "600"),
)
"""What any page is told where it need prove nothing: a proof it may not send."""

_EXPOSED_TO_ALL: Final = ("Access-Control-Expose-Headers", "X-Context, X-Request-ID, Retry-After")


class OriginsOfKeys(Protocol):
    """Origins of pages that hold keys."""

    def seen(self) -> frozenset[str]: ...  # noqa: D102 - at once, as they were seen last
    def look(self) -> frozenset[str]: ...  # noqa: D102 - as they are; this may wait


class Cors:
    """The origins whose pages may ask."""

    def __init__(self, origins: Sequence[str], of_keys: OriginsOfKeys | None = None) -> None:
        """Take origins as browsers write them, or `*` for all, and where those of keys are known."""
        self._of_all = _allowing(ANY) if ANY in origins else None
        self._of = {origin: _allowing(origin) for origin in origins}
        self._of_keys = of_keys
        self._without = (_DEPENDS,) if origins else ()

    def headers(self, origin: str | None, caller: Caller | None = None) -> tuple[Header, ...]:
        """
        Give the headers of a reply.

        Args:
            origin: of the page that asked; None: none was named.
            caller: who asked; a key that was accepted from a page may be answered there.
        """
        if origin is None:
            return self._without
        if self._of_all is not None:
            return self._of_all
        if (listed := self._of.get(origin)) is not None:
            return listed
        of_keys = self._of_keys.seen() if self._of_keys is not None else frozenset()
        if origin in of_keys or (caller is not None and caller.origins is not None and origin in caller.origins):
            return _allowing(origin)
        return (_DEPENDS,) if of_keys else self._without

    def allows(self, origin: str) -> bool:
        """Say whether pages of an origin may ask; this may wait."""
        return self._of_all is not None or origin in self._of or origin in self._look()

    def is_on(self) -> bool:
        """Say whether any page may ask, so that browsers' questions are answered; this may wait."""
        return bool(self._of or self._look())

    def _look(self) -> frozenset[str]:
        return self._of_keys.look() if self._of_keys is not None else frozenset()


def for_any_origin(standing: Sequence[Header]) -> tuple[Header, ...]:
    """Let pages of all origins read a reply, and those that may anyway as they do."""
    if any(name == "Access-Control-Allow-Origin" for name, _ in standing):
        return tuple(standing)
    return (*standing, ("Access-Control-Allow-Origin", ANY), _EXPOSED_TO_ALL)


def _allowing(origin: str) -> tuple[Header, ...]:
    return (("Access-Control-Allow-Origin", origin), _EXPOSED, _DEPENDS)
