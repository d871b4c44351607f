"""
`family: auto`: try a few families on folds of the training examples, and take the one that answers best.

The candidates race (Maron & Moore 1994, "Hoeffding races", with a margin of two standard errors at worst, and 3 points
at least, in place of the bound): after each fold those far behind are dropped, and what the time budget leaves no room
for is not begun. Of two as good the one that stands first in the list wins: bags and linear machines before networks of
sequences.
"""

import dataclasses
import time
from collections.abc import Callable, Mapping, Sequence
from statistics import fmean, stdev
from typing import Any, Final, TypeAlias

import msgspec

from ..data.split import folds
from ..domain.example import Example
from ..domain.training_errors import DatasetError, TrainingError
from ..families.catalogue import family_named
from ..families.model_config import ModelConfig, resolve
from ..planning.auto_config import SearchConfig
from ..planning.check import CheckedPlan

AccuracyOf: TypeAlias = Callable[[CheckedPlan, Sequence[Example]], float]

_FAR_BEHIND: Final = 0.03
_AS_GOOD: Final = 0.002
_FEW: Final = 1_000
_FEW_REPEATS: Final = 2


@dataclasses.dataclass(slots=True)
class Candidate:
    """What may be chosen, and its accuracy on each fold that it was tried on."""

    name: str
    family: str
    settings: Mapping[str, Any]
    accuracies: list[float] = dataclasses.field(default_factory=list)
    seconds: float = 0.0
    """Of one fold, the last."""
    stopped: str = ""
    """What ended its race, where that was not being behind."""

    @property
    def accuracy(self) -> float:
        """The mean over its folds; 0 before the first."""
        return fmean(self.accuracies) if self.accuracies else 0.0

    def note(self) -> str:
        """Say how it did."""
        if not self.accuracies:
            return f"{self.name}: {self.stopped or 'not tried: nothing could be held out'}"
        spread = f" ± {stdev(self.accuracies):.1%}" if len(self.accuracies) > 1 else ""
        folds = f"{len(self.accuracies)} fold{'s' * (len(self.accuracies) != 1)}"
        return f"{self.name}: accuracy {self.accuracy:.1%}{spread} on {folds}, {self.seconds:.0f} s a fold"


def choose(checked: CheckedPlan, search: SearchConfig, accuracy_of: AccuracyOf) -> tuple[ModelConfig, list[str]]:
    """
    Choose a configuration for a plan whose family is `auto`.

    Args:
        checked: the plan and its data.
        search: how long to look.
        accuracy_of: trains a plan, and gives its accuracy on examples that were held out.

    Returns:
        The configuration, and sentences that say why it was chosen.
    """
    candidates = _candidates()
    alive, started, n_asked = list(candidates), time.monotonic(), 0
    for kept, held_out in _rounds(checked, search.folds):
        for candidate in alive:
            # one of the first two is to be had at any budget
            certain = not candidate.accuracies and candidate in candidates[:2]
            if certain or time.monotonic() - started + candidate.seconds <= search.budget_s:
                _try(candidate, checked, kept, held_out, accuracy_of)
            else:
                candidate.stopped = "not tried: no time was left"
        n_asked += len(held_out)
        far_behind = max(_FAR_BEHIND, n_asked**-0.5)
        best = max((candidate.accuracy for candidate in alive), default=0.0)
        alive = [candidate for candidate in alive if not candidate.stopped and candidate.accuracy >= best - far_behind]
    chosen = _best(candidates)
    return _config(checked.config, chosen), [
        f"`auto` chose {chosen.name}, within {search.budget_s:g} s:",
        *(candidate.note() for candidate in candidates),
    ]


def _rounds(checked: CheckedPlan, n_folds: int) -> list[tuple[list[Example], list[Example]]]:
    """Give the folds, more of them where examples are few; one that holds nothing out says nothing."""
    examples, seed = checked.training.examples, checked.config.training.seed
    repeats = _FEW_REPEATS if len(examples) < _FEW else 1
    rounds = [fold for repeat in range(repeats) for fold in folds(examples, n_folds, seed + repeat)]
    return [(kept, held_out) for kept, held_out in rounds if held_out]


def _try(
    candidate: Candidate, checked: CheckedPlan, kept: list[Example], held_out: list[Example], accuracy_of: AccuracyOf
) -> None:
    """Try a candidate on one fold; one that cannot learn from it is out of the race, and ends nobody else's."""
    begun = time.monotonic()
    fold = dataclasses.replace(
        checked,
        config=_config(checked.config, candidate),
        training=dataclasses.replace(checked.training, examples=tuple(kept)),
    )
    try:
        candidate.accuracies.append(accuracy_of(fold, held_out))
    except (DatasetError, TrainingError) as error:
        candidate.stopped = f"failed: {error}"
    candidate.seconds = time.monotonic() - begun


def _candidates() -> list[Candidate]:
    return [
        Candidate("bow", "bow", {}),
        Candidate("classical, linear_svm", "classical", {"network": {"classifier": "linear_svm"}}),
        Candidate("classical, logistic_regression", "classical", {"network": {"classifier": "logistic_regression"}}),
        Candidate("bow, longer character runs", "bow", {"features": {"longest_characters": 5, "max_terms": 8_000}}),
        Candidate("hybrid", "hybrid", {}),
        Candidate("lstm_attention", "lstm_attention", {}),
    ]


def _best(candidates: Sequence[Candidate]) -> Candidate:
    """Take the first of those as good as the best, of all that were tried on as many folds as any; else the first."""
    most = max(len(candidate.accuracies) for candidate in candidates)
    finished = [candidate for candidate in candidates if len(candidate.accuracies) == most]
    best = max(candidate.accuracy for candidate in finished)
    return next(candidate for candidate in finished if candidate.accuracy >= best - _AS_GOOD)


def _config(auto: ModelConfig, candidate: Candidate) -> ModelConfig:
    common = msgspec.to_builtins(auto.training)
    given = {
        "text": msgspec.to_builtins(auto.text),
        "min_confidence": auto.min_confidence,
        "keep_dataset": auto.keep_dataset,
        "entities": auto.entities,
        "training": {key: common[key] for key in ("seed", "validation_fraction", "refit", "class_weights")},
        **candidate.settings,
    }
    return resolve(family_named(candidate.family).config, given, f"candidate {candidate.name}")
