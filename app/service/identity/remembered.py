"""
What was proven a short while ago, under keyed digests: neither a proof nor a plain digest of one is held.

There are two lives. Whom a proof belongs to holds for seconds, and no longer than nothing about identity changes on
this machine; then keys, tokens and users are looked at again, which costs a read. That a password was right for a hash
holds until nobody has asked for a minute, or for a day: finding out takes 50 ms by design, and gives the same for ever.
Of a proof that is old, but holds, the first to ask may look at it again, while all are recalled.
"""

import math
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
OLD_AFTER_S: Final = 3.0
PASSWORD_S: Final = 60.0
PASSWORD_AT_MOST_S: Final = 86_400.0
"""So that it is noted once a day that somebody came in from there; see lockout.py."""
_AT_MOST: Final = 4_000


class _Proven(NamedTuple):
    caller: Caller
    old_from: float
    until: float
    as_of: int


class _Right(NamedTuple):
    until: float
    at_most: float


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

    def recall(self, proof: str, when_old: Callable[[], None] | None = None) -> Caller | None:
        """
        Give whom a proof belongs to; None: it has to be looked at. Costs no system call.

        `when_old` is called once for each time that a proof is remembered, where it is about to be forgotten.
        """
        digest, now = _digest(self._keyed, proof), self._clock()
        proven = self._proven.get(digest)
        if proven is None or now >= proven.until or proven.as_of != self._changes.read():
            return None
        if when_old is not None and now >= proven.old_from and self._is_first_to_notice(digest, proven):
            when_old()
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
            now = self._clock()
            self._proven[digest] = _Proven(caller, now + OLD_AFTER_S, now + PROOF_S, as_of)
            self._proven.move_to_end(digest)
            while len(self._proven) > _AT_MOST:
                self._proven.popitem(last=False)

    def _is_first_to_notice(self, digest: bytes, proven: _Proven) -> bool:
        with self._remembering:
            if self._proven.get(digest) is not proven:
                return False
            self._proven[digest] = proven._replace(old_from=math.inf)
            return True


class RightPasswords:
    """Which passwords were right for which hashes; safe to share between threads."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._keyed = _keyed()
        self._right: OrderedDict[bytes, _Right] = OrderedDict()
        self._remembering = threading.Lock()

    def digest(self, *parts: str) -> bytes:
        """Give what stands for a password with all that it was given with."""
        return _digest(self._keyed, "".join(f"{len(part)}:{part}" for part in parts))

    def holds(self, digest: bytes) -> bool:
        """Say whether it was right, and asked for a short while ago; it is kept for as long again."""
        with self._remembering:
            right, now = self._right.get(digest), self._clock()
            if right is None or now >= right.until:
                return False
            self._right[digest] = right._replace(until=min(now + PASSWORD_S, right.at_most))
            self._right.move_to_end(digest)
            return True

    def was_right(self, digest: bytes) -> bool:
        """Say whether it was right at any time that is remembered: then whoever gives it did not guess it."""
        return digest in self._right

    def remember(self, digest: bytes) -> None:
        """Keep that it was right."""
        with self._remembering:
            now = self._clock()
            self._right[digest] = _Right(now + PASSWORD_S, now + PASSWORD_AT_MOST_S)
            self._right.move_to_end(digest)
            while len(self._right) > _AT_MOST:
                self._right.popitem(last=False)


def _keyed() -> blake2b:
    return blake2b(key=secrets.token_bytes(32))


def _digest(keyed: blake2b, text: str) -> bytes:
    digest = keyed.copy()  # in which the key is settled; to begin with the key takes as long again
    digest.update(text.encode("utf-8", "surrogatepass"))
    return digest.digest()
