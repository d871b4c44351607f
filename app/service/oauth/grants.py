"""The ways to a token. Authlib orders the steps; what is once used is used up here."""

import hmac
from typing import Final

from authlib.oauth2.rfc6749 import InvalidGrantError, InvalidRequestError, UnauthorizedClientError, grants
from authlib.oauth2.rfc7636 import CodeChallenge, create_s256_code_challenge

from ...domain.errors import AuthenticationError
from ...domain.identity import GrantType, User
from ...domain.oauth import TokenKind
from .protocol import Protocol
from .registered import KeptToken, RegisteredClient, TakenCode

_ANY_WAY: Final = ["client_secret_basic", "client_secret_post", "none"]


class ClientCredentials(grants.ClientCredentialsGrant):  # type: ignore[misc]  # Authlib has no types
    """A client asks for itself, and needs a secret for that."""

    TOKEN_ENDPOINT_AUTH_METHODS = _ANY_WAY

    def authenticate_token_endpoint_client(self) -> RegisteredClient:
        """Refuse clients that everybody could be."""
        client: RegisteredClient = super().authenticate_token_endpoint_client()
        if client.is_public:
            raise UnauthorizedClientError("A client without a secret cannot ask for itself.")
        return client


class AuthorizationCode(grants.AuthorizationCodeGrant):  # type: ignore[misc]  # as above
    """A client brings the code that a person's browser carried to it."""

    TOKEN_ENDPOINT_AUTH_METHODS = _ANY_WAY

    def save_authorization_code(self, code: str, request: object) -> None:
        """Nothing: `generate_authorization_code` keeps it."""

    def generate_authorization_code(self) -> str:
        """Begin a grant, and make its code."""
        request = self.request
        ledger = self.server.ledger
        grant = ledger.new_grant(request.client.client.id, request.user.name, request.scope)
        code: str = ledger.new_code(grant, request.payload.redirect_uri or "", request.payload.data["code_challenge"])
        return code

    def query_authorization_code(self, code: str, client: RegisteredClient) -> TakenCode | None:
        """Use a code up, whatever comes of it."""
        taken = self.server.ledger.take_code(code, client.client.id)
        if taken is None:
            return None
        self.request.grant = taken.grant
        return TakenCode(taken)

    def delete_authorization_code(self, authorization_code: TakenCode) -> None:
        """Nothing: it is used up, and kept to be known again."""

    def authenticate_user(self, authorization_code: TakenCode) -> User | None:
        """Give who consented, where they may still do so."""
        user: User | None = self.server.holders.user_of(authorization_code.code.grant)
        return user


class S256(CodeChallenge):  # type: ignore[misc]  # as above
    """Who exchanges a code proves to be who asked for it: by PKCE, for every client, and by S256 alone."""

    SUPPORTED_CODE_CHALLENGE_METHOD: Final = ["S256"]
    DEFAULT_CODE_CHALLENGE_METHOD = "S256"
    CODE_CHALLENGE_METHODS: Final = {
        "S256": lambda verifier, challenge: hmac.compare_digest(create_s256_code_challenge(verifier), challenge)
    }

    def validate_code_challenge(self, grant: AuthorizationCode, redirect_uri: str) -> None:
        """Insist on a challenge."""
        fields = grant.request.payload.data
        if not fields.get("code_challenge") or fields.get("code_challenge_method") != "S256":
            raise InvalidRequestError("A code_challenge is needed, with code_challenge_method=S256.")
        super().validate_code_challenge(grant, redirect_uri)


class RefreshToken(grants.RefreshTokenGrant):  # type: ignore[misc]  # as above
    """A client exchanges a refresh token for another, and a new access token."""

    TOKEN_ENDPOINT_AUTH_METHODS = _ANY_WAY
    INCLUDE_NEW_REFRESH_TOKEN = True

    def authenticate_refresh_token(self, refresh_token: str) -> KeptToken | None:
        """Find a refresh token; whether it is good is looked at when it is used up."""
        found = self.server.ledger.find(refresh_token)
        return KeptToken(found) if found is not None and found.kind is TokenKind.REFRESH else None

    def authenticate_user(self, refresh_token: KeptToken) -> User:
        """
        Use the token up, and give who consented.

        Raises:
            InvalidGrantError: it is not good. Where it was used before, all that came of its grant ends.
        """
        if not self.server.ledger.take_refresh(refresh_token.token):
            raise InvalidGrantError
        user: User | None = self.server.holders.user_of(refresh_token.token.grant)
        if user is None:
            raise InvalidGrantError
        self.request.grant = refresh_token.token.grant
        return user

    def revoke_old_credential(self, refresh_token: KeptToken) -> None:
        """Nothing: it is used up, and kept to be known again."""


class Password(grants.ResourceOwnerPasswordCredentialsGrant):  # type: ignore[misc]  # as above
    """A client brings a person's password. For old clients only: it gets to know what nobody should but that person."""

    TOKEN_ENDPOINT_AUTH_METHODS = _ANY_WAY

    def authenticate_user(self, username: str, password: str) -> User:
        """
        Check the password, as if the person had typed it here: wrong ones lock out.

        Raises:
            InvalidGrantError: it is not right.
        """
        try:
            user: User = self.server.holders.users.check(username, password, self.request.asked.address)
        except AuthenticationError:
            raise InvalidGrantError(description="The user name or the password is not right.") from None
        return user


class Implicit(grants.ImplicitGrant):  # type: ignore[misc]  # as above
    """A browser carries the token itself. For old clients only: it stands in the address, and in its history."""

    def authenticate_token_endpoint_client(self) -> RegisteredClient | None:
        """Give the client that the request names: no client ever proves who it is here."""
        client: RegisteredClient | None = self.server.query_client(self.request.payload.client_id)
        return client


def register_grants(server: Protocol, old: frozenset[GrantType]) -> None:
    """Let a server give tokens in these ways; `old` are those that the operator allows beside the usual ones."""
    server.register_grant(ClientCredentials)
    server.register_grant(AuthorizationCode, [S256(required=True)])
    server.register_grant(RefreshToken)
    if GrantType.PASSWORD in old:
        server.register_grant(Password)
    if GrantType.IMPLICIT in old:
        server.register_grant(Implicit)
