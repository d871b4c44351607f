"""
What a person is asked before a client may act for them, and what comes of the answer.

Until the client and its address are known nobody is sent anywhere. From then on whatever is wrong is told to the
client, with its `state` and with who tells it (`iss`, RFC 9207): no answer is taken for that of another server.
"""

from collections.abc import Mapping
from typing import Any, Final

from authlib.common.urls import add_params_to_uri
from authlib.oauth2 import OAuth2Error

from ...domain.grants import common_models
from ...domain.identity import User
from ...domain.oauth import read_scope
from ...domain.oauth_errors import OAuthError, UntrustedRedirectError
from .messages import PARAMETERS, Consent, ProtocolRequest, SentBack
from .protocol import Protocol, Request, told
from .registered import RegisteredClient
from .rights import granted_scope

_RESPONSE_TYPES: Final = frozenset({"code", "token"})
_CHARS_AT_MOST: Final = 2_048


def begin(protocol: Protocol, asked: ProtocolRequest, user: User) -> Consent | SentBack:
    """Say what a person is to be asked; see `OAuth.begin_consent`."""
    client, redirect_uri = _trusted(protocol, asked.fields)
    try:
        scope = _checked(protocol, asked, user)[1]
    except OAuthError as error:
        return _back(asked, redirect_uri, _told(error))
    return Consent(
        client=client.client,
        scopes=tuple(sorted(read_scope(scope) or ())),
        models=common_models(client.client.models, user.models),
        redirect_uri=redirect_uri,
        parameters={name: asked.fields[name] for name in PARAMETERS if name in asked.fields},
    )


def end(protocol: Protocol, asked: ProtocolRequest, user: User, *, is_given: bool) -> SentBack:
    """Take the answer; see `OAuth.end_consent`."""
    _, redirect_uri = _trusted(protocol, asked.fields)
    try:
        grant, scope = _checked(protocol, asked, user)
        grant.request.scope = scope
        _, _, headers = grant.create_authorization_response(redirect_uri, user if is_given else None)
    except OAuth2Error as error:
        return _back(asked, redirect_uri, _told(told(error)))
    except OAuthError as error:
        return _back(asked, redirect_uri, _told(error))
    location = dict(headers)["Location"]
    return SentBack(add_params_to_uri(location, [("iss", asked.issuer)], fragment=_is_in_fragment(asked.fields)))


def _trusted(protocol: Protocol, fields: Mapping[str, str]) -> tuple[RegisteredClient, str]:
    """Find the client, and the address that its answer goes to."""
    client = protocol.query_client(fields.get("client_id", ""))
    if client is None:
        raise UntrustedRedirectError("there is no client with this client_id")
    redirect_uri = fields.get("redirect_uri") or client.get_default_redirect_uri()
    if redirect_uri is None:
        raise UntrustedRedirectError("the field 'redirect_uri' is missing, and this client has not exactly one")
    if not client.check_redirect_uri(redirect_uri):
        raise UntrustedRedirectError("this redirect_uri is none of those that the client was registered with")
    return client, redirect_uri


def _checked(protocol: Protocol, asked: ProtocolRequest, user: User) -> tuple[Any, str]:
    """Give Authlib's grant for the request, and the scope that this person can give."""
    if any(len(asked.fields.get(name, "")) > _CHARS_AT_MOST for name in PARAMETERS):
        raise OAuthError("invalid_request", f"a field has more than {_CHARS_AT_MOST:,} characters")
    if asked.fields.get("response_type") not in _RESPONSE_TYPES:
        raise OAuthError("unsupported_response_type", "this server answers with response_type=code")
    request = Request(asked, "GET")
    try:
        grant = protocol.get_consent_grant(request, user)
    except OAuth2Error as error:
        raise told(error) from None
    scope = granted_scope(asked.fields.get("scope"), request.client.client, user)
    if scope is None:
        raise OAuthError("invalid_scope", "nothing of the scope is left that this person may do")
    return grant, scope


def _told(error: OAuthError) -> dict[str, str]:
    return {"error": error.error, "error_description": str(error)}


def _back(asked: ProtocolRequest, redirect_uri: str, answer: Mapping[str, str]) -> SentBack:
    params = [*answer.items(), *([("state", asked.fields["state"])] if asked.fields.get("state") else [])]
    params.append(("iss", asked.issuer))
    return SentBack(add_params_to_uri(redirect_uri, params, fragment=_is_in_fragment(asked.fields)))


def _is_in_fragment(fields: Mapping[str, str]) -> bool:
    return fields.get("response_type") == "token"
