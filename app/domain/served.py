"""What one worker says of one model: the version that answers, and on what grounds."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Served:
    """A model as one worker serves it."""

    version: int | None
    """The one that answers for the model's name; None where none does."""
    aliases: tuple[int, int, int]
    """The signature of the aliases that the worker went by."""
    problem: str | None = None
    """What is wrong with the version that should answer."""
