"""The key that versions are signed with."""

from typing import Final

LEAST_KEY_BYTES: Final = 32


def key_bytes(key: str) -> bytes:
    """Give the bytes of a key; a variable of the environment may hold any."""
    return key.encode(errors="surrogateescape")
