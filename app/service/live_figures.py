"""How a version answers while it is asked by everybody, and whether that is worse than what another did."""

from typing import Final, NamedTuple

import msgspec

_NOTICED_S: Final = 0.005
"""A text; what takes less than that longer is noticed by nobody, however many times as long it is."""


class LiveFigures(msgspec.Struct, frozen=True):
    """What a version has answered."""

    texts: int = 0
    fallbacks: int = 0
    """Texts for which no intent was named."""
    seconds: float = 0.0
    """Of the requests that held them, until their replies were made."""

    def since(self, earlier: "LiveFigures") -> "LiveFigures":
        """Give what was added to what was there earlier."""
        return LiveFigures(
            self.texts - earlier.texts, self.fallbacks - earlier.fallbacks, self.seconds - earlier.seconds
        )

    @property
    def fallback_share(self) -> float:
        """Of all texts."""
        return self.fallbacks / self.texts if self.texts else 0.0

    @property
    def seconds_a_text(self) -> float:
        """On average."""
        return self.seconds / self.texts if self.texts else 0.0


class Bounds(NamedTuple):
    """What is still good enough."""

    least: int
    """Texts that either version must have answered; with fewer nothing is decided."""
    fallbacks: float
    """By how much the share of fallbacks may rise."""
    slower: float
    """Times as long as before that a text may take."""


def worse(before: LiveFigures, now: LiveFigures, bounds: Bounds) -> list[str]:
    """Say in what a version does worse than the one before it, a sentence each; nothing where that cannot be told."""
    if min(before.texts, now.texts) < bounds.least:
        return []
    found = []
    if now.fallback_share - before.fallback_share > bounds.fallbacks:
        found.append(
            f"{now.fallback_share:.1%} of {now.texts} texts are not answered, {before.fallback_share:.1%} before"
        )
    took, takes = before.seconds_a_text, now.seconds_a_text
    if takes > took * bounds.slower and takes - took > _NOTICED_S:
        found.append(f"a text takes {takes * 1000:.1f} ms, {took * 1000:.1f} ms before")
    return found
