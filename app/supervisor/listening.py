"""The sockets that all workers accept from."""

import socket
from typing import Final

# Connections wait here while a worker is replaced; the system may allow fewer.
_WAITING_AT_MOST: Final = 1024


def listen(host: str, port: int) -> list[socket.socket]:
    """
    Listen on every address that a host name stands for, on one port.

    Args:
        host: a name or an address.
        port: 0 takes a free one.

    Raises:
        OSError: the host is not known, or the port is taken.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    sockets: list[socket.socket] = []
    try:
        for family, address in dict.fromkeys((family, address) for family, _, _, _, address in sorted(found)):
            at = (address[0], sockets[0].getsockname()[1] if sockets else port, *address[2:])
            if (bound := _bound(family, at)) is not None:
                sockets.append(bound)
    except OSError:
        for opened in sockets:
            opened.close()
        raise
    if not sockets:
        raise OSError(f"{host} has no address that this system can listen on")
    return sockets


def _bound(family: socket.AddressFamily, address: tuple[object, ...]) -> socket.socket | None:
    """Listen on one address; None where the system does not speak its protocol."""
    try:
        listening = socket.socket(family, socket.SOCK_STREAM)
    except OSError:
        return None
    try:
        listening.setblocking(False)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:  # the same port of IPv4 gets a socket of its own
            listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listening.bind(address)
        listening.listen(_WAITING_AT_MOST)
    except OSError:
        listening.close()
        raise
    return listening
