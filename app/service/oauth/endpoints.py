"""Revocation (RFC 7009) and introspection (RFC 7662), for clients that have proved who they are."""

from collections.abc import Mapping
from typing import Any

from authlib.oauth2.rfc6749 import InvalidRequestError, UnauthorizedClientError
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7662 import IntrospectionEndpoint

from ...domain.caller import Scope
from ...domain.errors import AuthenticationError
from ...domain.oauth import TokenKind
from .protocol import Protocol, Request
from .registered import KeptToken, RegisteredClient


class Revocation(RevocationEndpoint):  # type: ignore[misc]  # Authlib has no types
    """Ends a token of the client that asks."""

    def check_params(self, request: Request, client: RegisteredClient) -> None:  # noqa: ARG002 - as Authlib calls it
        """Insist on a token; what kind it is said to be may be wrong, and is found out."""
        _insist_on_token(request)

    def query_token(self, token_string: str, token_type_hint: str | None) -> KeptToken | None:  # noqa: ARG002 - as above
        """Find the token."""
        found = self.server.ledger.find(token_string)
        return None if found is None else KeptToken(found)

    def revoke_token(self, token: KeptToken, request: Request) -> None:  # noqa: ARG002 - as above
        """End it."""
        self.server.ledger.revoke(token.token)


class Introspection(IntrospectionEndpoint):  # type: ignore[misc]  # as above
    """Tells a client of its own tokens; one of an administrator of all."""

    def authenticate_endpoint_client(self, request: Request) -> RegisteredClient:
        """Refuse clients that everybody could be."""
        client: RegisteredClient = super().authenticate_endpoint_client(request)
        if client.is_public:
            raise UnauthorizedClientError("A client without a secret is told nothing of tokens.")
        return client

    def check_params(self, request: Request, client: RegisteredClient) -> None:  # noqa: ARG002 - as above
        """Insist on a token."""
        _insist_on_token(request)

    def query_token(self, token_string: str, token_type_hint: str | None) -> KeptToken | None:  # noqa: ARG002 - as above
        """Find the token."""
        found = self.server.ledger.find(token_string)
        return None if found is None else KeptToken(found)

    def check_permission(self, token: KeptToken, client: RegisteredClient, request: Request) -> bool:  # noqa: ARG002 - as above
        """Say whether a client may know of a token."""
        user = self.server.holders.user(client.client.user)
        return token.check_client(client) or (user is not None and Scope.ADMIN in user.scopes)

    def create_introspection_payload(self, token: KeptToken | None) -> Mapping[str, Any]:
        """Tell of a token that would be accepted now; of any other that it is not good."""
        if token is None or not token.token.is_good_at(self.server.ledger.now()):
            return {"active": False}
        kept = token.token
        try:
            caller = self.server.holders.caller(kept)
        except AuthenticationError:
            return {"active": False}
        told = {
            "active": True,
            "client_id": kept.grant.client,
            "sub": caller.name,
            "scope": kept.scope,
            "exp": int(kept.expires_at.timestamp()),
            "iat": int(kept.issued_at.timestamp()),
        }
        if kept.grant.user is not None:
            told["username"] = kept.grant.user
        return told | ({"token_type": "Bearer"} if kept.kind is TokenKind.ACCESS else {})


def _insist_on_token(request: Request) -> None:
    if not request.form.get("token"):
        raise InvalidRequestError("Missing 'token' in request.")


def register_endpoints(server: Protocol) -> None:
    """Let a server revoke and tell of tokens."""
    server.register_endpoint(Revocation)
    server.register_endpoint(Introspection)
