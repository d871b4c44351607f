"""
The server of RFC 6749, as Authlib has it, over our clients and our ledger.

Authlib checks requests and orders the steps of each grant. How a client proves who it is, what a token looks like and
where it is kept is ours.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from authlib.oauth2 import OAuth2Error, OAuth2Request
from authlib.oauth2.rfc6749 import AuthorizationServer, InvalidScopeError
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload

from ...domain.identity import GrantType, User
from ...domain.oauth import Grant, Token, TokenKind
from ...domain.oauth_errors import ClientProofError, OAuthError, RefusedGrantError
from ..identity.made_secrets import make_secret
from .client_proof import read_proof
from .ledger import Ledger
from .messages import ProtocolReply, ProtocolRequest
from .registered import RegisteredClient
from .rights import Holders, granted_scope

logging.getLogger("authlib").setLevel(logging.WARNING)  # at `debug`, it writes tokens down

NewAccessToken = Callable[[str, str, str, int], str]
"""Makes an access token of whom it stands for, the client's id, a scope, and the seconds that it is good for."""


@dataclass(frozen=True, slots=True)
class Lives:
    """How long tokens are good for, in seconds."""

    access_s: int
    refresh_s: int


class Request(OAuth2Request):  # type: ignore[misc]  # Authlib has no types
    """A request as Authlib's grants read it."""

    def __init__(self, asked: ProtocolRequest, method: str) -> None:
        # whether there is TLS between is the operator's matter, and not seen from here
        super().__init__(method, "https://parley/oauth")
        self.asked = asked
        self.payload = BasicOAuth2Payload(dict(asked.fields))
        self.grant: Grant | None = None
        """The one that further tokens come of."""

    @property
    def form(self) -> Mapping[str, str]:
        """Give the fields."""
        return self.asked.fields

    @property
    def args(self) -> Mapping[str, str]:
        """Give the fields, which stood in the query."""
        return self.asked.fields


class Protocol(AuthorizationServer):  # type: ignore[misc]  # as above
    """What speaks OAuth2; safe to share between threads."""

    def __init__(self, holders: Holders, ledger: Ledger, lives: Lives, new_access_token: NewAccessToken) -> None:
        super().__init__()
        self.holders, self.ledger, self._lives, self._new_access_token = holders, ledger, lives, new_access_token
        self.register_token_generator("default", self._new_tokens)

    def query_client(self, client_id: str) -> RegisteredClient | None:
        """Find a client that may ask for something."""
        client = self.holders.client(client_id)
        return None if client is None else RegisteredClient(client)

    def authenticate_client(
        self,
        request: Request,
        methods: Sequence[str],  # noqa: ARG002 - every client has one way, the same everywhere
        endpoint: str = "token",
    ) -> RegisteredClient:
        """
        Find out which client asks; one that is not there costs what a wrong secret costs.

        Raises:
            ClientProofError: it did not prove it, by the way that it was registered with.
            OAuthError: it did so twice.
        """
        proof = read_proof(request.asked.fields, request.asked.authorization)
        client = self.query_client(proof.client)
        is_right = self.holders.clients.is_right_secret(proof.client, proof.secret)
        if client is None or not client.check_endpoint_auth_method(proof.method, endpoint):
            raise ClientProofError
        if not client.is_public and not is_right:
            raise ClientProofError
        request.auth_method = proof.method.value
        return client

    def save_token(self, token: Mapping[str, Any], request: Request) -> None:
        """Keep what is given out."""
        user: User | None = request.user
        client: RegisteredClient = request.client
        grant = request.grant or self.ledger.new_grant(client.client.id, user.name if user else None, token["scope"])
        tokens = [self._kept(token["access_token"], TokenKind.ACCESS, grant, token["scope"])]
        if "refresh_token" in token:
            tokens.append(self._kept(token["refresh_token"], TokenKind.REFRESH, grant, grant.scope))
        if request.grant is None:
            self.ledger.begin(grant, tokens)
        else:
            self.ledger.add(grant, tokens)

    def create_oauth2_request(self, request: Request) -> Request:
        """Give the request."""
        return request

    def handle_response(self, status: int, body: Any, headers: Sequence[tuple[str, str]]) -> ProtocolReply:  # noqa: ANN401 - as Authlib makes it
        """Give the reply."""
        location = dict(headers).get("Location")
        return ProtocolReply(status, body if isinstance(body, dict) else {}, location)

    def handle_error_response(self, request: Request, error: OAuth2Error) -> ProtocolReply:  # noqa: ARG002 - as above
        """Raise what is wrong as an error of ours."""
        raise told(error)

    def send_signal(self, name: str, *args: object, **kwargs: object) -> None:
        """Tell nobody."""

    def _kept(self, secret: str, kind: TokenKind, grant: Grant, scope: str) -> Token:
        life_s = self._lives.access_s if kind is TokenKind.ACCESS else self._lives.refresh_s
        return self.ledger.new_token(secret, kind, grant, scope, life_s)

    def _new_tokens(  # noqa: PLR0913, PLR0917 - as Authlib calls it
        self,
        grant_type: str,
        client: RegisteredClient,
        user: User | None = None,
        scope: str | None = None,
        expires_in: int | None = None,  # noqa: ARG002 - one life for all
        include_refresh_token: bool = True,  # noqa: FBT001, FBT002
    ) -> dict[str, Any]:
        """Make tokens for what a client asks, as far as it and its user may do that."""
        holder = user or self.holders.user(client.client.user)
        given = None if holder is None else granted_scope(scope, client.client, holder)
        if given is None:
            raise InvalidScopeError
        stands_for = f"client:{client.client.id}" if user is None else user.name
        token = {
            "token_type": "Bearer",
            "access_token": self._new_access_token(stands_for, client.client.id, given, self._lives.access_s),
            "expires_in": self._lives.access_s,
            "scope": given,
        }
        has_refresh = grant_type != GrantType.CLIENT_CREDENTIALS and client.check_grant_type(GrantType.REFRESH_TOKEN)
        if include_refresh_token and has_refresh:
            token["refresh_token"] = make_secret()
        return token


def told(error: OAuth2Error) -> OAuthError:
    """Say in our words what Authlib refuses."""
    words = _WORDS.get(error.error, "the request cannot be used")
    description = words if error.error in _ALWAYS else error.description or words
    if error.error == "invalid_grant":
        return RefusedGrantError(description)
    return OAuthError(error.error, description)


_WORDS = {
    "invalid_grant": "the code or token is not good: expired, used before, revoked, or another client's",
    "invalid_scope": "the scope is unknown, or more than this client was registered for or its user may do",
    "unsupported_grant_type": "this server does not give tokens for that grant_type",
    "unsupported_response_type": "this server answers with response_type=code",
}
_ALWAYS = {"invalid_scope", "unsupported_response_type"}
