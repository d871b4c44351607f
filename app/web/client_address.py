"""The address that a request comes from, where proxies stand between."""

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

FORWARDED_FOR: Final = "x-forwarded-for"
_OF_ONE_CLIENT: Final = 64  # bits of an IPv6 address: whoever has one has the rest as well

Network = IPv4Network | IPv6Network


def networks(written: Sequence[str]) -> tuple[Network, ...]:
    """
    Read addresses and networks of proxies.

    Raises:
        ValueError: one of them is neither.
    """
    return tuple(ip_network(one) for one in written)


@lru_cache(maxsize=4096)
def client_address(peer: str, forwarded_for: str | None, proxies: tuple[Network, ...]) -> str:
    """
    Name the client as far as addresses can.

    Args:
        peer: the address that the connection comes from.
        forwarded_for: the header of that name. It counts as far as proxies of ours wrote it: from its end on.
        proxies: whom to believe.

    Returns:
        The last address that is no proxy of ours; of IPv6 the network that one client has.
    """
    address = _read(peer)
    for written in reversed((forwarded_for or "").split(",")):
        if address is None or not any(address in network for network in proxies):
            break
        before = _read(written.strip())
        if before is None:
            break
        address = before
    if address is None:
        return peer
    if isinstance(address, IPv6Address):
        return str(ip_network((address, _OF_ONE_CLIENT), strict=False))
    return str(address)


def _read(written: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(written)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
