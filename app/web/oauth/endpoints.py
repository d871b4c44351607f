"""`/oauth/token`, `/oauth/revoke`, `/oauth/introspect`, and what describes them under `/.well-known`."""

import re
from typing import Final

import msgspec

from ...domain.oauth_errors import ClientProofError, OAuthError
from ...domain.rate_limit_errors import TooManyGuessesError
from ...domain.storage_errors import StorageUnavailableError
from ...service.oauth.messages import ProtocolRequest
from ...service.oauth.oauth import OAuth
from ..operation import Answer, Call, Operation, Services
from .shapes import REFUSALS, IntrospectionReply, KeySetReply, MetadataReply, RevokedReply, TokenReply

_HOST: Final = re.compile(r"(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::[0-9]{1,5})?", re.ASCII)
_PROOF: Final = {
    "client_id": "Of the client, where it does not prove who it is by HTTP Basic.",
    "client_secret": "Of a client that was registered with `client_secret_post`.",
}
_TOKEN: Final = {
    "token": "An access or refresh token.",
    "token_type_hint": "What kind it is; it is found out without.",
} | _PROOF
_WHO: Final = (
    "A client proves who it is by HTTP Basic or by `client_id` and `client_secret` in the form, as it was registered; "
    "one without a secret names its `client_id`."
)


def issuer_of(oauth: OAuth, host: str | None) -> str:
    """Give what the server is called: as the operator says, or else as whoever asks does."""
    if oauth.settings.issuer is not None:
        return oauth.settings.issuer
    named = host if host and _HOST.fullmatch(host) else "localhost"
    return f"{'https' if oauth.settings.is_https else 'http'}://{named}"


def token(services: Services, call: Call) -> Answer:
    """Give tokens."""
    with services.guesses.attempt(call.address):
        tokens = services.oauth.token(_request(services, call))
    return Answer(msgspec.convert(tokens.body, TokenReply))


def revoke(services: Services, call: Call) -> Answer:
    """End a token."""
    with services.guesses.attempt(call.address):
        services.oauth.revoke(_request(services, call))
    return Answer(RevokedReply())


def introspect(services: Services, call: Call) -> Answer:
    """Tell of a token."""
    with services.guesses.attempt(call.address):
        told = services.oauth.introspect(_request(services, call))
    return Answer(msgspec.convert(told, IntrospectionReply))


def metadata(services: Services, call: Call) -> Answer:
    """Describe the server."""
    issuer = issuer_of(services.oauth, call.header("host"))
    return Answer(msgspec.convert(services.oauth.metadata(issuer), MetadataReply))


def key_set(services: Services, call: Call) -> Answer:  # noqa: ARG001 - every handler takes a call
    """Give the public keys."""
    return Answer(KeySetReply(services.oauth.public_keys()))


def _request(services: Services, call: Call) -> ProtocolRequest:
    issuer = issuer_of(services.oauth, call.header("host"))
    return ProtocolRequest(call.body, call.header("authorization"), call.address, issuer)


OPERATIONS = (
    Operation(
        name="oauth_token",
        method="POST",
        path="/oauth/token",
        scope=None,
        tag="oauth2",
        summary="Get tokens",
        description=f"RFC 6749. {_WHO} `grant_type` is `client_credentials`, `authorization_code` (with PKCE) or "
        "`refresh_token`; `password` where the operator allows it to old clients.",
        replies={200: (TokenReply,)},
        handle=token,
        fields={
            "grant_type": "The way to the token.",
            "scope": "What the token is to be good for, with blanks between; else all that the client may have.",
            "code": "What the browser brought.",
            "redirect_uri": "Where it came to, where that was named.",
            "code_verifier": "What `code_challenge` was made of.",
            "refresh_token": "A refresh token, which can be used once.",
            "username": "Of the old grant `password`.",
            "password": "Of the same.",
        }
        | _PROOF,
        errors=(OAuthError, ClientProofError, TooManyGuessesError, StorageUnavailableError),
        refusals=REFUSALS,
    ),
    Operation(
        name="oauth_revoke",
        method="POST",
        path="/oauth/revoke",
        scope=None,
        tag="oauth2",
        summary="End a token",
        description=f"RFC 7009. {_WHO} An access token ends alone; a refresh token takes along all that came of "
        "the same consent.",
        replies={200: (RevokedReply,)},
        handle=revoke,
        fields=_TOKEN,
        errors=(OAuthError, ClientProofError, TooManyGuessesError, StorageUnavailableError),
        refusals=REFUSALS,
    ),
    Operation(
        name="oauth_introspect",
        method="POST",
        path="/oauth/introspect",
        scope=None,
        tag="oauth2",
        summary="Is a token good?",
        description=f"RFC 7662. {_WHO} A client is told of its own tokens; one of an administrator of all.",
        replies={200: (IntrospectionReply,)},
        handle=introspect,
        fields=_TOKEN,
        errors=(OAuthError, ClientProofError, TooManyGuessesError, StorageUnavailableError),
        refusals=REFUSALS,
    ),
    Operation(
        name="oauth_metadata",
        method="GET",
        path="/.well-known/oauth-authorization-server",
        scope=None,
        tag="oauth2",
        summary="What can the OAuth2 server do?",
        description="RFC 8414: the addresses of everything, and what they know.",
        replies={200: (MetadataReply,)},
        handle=metadata,
    ),
    Operation(
        name="oauth_keys",
        method="GET",
        path="/.well-known/jwks.json",
        scope=None,
        tag="oauth2",
        summary="Which keys sign tokens?",
        description="The public halves of the keys that access tokens are signed with, where they are signed "
        "(`token_format: jwt`).",
        replies={200: (KeySetReply,)},
        handle=key_set,
    ),
)
