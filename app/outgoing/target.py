"""What an address on the web names: a host, a port, and what is asked of it."""

import re
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from ..domain.outgoing_errors import RefusedUrlError

PORTS: Final = {"http": 80, "https": 443}
"""By scheme, where none is named."""

_AT_MOST: Final = 2_048
_WRITTEN: Final = re.compile(r"[!-~]+", re.ASCII)
_HOST: Final = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?|[0-9a-f:.]+", re.ASCII)
_NOWHERE: Final = "the address"


class Target(NamedTuple):
    """Where something is sent."""

    scheme: str
    host: str
    """In small letters; of an IPv6 address without brackets."""
    port: int
    path: str
    """With the query."""

    @property
    def place(self) -> str:
        """Name it without path and query, in which secrets may stand."""
        return f"{self.scheme}://{self.authority}"

    @property
    def authority(self) -> str:
        """The host, with the port where it is not the usual one."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"


def read_target(url: str) -> Target:
    """
    Read an absolute address.

    Raises:
        RefusedUrlError: it is none that Parley would call.
    """
    if len(url) > _AT_MOST:
        raise RefusedUrlError(_NOWHERE, f"it has {len(url):,} characters; the limit is {_AT_MOST:,}")
    if not _WRITTEN.fullmatch(url) or "\\" in url:  # urlsplit would pass over some of those in silence
        raise RefusedUrlError(_NOWHERE, "it holds blanks or characters that have to be percent-encoded")
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").removesuffix("."), parts.port
    except ValueError:
        raise RefusedUrlError(_NOWHERE, "it is no URL such as https://hooks.example/parley") from None
    if parts.scheme not in PORTS or not _HOST.fullmatch(host) or port == 0:
        raise RefusedUrlError(_NOWHERE, "it is no URL such as https://hooks.example/parley")
    if "@" in parts.netloc:
        raise RefusedUrlError(_NOWHERE, "it holds a user or a password, which are never sent")
    if parts.fragment:
        raise RefusedUrlError(_NOWHERE, "it holds a fragment (#), which is never sent")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host, port or PORTS[parts.scheme], path)
