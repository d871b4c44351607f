"""What is wrong with data, and with trainings; part of the tree in errors.py."""

from collections.abc import Sequence
from typing import Final

from .errors import ParleyError

_SHOWN: Final = 20
"""Problems of one file that are told."""


class DatasetError(ParleyError):
    """Training or test data that cannot be used."""

    field = "examples"


class UnreadableDataError(DatasetError):
    """A file that is not what its format asks for: each place in it, with its line from 1 where there is one."""

    def __init__(self, source: str, problems: Sequence[tuple[int | None, str]]) -> None:
        self.source, self.problems = source, tuple(problems)
        shown = [
            f"{source}: {problem}" if line is None else f"{source}:{line}: {problem}"
            for line, problem in problems[:_SHOWN]
        ]
        shown += [f"{source}: and {len(problems) - _SHOWN:,} more like these"] * (len(problems) > _SHOWN)
        super().__init__("\n".join(shown))


class UnusableDatasetError(DatasetError):
    """A file that was read and from which nothing can be learned."""

    def __init__(self, source: str, problem: str) -> None:
        self.source, self.problem = source, problem
        super().__init__(f"{source}: {problem}")


class UntrainableOrderError(ParleyError):
    """A training that was asked for and cannot be done; `field` says what of the request is in the way."""

    def __init__(self, problem: str, field: str) -> None:
        self.problem, self.field = problem, field
        super().__init__(problem)


class CannotContinueError(ParleyError):
    """A version that no training can go on from; `problem` says why."""

    def __init__(self, model: str, version: int, problem: str) -> None:
        self.model, self.version, self.problem = model, version, problem
        super().__init__(f"model {model!r} version {version} cannot be trained further: {problem}; train in full")


class TrainingError(ParleyError):
    """A training that ended without a model worth keeping."""


class NonFiniteLossError(TrainingError):
    """A loss that became infinite or not a number."""

    def __init__(self, model: str, epoch: int) -> None:
        self.model, self.epoch = model, epoch
        super().__init__(f"model {model!r}: the loss was not finite in epoch {epoch}; try a lower learning_rate")


class ParityError(TrainingError):
    """An export that does not compute what the trained network computes."""

    def __init__(self, model: str, difference: float, allowed: float) -> None:
        self.model, self.difference, self.allowed = model, difference, allowed
        super().__init__(f"model {model!r}: the export differs by {difference:.2g}, more than {allowed:.0e}")


class UnimportableModelError(ParleyError):
    """A model of another system that cannot be brought along; `source` is its file or folder."""

    def __init__(self, source: str, problem: str) -> None:
        self.source, self.problem = source, problem
        super().__init__(f"{source}: {problem}")


class ForbiddenNameError(UnimportableModelError):
    """A pickle of another system that names something that is not on the list of what such pickles are made of."""

    def __init__(self, source: str, name: str) -> None:
        self.name = name
        super().__init__(source, f"it names {name}, which is not on the list of what may stand in such a pickle")
