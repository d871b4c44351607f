"""How a client proves who it is: by HTTP Basic, in the form, or, where it has no secret, by its id alone."""

import base64
import binascii
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import unquote_plus

from ...domain.identity import ClientAuthentication
from ...domain.oauth_errors import ClientProofError, OAuthError


class ClientProof(NamedTuple):
    """What a client showed."""

    client: str
    secret: str
    """Empty where it has none."""
    method: ClientAuthentication


def read_proof(fields: Mapping[str, str], authorization: str | None) -> ClientProof:
    """
    Find the proof in a request.

    Raises:
        ClientProofError: there is none, or it cannot be read.
        OAuthError: there are two.
    """
    client, secret = fields.get("client_id", ""), fields.get("client_secret", "")
    if not authorization:
        if not client:
            raise ClientProofError
        return ClientProof(client, secret, ClientAuthentication.POST if secret else ClientAuthentication.NONE)
    if secret:
        raise OAuthError("invalid_request", "a client proves who it is in the header or in the form, not in both")
    proof = _basic(authorization)
    if client not in {"", proof.client}:
        raise OAuthError("invalid_request", "the client_id of the form is not the one of the header")
    return proof


def _basic(authorization: str) -> ClientProof:
    kind, _, written = authorization.partition(" ")
    try:
        client, colon, secret = base64.b64decode(written.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        raise ClientProofError from None
    if kind.lower() != "basic" or not colon or not client or not secret:
        raise ClientProofError
    return ClientProof(unquote_plus(client), unquote_plus(secret), ClientAuthentication.BASIC)
