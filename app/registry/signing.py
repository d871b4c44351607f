"""
Signatures of versions: proof that whoever published one holds the operator's key.

Digests tell that files are the ones that were published; whoever can write to the folder can make them right. A
signature cannot be made without the key. It stands in a file of its own beside the manifest, so that what was published
without one can be signed later, and nothing else of the version changes.
"""

import hmac
from typing import Final

from ..domain.damage_errors import UnsignedVersionError, WrongSignatureError
from ..domain.operator_keys import LEAST_KEY_BYTES

SIGNATURE: Final = "manifest.sig"

_SCHEME: Final = b"hmac-sha256 "
_ABOUT: Final = b"parley: manifest of a version\n"  # a key that signs something else too signs other bytes there


class Signing:
    """Signs manifests, and insists on signatures where that is wanted; without a key it does neither."""

    def __init__(self, key: bytes | None = None, *, is_required: bool = False) -> None:
        """
        Take the operator's key.

        Raises:
            ValueError: it is too short, or missing where signatures are required.
        """
        if key is not None and len(key) < LEAST_KEY_BYTES:
            raise ValueError(f"a key has {LEAST_KEY_BYTES} bytes or more")
        if key is None and is_required:
            raise ValueError("signatures can only be required with a key")
        self._key, self.is_required = key, is_required

    @property
    def has_key(self) -> bool:
        """Whether it can sign."""
        return self._key is not None

    def signature(self, canonical: bytes) -> bytes | None:
        """Give what the file of the signature holds, for the canonical JSON of a manifest; None without a key."""
        if self._key is None:
            return None
        return _SCHEME + hmac.digest(self._key, _ABOUT + canonical, "sha256").hex().encode() + b"\n"

    def check(self, path: str, canonical: bytes, found: bytes | None) -> None:
        """
        Look at a signature where one is required; `path` names the manifest in errors.

        Raises:
            UnsignedVersionError: there is none.
            WrongSignatureError: it was not made with this key, or not for this manifest.
        """
        expected = self.signature(canonical)
        if not self.is_required or expected is None:
            return
        if found is None:
            raise UnsignedVersionError(path)
        if not hmac.compare_digest(found, expected):
            raise WrongSignatureError(path)


UNSIGNED: Final = Signing()
"""Of a registry whose operator gave no key."""
