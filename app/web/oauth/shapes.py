"""What the routes of the OAuth2 server answer, as RFC 6749, 7009, 7662, 7517 and 8414 have it."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from ...domain.errors import ParleyError
from ...domain.oauth_errors import OAuthError
from ...domain.rate_limit_errors import RateLimitedError
from ..errors import error_reply, status_of
from ..operation import Refusals

_OURS = 500


class TokenReply(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Tokens."""

    access_token: Annotated[str, Meta(description="To be sent as `Authorization: Bearer …`.")]
    token_type: str
    expires_in: Annotated[int, Meta(description="Seconds.")]
    scope: Annotated[str, Meta(description="What was given of what was asked, with blanks between.")]
    refresh_token: Annotated[str | None, Meta(description="To be exchanged once for the next tokens.")] = None


class OAuthErrorReply(msgspec.Struct, frozen=True):
    """Why there is nothing."""

    error: Annotated[str, Meta(description="`invalid_client`, `invalid_grant`, … by their names in RFC 6749.")]
    error_description: str


class RevokedReply(msgspec.Struct, frozen=True):
    """The token is good no more, whether or not it ever was."""


class IntrospectionReply(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is known of a token."""

    active: bool
    client_id: str | None = None
    sub: Annotated[str | None, Meta(description="Whom it calls as.")] = None
    username: Annotated[str | None, Meta(description="The user who let the client have it.")] = None
    scope: str | None = None
    token_type: str | None = None
    exp: int | None = None
    iat: int | None = None


class MetadataReply(msgspec.Struct, frozen=True, kw_only=True):
    """Where everything is, and what the server can do."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    revocation_endpoint: str
    introspection_endpoint: str
    jwks_uri: str
    scopes_supported: list[str]
    response_types_supported: list[str]
    response_modes_supported: list[str]
    grant_types_supported: list[str]
    token_endpoint_auth_methods_supported: list[str]
    revocation_endpoint_auth_methods_supported: list[str]
    introspection_endpoint_auth_methods_supported: list[str]
    code_challenge_methods_supported: list[Literal["S256"]]
    authorization_response_iss_parameter_supported: bool


class KeySetReply(msgspec.Struct, frozen=True):
    """The public keys that access tokens are signed with, where they are signed, the newest first."""

    keys: list[dict[str, Any]]


class MeReply(msgspec.Struct, frozen=True):
    """Who calls."""

    id: str
    username: str


def oauth_error(error: ParleyError, request_id: str) -> OAuthErrorReply:
    """Say what is wrong as OAuth2 clients read it."""
    if isinstance(error, OAuthError):
        return OAuthErrorReply(error.error, str(error))
    told = error_reply(error, request_id).error.message
    if status_of(type(error)) >= _OURS or isinstance(error, RateLimitedError):
        return OAuthErrorReply("temporarily_unavailable", told)
    return OAuthErrorReply("invalid_request", told)


REFUSALS = Refusals(OAuthErrorReply, oauth_error)
