"""
What was proven a short while ago, under keyed digests: neither a proof nor a plain digest of one is held.

There are two lives. Whom a proof belongs to holds for seconds, and no longer than nothing about identity changes on
this machine; then keys, tokens and users are looked at again, which costs a read. That a password was right for a hash
holds for a minute, for finding out takes 50 ms by design.
"""

import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from hashlib import blake2b
from typing import Final, NamedTuple

from ...domain.caller import Caller
from .stores import Changes

PROOF_S: Final = 5.0
PASSWORD_S: Final = 60.0
_AT_MOST: Final = 4_000


class _Proven(NamedTuple):
    caller: Caller
    until: float
    as_of: int


class RememberedProofs:
    """Whom proofs belong to; safe to share between threads."""

    def __init__(self, changes: Changes, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._changes, self._clock = changes, clock
        self._keyed = _keyed()
        self._proven: OrderedDict[bytes, _Proven] = OrderedDict()
        self._remembering = threading.Lock()

    def as_of(self) -> int:
        """Give what is to be handed to `remember`: read before a proof is looked at, so that no change is missed."""
        self._changes.refresh()
        return self._changes.read()

    def recall(self, proof: str) -> Caller | None:
        """Give whom a proof belongs to; None: it has to be looked at. Costs no system call."""
        proven = self._proven.get(_digest(self._keyed, proof))
        if proven is None or self._clock() >= proven.until or proven.as_of != self._changes.read():
            return None
        return proven.caller

    def was_accepted(self, proof: str) -> bool:
        """Say whether a proof was right when it was looked at last, not long ago: then it is no guess."""
        return _digest(self._keyed, proof) in self._proven

    def forget(self, proof: str) -> None:
        """Forget a proof that is not right any more."""
        with self._remembering:
            self._proven.pop(_digest(self._keyed, proof), None)

    def remember(self, proof: str, caller: Caller, as_of: int) -> None:
        """Keep whom a proof belongs to, that was looked at after `as_of` was read."""
        digest = _digest(self._keyed, proof)
        with self._remembering:
            self._proven[digest] = _Proven(caller, self._clock() + PROOF_S, as_of)
            self._proven.move_to_end(digest)
            while len(self._proven) > _AT_MOST:
                self._proven.popitem(last=False)


class RightPasswords:
    """Which passwords were right for which hashes; safe to share between threads."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._keyed = _keyed()
        self._right: OrderedDict[bytes, float] = OrderedDict()
        self._remembering = threading.Lock()

    def digest(self, *parts: str) -> bytes:
        """Give what stands for a password with all that it was given with."""
        return _digest(self._keyed, "".join(f"{len(part)}:{part}" for part in parts))

    def holds(self, digest: bytes) -> bool:
        """Say whether it was right a short while ago."""
        until = self._right.get(digest)
        return until is not None and self._clock() < until

    def was_right(self, digest: bytes) -> bool:
        """Say whether it was right at any time that is remembered: then whoever gives it did not guess it."""
        return digest in self._right

    def remember(self, digest: bytes) -> None:
        """Keep that it was right."""
        with self._remembering:
            self._right[digest] = self._clock() + PASSWORD_S
            self._right.move_to_end(digest)
            while len(self._right) > _AT_MOST:
                self._right.popitem(last=False)


def _keyed() -> blake2b:
    return blake2b(key=secrets.token_bytes(32))


def _digest(keyed: blake2b, text: str) -> bytes:
    digest = keyed.copy()  # in which the key is settled; to begin with the key takes as long again
    digest.update(text.encode("utf-8", "surrogatepass"))
    return digest.digest()
