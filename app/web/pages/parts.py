"""What the pages are made over."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Final, Protocol, cast

from flask import Flask, current_app, request

from ...service.identity.identity import Identity
from ...service.oauth.oauth import OAuth

_EXTENSION: Final = "parley-pages"


class Guesses(Protocol):
    """Counts proofs that failed, by address."""

    def attempt(self, address: str) -> AbstractContextManager[None]:
        """
        Look at a proof within the block; it counts where an AuthenticationError ends it.

        Raises:
            ParleyError: too many have failed; the block is not entered.
        """


@dataclass(frozen=True, slots=True)
class PageParts:
    """What the pages call."""

    identity: Identity
    oauth: OAuth
    guesses: Guesses
    address_of: Callable[[Callable[[str], str | None], str], str]
    """Names the client by the headers of a request and the address that the connection comes from."""
    is_secure: bool
    """Whether browsers reach the server over TLS."""
    has_old_grants: bool = False
    """Whether old clients may be given the grants `password` and `implicit`."""

    def put_into(self, app: Flask) -> None:
        """Let the pages of an application find this."""
        app.extensions[_EXTENSION] = self


def client_address() -> str:
    """Name whoever asks, as far as addresses can."""
    return parts().address_of(request.headers.get, request.remote_addr or "")


def parts() -> PageParts:
    """Give what the pages of this application are made over."""
    return cast("PageParts", current_app.extensions[_EXTENSION])
