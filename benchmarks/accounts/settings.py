"""What a set of accounts is made by. Training never sees the settings of the held-out set, nor its seed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Settings:
    """How many accounts, of which behaviours, and how much chance is in them."""

    seed: int
    n_accounts: int
    behaviours: Mapping[str, float]
    """The share of each among the accounts of its side."""
    shyness: float
    """Chance that a field which says something about a behaviour says nothing in an account."""
    noise: float
    """Chance that a field says what those of the other side say."""
    missing: float
    """Chance that a field is left out, or empty, whatever would stand in it."""
    malformed: float
    """Chance that a field is damaged on its way."""


TRAINING: Final = Settings(
    seed=20_260_101,
    n_accounts=2_400,
    behaviours={
        "promoter": 0.35, "filler": 0.25, "sleeper": 0.2, "mimic": 0.2,
        "regular": 0.35, "newcomer": 0.25, "artist": 0.2, "lurker": 0.2,
    },
    shyness=0.28,
    noise=0.03,
    missing=0.06,
    malformed=0.02,
)  # fmt: skip

HELD_OUT: Final = Settings(
    seed=77_004,
    n_accounts=1_000,
    behaviours={
        "promoter": 0.15, "filler": 0.35, "sleeper": 0.3, "mimic": 0.2,
        "regular": 0.2, "newcomer": 0.35, "artist": 0.3, "lurker": 0.15,
    },
    shyness=0.25,
    noise=0.04,
    missing=0.08,
    malformed=0.04,
)  # fmt: skip
