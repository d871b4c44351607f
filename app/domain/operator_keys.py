"""Keys that an operator chooses: what versions are signed with, and what the queue is sealed with."""

from typing import Final

LEAST_KEY_BYTES: Final = 32


def key_bytes(key: str) -> bytes:
    """Give the bytes of a key; a variable of the environment may hold any."""
    return key.encode(errors="surrogateescape")
