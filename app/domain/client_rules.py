"""What a client of the OAuth2 server has to be like, after RFC 6749, RFC 8252 and RFC 9700."""

import re
from typing import Final
from urllib.parse import urlsplit

from .errors import InvalidRequestError
from .identity import Client, ClientAuthentication, GrantType
from .identity_rules import check_label
from .quotation import shortened

_MOST_URIS: Final = 20
_MOST_URI_CHARS: Final = 2_000
_REDIRECTED: Final = frozenset({GrantType.AUTHORIZATION_CODE, GrantType.IMPLICIT})
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_URI: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[!$&'()*+,./0-9:;=?@A-Z\[\]_a-z~%-]+", re.ASCII)


def check_client(client: Client) -> None:
    """
    Look whether a client makes sense.

    Raises:
        InvalidRequestError: it does not.
    """
    check_label(client.name, "name")
    if not client.grant_types:
        raise InvalidRequestError(f"at least one out of {', '.join(GrantType)}", field="grant_types")
    needs_uri = bool(client.grant_types & _REDIRECTED)
    if needs_uri and not client.redirect_uris:
        raise InvalidRequestError("at least one, where people are sent back to with a code", field="redirect_uris")
    if len(client.redirect_uris) > _MOST_URIS:
        raise InvalidRequestError(f"{_MOST_URIS} at the most", field="redirect_uris")
    for uri in client.redirect_uris:
        _check_redirect_uri(uri)
    if client.uri and not (_is_uri(client.uri) and urlsplit(client.uri).scheme in {"http", "https"}):
        raise InvalidRequestError("https://… of a page that says what the client is", field="uri")
    is_public = client.authentication is ClientAuthentication.NONE
    if is_public and GrantType.CLIENT_CREDENTIALS in client.grant_types:
        raise InvalidRequestError("client_credentials needs a client with a secret", field="grant_types")


def _check_redirect_uri(uri: str) -> None:
    """Take https, http to this machine, and schemes of an application's own, which have a dot (RFC 8252, 7.1)."""
    if _is_uri(uri):
        parts = urlsplit(uri)
        if parts.scheme == "https" and parts.hostname and not parts.username:
            return
        if parts.scheme == "http" and parts.hostname in _LOOPBACK and not parts.username:
            return
        if "." in parts.scheme:
            return
    expected = "https://bot.example/back, http://127.0.0.1/back or com.example.bot:/back, without a fragment"
    raise InvalidRequestError(f"{shortened(uri)} is no redirect URI; write {expected}", field="redirect_uris")


def _is_uri(text: str) -> bool:
    if len(text) > _MOST_URI_CHARS or not _URI.fullmatch(text):
        return False
    try:
        urlsplit(text).port  # noqa: B018 - reading it is what checks it
    except ValueError:
        return False
    return True
