"""
Secrets that Parley makes: 256 random bits each, so that a plain digest gives nothing away and is found by an index.

Which of them is meant is told by how it begins. What is shown later to tell keys apart is no part of the random bits.
"""

import re
import secrets
from hashlib import sha256
from typing import Final, NamedTuple

_PREFIX_BYTES: Final = 4
_SECRET_BYTES: Final = 32
_KEY: Final = re.compile(r"prl_([0-9a-f]{8})_[A-Za-z0-9_-]{43}", re.ASCII)


class MadeKey(NamedTuple):
    """The secret of a key, and the part of it that may be shown."""

    prefix: str
    secret: str


def make_key() -> MadeKey:
    """Make the secret of a key."""
    prefix = secrets.token_hex(_PREFIX_BYTES)
    return MadeKey(prefix, f"prl_{prefix}_{secrets.token_urlsafe(_SECRET_BYTES)}")


def is_key(text: str) -> bool:
    """Say whether this has the form of a key."""
    return _KEY.fullmatch(text) is not None


def make_client_id() -> str:
    """Make the public name of a client: 24 characters."""
    return secrets.token_hex(12)


def make_client_secret() -> str:
    """Make the secret of a client: 48 characters."""
    return secrets.token_urlsafe(36)


def make_secret() -> str:
    """Make what nobody can guess, of a session or a token: 43 characters."""
    return secrets.token_urlsafe(_SECRET_BYTES)


def digest_of(secret: str) -> bytes:
    """Give what is kept in place of a secret."""
    return sha256(secret.encode("utf-8", "surrogatepass")).digest()
