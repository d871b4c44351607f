"""Names of hosts, as addresses of mail and of the web have them."""

import re
from typing import Final

_LABEL: Final = re.compile(r"(?!-)[\w-]{1,63}(?<!-)")
_LONGEST: Final = 253
_MOST_SUFFIXES: Final = 3


def has_labels(host: str, *, least: int = 2) -> bool:
    """Say whether a host is named by labels between dots, so many at least; letters may be of any script."""
    labels = host.split(".")
    return len(host) <= _LONGEST and len(labels) >= least and all(map(_LABEL.fullmatch, labels))


def suffixes(host: str) -> list[str]:
    """Give what a host ends in, from its last label to its last three: `c`, `b.c`, `a.b.c`."""
    labels = host.split(".")
    return [".".join(labels[-n:]) for n in range(1, min(len(labels), _MOST_SUFFIXES) + 1)]
