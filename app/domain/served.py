"""What one worker says of one model: the version that answers, and on what grounds."""

from collections.abc import Mapping
from dataclasses import dataclass

from .errors import ParleyError


@dataclass(frozen=True, slots=True)
class Served:
    """A model as one worker serves it."""

    version: int | None
    """The one that answers for the model's name; None where none does."""
    aliases: tuple[int, int, int]
    """The signature of the aliases that the worker went by."""
    problem: str | None = None
    """What is wrong with the version that should answer."""


class NotServedError(ParleyError):
    """A version that should answer and does not in every worker; `reasons` has those, by what each is called."""

    def __init__(self, name: str, version: int, reasons: Mapping[str, str]) -> None:
        self.name, self.version, self.reasons = name, version, dict(reasons)
        told = "; ".join(f"{worker}: {reason}" for worker, reason in sorted(reasons.items()))
        super().__init__(f"version {version} of model {name!r} is not served by every worker ({told})")
