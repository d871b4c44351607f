"""The report of a model: figures on its validation and test examples, and what was noticed on the way."""

import msgspec

from .entity_figures import EntityReport
from .figures import Figures
from .out_of_scope import OutOfScopeFigures


class EpochFigures(msgspec.Struct, frozen=True):
    """What one epoch of the training came to; epochs of a stage are numbered from 1."""

    stage: str
    number: int
    loss: float
    accuracy: float
    validation_loss: float | None
    validation_accuracy: float | None


class Report(msgspec.Struct, frozen=True):
    """What is printed after a training, and kept with the version as `report.json`."""

    model: str
    family: str
    validation: Figures | None
    test: Figures | None
    warnings: list[str]
    learning_curve: list[EpochFigures] = []
    notes: list[str] = []
    """What was decided on the way, and why."""
    out_of_scope: OutOfScopeFigures | None = None
    """On texts that no intent is meant for."""
    entities: EntityReport | None = None
    """On the marked test examples, where the model finds entities."""

    def to_json(self) -> bytes:
        """Write the report as its file has it."""
        return msgspec.json.format(msgspec.json.encode(self), indent=2) + b"\n"

    def metrics(self) -> dict[str, dict[str, float] | None]:
        """Give the headline of each set."""
        return {
            "validation": self.validation.headline() if self.validation else None,
            "test": self.test.headline() if self.test else None,
        }
