"""Clients, codes and tokens as Authlib's grants look at them."""

from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from authlib.oauth2.rfc6749 import AuthorizationCodeMixin, ClientMixin, TokenMixin

from ...domain.identity import Client, ClientAuthentication, GrantType
from ...domain.oauth import Code, Token
from .rights import granted_scope

_RESPONSES: Final = {"code": GrantType.AUTHORIZATION_CODE, "token": GrantType.IMPLICIT}


class RegisteredClient(ClientMixin):  # type: ignore[misc]  # Authlib has no types
    """A client."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def get_client_id(self) -> str:
        """Give the id."""
        return self.client.id

    def get_default_redirect_uri(self) -> str | None:
        """Give the one address that it has, where it has one."""
        uris = self.client.redirect_uris
        return uris[0] if len(uris) == 1 and is_safe_redirect(uris[0]) else None

    def get_allowed_scope(self, scope: str | None) -> str | None:
        """Give what it can be given of a wish; None where it asks for more."""
        return granted_scope(scope, self.client, None)

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """Say whether an address is one of its own, letter by letter."""
        return redirect_uri in self.client.redirect_uris and is_safe_redirect(redirect_uri)

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:  # noqa: ARG002 - as Authlib calls it
        """Say whether it proves who it is like this."""
        return method == self.client.authentication

    def check_response_type(self, response_type: str) -> bool:
        """Say whether it may ask a person's consent for this."""
        return _RESPONSES.get(response_type) in self.client.grant_types

    def check_grant_type(self, grant_type: str) -> bool:
        """Say whether it was registered for a grant."""
        return grant_type in self.client.grant_types

    @property
    def is_public(self) -> bool:
        """Whether it has no secret."""
        return self.client.authentication is ClientAuthentication.NONE


class TakenCode(AuthorizationCodeMixin):  # type: ignore[misc]  # Authlib has no types
    """A code that has just been used."""

    def __init__(self, code: Code) -> None:
        self.code = code
        self.code_challenge, self.code_challenge_method = code.challenge, "S256"

    def get_redirect_uri(self) -> str:
        """Give the address that was named with the request, or nothing."""
        return self.code.redirect_uri

    def get_scope(self) -> str:
        """Give what was granted."""
        return self.code.grant.scope


class KeptToken(TokenMixin):  # type: ignore[misc]  # Authlib has no types
    """A token that was given out."""

    def __init__(self, token: Token) -> None:
        self.token = token

    def check_client(self, client: RegisteredClient) -> bool:
        """Say whether a client was given it."""
        return self.token.grant.client == client.client.id

    def get_scope(self) -> str:
        """Give what it is good for."""
        return self.token.scope


def is_safe_redirect(uri: str) -> bool:
    """Say whether a browser may be sent to an address: over TLS, or to a program on the person's own machine."""
    if not uri.isascii() or not uri.isprintable() or " " in uri or "\\" in uri:
        return False
    try:
        parts = urlsplit(uri)
        host = parts.hostname or ""
    except ValueError:
        return False
    if not host or parts.fragment or "#" in uri or "@" in parts.netloc:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(host))


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
