"""Where somebody is sent after signing in: a path of this server, whatever an address says."""

import re
from typing import Final

_HOME: Final = "/account"
_LONGEST: Final = 4_000

# Browsers take `//host` and `/\host` for another host, and drop tabs and line ends before they look.
_LOCAL: Final = re.compile(r"/(?![/\\])[\x21-\x5b\x5d-\x7e]*", re.ASCII)


def local_path(given: str | None, otherwise: str = _HOME) -> str:
    """Keep a path where it leads nowhere but here."""
    if given and len(given) <= _LONGEST and _LOCAL.fullmatch(given):
        return given
    return otherwise
