"""
The address that a request comes from, and how it came, where proxies stand between.

Proxies say so in `X-Forwarded-For` and `X-Forwarded-Proto`, or in `Forwarded` (RFC 7239). Only what proxies of ours say
counts. A proxy that writes the one may hand the other on as a client wrote it: where both are there and say different
things, neither is believed.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final, TypeAlias

FORWARDED_FOR: Final = "x-forwarded-for"
FORWARDED_PROTO: Final = "x-forwarded-proto"
FORWARDED: Final = "forwarded"
_OF_ONE_CLIENT: Final = 64  # bits of an IPv6 address: whoever has one has the rest as well
_AT_MOST: Final = 4_096  # characters of a header

_WORD: Final = r"[!#$%&'*+.^_`|~0-9A-Za-z-]"
_PAIR: Final = re.compile(
    rf'[ \t]*+(?:({_WORD}{{1,64}})=(?:({_WORD}{{1,256}})|"([^"\\]{{0,256}})"))?[ \t]*+([;,]|$)', re.ASCII
)
_NODE: Final = re.compile(r"(?:\[(?P<six>[0-9A-Fa-f:.]+)\]|(?P<four>[0-9.]+))(?::[0-9]{1,5})?", re.ASCII)

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network


def networks(written: Sequence[str]) -> tuple[Network, ...]:
    """
    Read addresses and networks of proxies.

    Raises:
        ValueError: one of them is neither.
    """
    return tuple(ip_network(one) for one in written)


class Proxies:
    """Proxies that are believed."""

    def __init__(self, trusted: tuple[Network, ...]) -> None:
        self._trusted = trusted

    def client(self, header: Callable[[str], str | None], peer: str) -> str:
        """Name the client of a request as far as addresses can; `peer` is where the connection comes from."""
        if not self._trusted:
            return client_address(peer, None, ())
        return client_address(peer, header(FORWARDED_FOR), self._trusted, header(FORWARDED))

    def say_https(self, header: Callable[[str], str | None], peer: str) -> bool:
        """Say whether a proxy of ours was asked over HTTPS."""
        if not self._trusted or not _is_one_of(_read(peer), self._trusted):
            return False
        told = {
            *(one.strip().lower() for one in (header(FORWARDED_PROTO) or "").split(",") if one.strip()),
            *(element.get("proto", "").lower() for element in _elements(header(FORWARDED))),
        }
        return told == {"https"}


NO_PROXIES: Final = Proxies(())


@lru_cache(maxsize=4096)
def client_address(
    peer: str, forwarded_for: str | None, proxies: tuple[Network, ...], forwarded: str | None = None
) -> str:
    """
    Name the client as far as addresses can.

    Args:
        peer: the address that the connection comes from.
        forwarded_for: the header `X-Forwarded-For`. It counts as far as proxies of ours wrote it: from its end on.
        proxies: whom to believe.
        forwarded: the header `Forwarded`, which counts likewise.

    Returns:
        The last address that is no proxy of ours; of IPv6 the network that one client has.
    """
    told: list[Iterator[Address | None]] = []
    if forwarded_for is not None:
        told.append(_read(written.strip()) for written in reversed(forwarded_for.split(",")))
    if forwarded is not None:
        told.append(_node(element.get("for", "")) for element in reversed(_elements(forwarded)))
    found = {_last_not_ours(peer, newest_first, proxies) for newest_first in told or [iter(())]}
    address = found.pop() if len(found) == 1 else _read(peer)
    if address is None:
        return peer
    if isinstance(address, IPv6Address):
        return str(ip_network((address, _OF_ONE_CLIENT), strict=False))
    return str(address)


def _last_not_ours(peer: str, newest_first: Iterator[Address | None], proxies: tuple[Network, ...]) -> Address | None:
    address = _read(peer)
    for before in newest_first:
        if before is None or not _is_one_of(address, proxies):
            break
        address = before
    return address


def _is_one_of(address: Address | None, proxies: tuple[Network, ...]) -> bool:
    return address is not None and any(address in network for network in proxies)


def _elements(forwarded: str | None) -> Sequence[Mapping[str, str]]:
    """Read what each proxy wrote into `Forwarded`; of a header that is none, nothing."""
    try:
        return list(_read_elements(forwarded)) if forwarded is not None and len(forwarded) <= _AT_MOST else []
    except ValueError:
        return []


def _read_elements(forwarded: str) -> Iterator[Mapping[str, str]]:
    element: dict[str, str] = {}
    at, end = 0, ","
    while end:
        pair = _PAIR.match(forwarded, at)
        if pair is None:
            raise ValueError("no pairs")
        name, token, quoted, end = pair.groups()
        if name:
            if name.lower() in element:
                raise ValueError("a name that stands twice")
            element[name.lower()] = quoted if token is None else token
        if end != ";":
            yield element
            element = {}
        at = pair.end()


def _node(written: str) -> Address | None:
    found = _NODE.fullmatch(written)
    return _read(found["six"] or found["four"]) if found else None


def _read(written: str) -> Address | None:
    try:
        address = ip_address(written)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
