"""
Which pages of other origins may ask, by the rules of the Fetch standard.

A browser lets a page read a reply only where the reply names the page's origin, errors included. Cookies are of no
account here, so that nothing is ever allowed "with credentials": a page has to hold the proof that it sends.
"""

from collections.abc import Sequence
from typing import Final

Header = tuple[str, str]

ANY: Final = "*"

_EXPOSED: Final = (
    "Access-Control-Expose-Headers",
    "X-Request-ID, ETag, Content-Disposition, Retry-After, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset",
)
_DEPENDS: Final = ("Vary", "Origin")  # for caches: the same request from elsewhere is answered otherwise

PREFLIGHT_HEADERS: Final[tuple[Header, ...]] = (
    ("Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, PATCH, DELETE"),
    ("Access-Control-Allow-Headers", "Authorization, Content-Type, If-Match, X-Request-ID"),
    ("Access-Control-Max-Age", "600"),
)
"""What an allowed page is told before its request, beside the headers of every reply."""


class Cors:
    """The origins whose pages may ask."""

    def __init__(self, origins: Sequence[str]) -> None:
        """Take origins as browsers write them, or `*` for all."""
        self._of_all = self._allowing(ANY) if ANY in origins else None
        self._of = {origin: self._allowing(origin) for origin in origins}

    def headers(self, origin: str | None) -> tuple[Header, ...]:
        """Give the headers of a reply to a page of this origin, or to whoever names none."""
        if origin is None:
            return (_DEPENDS,)
        return self._of_all or self._of.get(origin, (_DEPENDS,))

    def allows(self, origin: str) -> bool:
        """Say whether pages of an origin may ask."""
        return self._of_all is not None or origin in self._of

    @staticmethod
    def _allowing(origin: str) -> tuple[Header, ...]:
        return (("Access-Control-Allow-Origin", origin), _EXPOSED, _DEPENDS)
