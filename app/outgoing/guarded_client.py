"""
The one way out: HTTP to servers that others have named, without becoming their way in.

Who may name an address makes Parley call it, from inside a network. So an address is called only where the operator's
list allows it; its host is resolved once, every address is looked at, and the connection goes to one that was looked
at. No redirect is followed, no proxy of the environment used, and replies are bounded in size and time.
"""

import http.client
import socket
import ssl
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from typing import Final, NamedTuple

from ..domain.outgoing_errors import (
    MalformedReplyError,
    OutgoingTimeoutError,
    RefusedUrlError,
    UnreachableHostError,
    UnresolvedHostError,
    UntrustedHostError,
)
from .addresses import Address, read_address
from .allow_list import AllowList
from .target import Target, read_target
from .timed_socket import Deadline, TimedSocket

Resolver = Callable[[str], Sequence[str]]
"""Gives the addresses of a host; raises OSError where it has none."""

_WITHIN_S: Final = 10.0
_REPLY_AT_MOST: Final = 65_536
_ADDRESSES_AT_MOST: Final = 4


class OutgoingReply(NamedTuple):
    """What a server answered; of a long body only the beginning."""

    status: int
    body: bytes


def system_addresses(host: str) -> list[str]:
    """Ask the system for the addresses of a host, each once."""
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


class GuardedClient:
    """Sends requests; safe to share between threads."""

    def __init__(
        self,
        allowed: AllowList,
        *,
        resolve: Resolver = system_addresses,
        tls: ssl.SSLContext | None = None,
        within_s: float = _WITHIN_S,
        reply_at_most: int = _REPLY_AT_MOST,
    ) -> None:
        """
        Take what may be called.

        Args:
            allowed: by the operator.
            resolve: gives the addresses of a host.
            tls: whose certificates are trusted; the system's unless told.
            within_s: for all of a request and its reply, in seconds.
            reply_at_most: bytes of a reply's body that are read.
        """
        self._allowed, self._resolve, self._tls = allowed, resolve, tls
        self._within_s, self._reply_at_most = within_s, reply_at_most

    def check(self, url: str) -> None:
        """
        Look whether an address would be called now; its host is resolved, and nothing connected.

        Raises:
            RefusedUrlError: it must not be called.
            UnresolvedHostError: its host has no address.
            OutgoingTimeoutError: that could not be found out in time.
        """
        target = read_target(url)
        self._addresses(target, Deadline(self._within_s))

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> OutgoingReply:
        """
        Send a body, and give what is answered, whatever the status.

        Raises:
            OutgoingError: nothing was answered; each kind says why.
        """
        return self._send("POST", url, body, headers)

    def get(self, url: str) -> OutgoingReply:
        """
        Ask for what stands somewhere, and give what is answered, whatever the status.

        Raises:
            OutgoingError: nothing was answered; each kind says why.
        """
        return self._send("GET", url, None, {"Accept": "application/json"})

    def _send(self, method: str, url: str, body: bytes | None, headers: Mapping[str, str]) -> OutgoingReply:
        target = read_target(url)
        deadline = Deadline(self._within_s)
        addresses = self._addresses(target, deadline)
        try:
            with closing(self._connected(target, addresses, deadline)) as connection:
                client = http.client.HTTPConnection(target.host, target.port)
                client.sock = TimedSocket(
                    connection, deadline
                )  # never connects by itself, wherever the host is by then
                sent = {"Host": target.authority, "Connection": "close", **headers}
                client.request(method, target.path, body, sent)
                return self._answer(client)
        except TimeoutError:
            raise OutgoingTimeoutError(target.place, f"no answer within {self._within_s:g} s") from None
        except ssl.SSLCertVerificationError as error:
            raise UntrustedHostError(target.place, f"its certificate is refused: {error.verify_message}") from None
        except (http.client.HTTPException, ValueError) as error:
            raise MalformedReplyError(target.place, f"its answer is no HTTP: {type(error).__name__}") from None
        except OSError as error:
            raise UnreachableHostError(target.place, error.strerror or type(error).__name__) from None

    def _addresses(self, target: Target, deadline: Deadline) -> list[Address]:
        """Resolve a host once, and refuse it where any of its addresses must not be called."""
        if not self._allowed.may_allow(target) and (problem := self._allowed.problem_of(target)):
            raise RefusedUrlError(target.place, problem)
        try:
            addresses = [read_address(text) for text in self._resolved(target, deadline)]
        except TimeoutError:
            raise OutgoingTimeoutError(target.place, "its host could not be resolved in time") from None
        except (OSError, ValueError):  # ValueError: a name that no resolver takes
            raise UnresolvedHostError(target.place, "its host has no address") from None
        if not addresses:
            raise UnresolvedHostError(target.place, "its host has no address")
        if problem := self._allowed.problem_of(target, addresses):
            raise RefusedUrlError(target.place, problem)
        return addresses[:_ADDRESSES_AT_MOST]

    def _resolved(self, target: Target, deadline: Deadline) -> Sequence[str]:
        """Resolve in a thread: the system's resolver cannot be told how long it may take."""
        found: list[Sequence[str]] = []
        failed: list[Exception] = []

        def resolve() -> None:
            try:
                found.append(self._resolve(target.host))
            except Exception as error:  # noqa: BLE001 - raised where it is waited for
                failed.append(error)

        thread = threading.Thread(target=resolve, name="resolve", daemon=True)
        thread.start()
        thread.join(deadline.left_s())
        if failed:
            raise failed[0]
        if not found:
            raise TimeoutError
        return found[0]

    def _connected(self, target: Target, addresses: Sequence[Address], deadline: Deadline) -> socket.socket:
        """Connect to the first address that answers; over TLS, the certificate has to be that of the host."""
        problem: OSError = OSError("no address")
        for number, address in enumerate(addresses):
            share_s = deadline.left_s() / (len(addresses) - number)  # one that is silent leaves time for the others
            family = socket.AF_INET6 if address.version == 6 else socket.AF_INET  # noqa: PLR2004
            connection = socket.socket(family, socket.SOCK_STREAM)
            try:
                connection.settimeout(share_s)
                connection.connect((str(address), target.port))
                if target.scheme == "http":
                    return connection
                connection.settimeout(deadline.left_s())
                return self._context().wrap_socket(connection, server_hostname=target.host)
            except ssl.SSLCertVerificationError:
                connection.close()
                raise
            except OSError as error:
                connection.close()
                problem = error
        raise problem

    def _context(self) -> ssl.SSLContext:
        if self._tls is None:
            self._tls = ssl.create_default_context()
        return self._tls

    def _answer(self, client: http.client.HTTPConnection) -> OutgoingReply:
        content = b""
        with closing(client.getresponse()) as response, suppress(http.client.IncompleteRead):
            content = response.read(self._reply_at_most)
        return OutgoingReply(response.status, content)
