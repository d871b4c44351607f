"""What goes into the OAuth2 server and what comes out, whatever carries it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from ...domain.caller import Scope
from ...domain.identity import Client

PARAMETERS: Final = (
    "response_type",
    "client_id",
    "redirect_uri",
    "scope",
    "state",
    "code_challenge",
    "code_challenge_method",
)
"""Of a request for consent; others mean nothing here."""


class ProtocolRequest(NamedTuple):
    """A request of a client."""

    fields: Mapping[str, str]
    """Of its form or query, each once."""
    authorization: str | None = None
    """The header of that name."""
    address: str = ""
    """Where it comes from."""
    issuer: str = ""
    """What this server is called by whoever asks."""


class ProtocolReply(NamedTuple):
    """What the server says."""

    status: int
    body: Mapping[str, Any]
    location: str | None = None
    """Where a browser goes on."""


class SentBack(NamedTuple):
    """A browser that is to go back to the client, with what it was sent for or with what is wrong."""

    location: str


@dataclass(frozen=True, slots=True)
class Consent:
    """What a person is asked."""

    client: Client
    scopes: tuple[Scope, ...]
    models: frozenset[str] | None
    """None: all."""
    redirect_uri: str
    parameters: Mapping[str, str]
    """Of the request, to come back with the answer."""
