"""
Content that lies where others can read it: sealed, so that it means nothing without the key and cannot be changed.

A sealed value is the short name of its key, a nonce, and what AES-256-GCM makes of the content. It opens only as what
it was sealed about. The library is imported by whoever first seals or opens something: a server that is idle does
without.
"""

import hashlib
import hmac
import os
from functools import cached_property
from typing import TYPE_CHECKING, Final

from ..domain.operator_keys import LEAST_KEY_BYTES
from ..domain.queue_errors import DamagedPredictionError, SealedElsewhereError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NAME_BYTES: Final = 8
_NONCE_BYTES: Final = 12
_TAG_BYTES: Final = 16
_HEAD_BYTES: Final = _NAME_BYTES + _NONCE_BYTES
# a key that is used for something else too is another one there
_TO_SEAL: Final = b"parley: seal of the queue"
_TO_NAME: Final = b"parley: name of the key of the queue"


class Seal:
    """Seals and opens; safe to share between threads."""

    def __init__(self, key: bytes) -> None:
        """
        Take the key.

        Raises:
            ValueError: it is too short.
        """
        if len(key) < LEAST_KEY_BYTES:
            raise ValueError(f"a key has {LEAST_KEY_BYTES} bytes or more")
        self._key = hmac.digest(key, _TO_SEAL, "sha256")
        self._name = hashlib.sha256(hmac.digest(key, _TO_NAME, "sha256")).digest()[:_NAME_BYTES]

    def seal(self, content: bytes, about: bytes) -> bytes:
        """Seal content; `about` is not in it, and has to be known to open it."""
        nonce = os.urandom(_NONCE_BYTES)
        return self._name + nonce + self._cipher.encrypt(nonce, content, about)

    def open(self, sealed: bytes, about: bytes) -> bytes:
        """
        Give what was sealed.

        Raises:
            SealedElsewhereError: it was under another key.
            DamagedPredictionError: it was about something else, or is not as it was made.
        """
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415 - see above

        if len(sealed) < _HEAD_BYTES + _TAG_BYTES:
            raise DamagedPredictionError
        if not sealed.startswith(self._name):
            raise SealedElsewhereError
        try:
            return self._cipher.decrypt(sealed[_NAME_BYTES:_HEAD_BYTES], sealed[_HEAD_BYTES:], about)
        except InvalidTag:
            raise DamagedPredictionError from None

    @cached_property
    def _cipher(self) -> "AESGCM":
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - see above

        return AESGCM(self._key)
