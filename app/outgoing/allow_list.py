"""
Which servers may be called, as the operator lists them.

    hooks.example            over HTTPS, on port 443
    hooks.example:8443       on that port
    10.1.2.0/24              addresses of a network, on any port; a single address is one too
    10.1.2.3:9000            an address, on that port
    http://hooks.example     without TLS as well; so with a port, or of a network
    *                        any host with a public address, over HTTPS, on port 443

A name in the list says who may be called, not where: an address that is not public has to be in the list itself, so
that nobody gets there by a name that he may point anywhere.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Final, NamedTuple

from ..domain.errors import InvalidValueError
from .addresses import Address, is_public, unwrapped
from .target import PORTS, Target

ANY: Final = "*"
_PLAIN: Final = "http://"
_HOST: Final = re.compile(r"(?P<host>[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?|\[[0-9a-f:.]+\])(?::(?P<port>[0-9]{1,5}))?")
_EXPECTED: Final = "write a host, host:port, an address or a network, after http:// where it has no TLS, or *"
_LAST_PORT: Final = 65_535


class _Host(NamedTuple):
    """A host that may be called, on one port."""

    scheme: str
    name: str
    port: int


class _Network(NamedTuple):
    """Addresses that may be called, on one port or, where it is None, on any."""

    scheme: str
    addresses: IPv4Network | IPv6Network
    port: int | None

    def holds(self, target: Target, address: Address) -> bool:
        """Say whether it is one of them."""
        if target.scheme != self.scheme or self.port not in {None, target.port}:
            return False
        return address.version == self.addresses.version and address in self.addresses


@dataclass(frozen=True, slots=True)
class AllowList:
    """Says what may be called; empty: nothing."""

    hosts: frozenset[_Host] = frozenset()
    networks: tuple[_Network, ...] = ()
    allows_any: bool = False
    setting: str = "callback_allow"
    """What its sentences call it."""

    @classmethod
    def parse(cls, entries: Sequence[str], setting: str = "callback_allow") -> "AllowList":
        """
        Read a list, which a setting has.

        Raises:
            InvalidValueError: an entry means nothing.
        """
        hosts: set[_Host] = set()
        networks: list[_Network] = []
        for entry in entries:
            if entry == ANY:
                continue
            name = entry.lower().removeprefix(_PLAIN)
            schemes = ("http", "https") if entry.lower().startswith(_PLAIN) else ("https",)
            if (network := _network(name)) is not None:
                networks += [_Network(scheme, network, None) for scheme in schemes]
                continue
            found = _HOST.fullmatch(name)
            if found is None or int(found["port"] or 1) not in range(1, _LAST_PORT + 1):
                raise InvalidValueError(setting, f"{entry!r} means nothing here; {_EXPECTED}")
            port = int(found["port"]) if found["port"] else None
            if (network := _network(found["host"])) is not None:
                networks += [_Network(scheme, network, port) for scheme in schemes]
            elif "[" in name:
                raise InvalidValueError(setting, f"{entry!r} means nothing here; {_EXPECTED}")
            else:
                hosts |= {_Host(scheme, found["host"], port or PORTS[scheme]) for scheme in schemes}
        return cls(frozenset(hosts), tuple(networks), ANY in entries, setting)

    def may_allow(self, target: Target) -> bool:
        """Say whether it depends on a host's addresses; where not, nobody has to be asked for them."""
        return bool(self.networks) or self._names(target)

    def problem_of(self, target: Target, addresses: Sequence[Address] = ()) -> str | None:
        """Say why a host must not be called at these addresses, or None where it may."""
        listed = [self._lists(target, address) for address in addresses]
        if not (self._names(target) or (listed and all(listed))):
            if target.scheme == "http":
                return f"it has no TLS: only https is called, and what `{self.setting}` names with http://"
            return f"`{self.setting}` names neither this host on port {target.port} nor all of its addresses"
        for address, is_listed in zip(addresses, listed, strict=True):
            if not (is_listed or is_public(address)):
                return f"its address is not public, and `{self.setting}` does not name that"
        return None

    def _names(self, target: Target) -> bool:
        if self.allows_any and (target.scheme, target.port) == ("https", PORTS["https"]):
            return True
        return _Host(target.scheme, target.host, target.port) in self.hosts

    def _lists(self, target: Target, address: Address) -> bool:
        return any(network.holds(target, form) for network in self.networks for form in {address, unwrapped(address)})


def _network(text: str) -> IPv4Network | IPv6Network | None:
    if text.startswith("[") and text.endswith("]"):
        text = text[1:-1]
    try:
        return ip_network(text)
    except ValueError:
        return None
