"""Which addresses are of the public Internet, however they are wrapped."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final, TypeAlias

Address: TypeAlias = IPv4Address | IPv6Address

_GLOBAL_UNICAST: Final = IPv6Network("2000::/3")
_NAT64: Final = IPv6Network("64:ff9b::/96")
_NOT_PUBLIC: Final = tuple(
    map(
        ip_network,
        (
            "192.0.0.0/24",  # of the IETF's protocols; Python's releases differ about parts of it
            "192.88.99.0/24",  # relays of 6to4, given up
            "2001::/23",  # of the IETF's protocols, Teredo among them
            "3fff::/20",  # documentation
        ),
    )
)
_ISATAP: Final = frozenset({0x00005EFE, 0x02005EFE})


def read_address(text: str) -> Address:
    """
    Read an address; the zone of one that is valid on a link alone is dropped.

    Raises:
        ValueError: it is none.
    """
    return ip_address(text.partition("%")[0])


def unwrapped(address: Address) -> Address:
    """Give the address that a packet to this one ends up at: what IPv6 wraps of IPv4 (mapped, 6to4, NAT64, ISATAP)."""
    if isinstance(address, IPv4Address):
        return address
    if (inner := address.ipv4_mapped or address.sixtofour) is not None:
        return inner
    if address in _NAT64 or int(address) >> 32 & 0xFFFFFFFF in _ISATAP or int(address) >> 32 == 0:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def is_public(address: Address) -> bool:
    """Say whether an address is that of some server on the Internet, and none of this machine or its networks."""
    inner = unwrapped(address)
    if isinstance(address, IPv6Address) and inner is address and address not in _GLOBAL_UNICAST:
        return False
    return (
        inner.is_global
        and not (inner.is_private or inner.is_loopback or inner.is_link_local)
        and not (inner.is_multicast or inner.is_reserved or inner.is_unspecified)
        and not any(inner in network for network in _NOT_PUBLIC if network.version == inner.version)
    )
