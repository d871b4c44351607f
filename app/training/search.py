"""
`family: auto`: try a few families on folds of the training examples, and take the one that answers best.

The candidates race (Maron & Moore 1994, "Hoeffding races", with the margin of one standard error at worst in place of
the bound): after each fold those far behind are dropped, and what the time budget leaves no room for is not begun.
What serves faster wins where two are as good: the candidates stand in that order.
"""

import dataclasses
import time
from collections.abc import Callable, Mapping, Sequence
from statistics import fmean, stdev
from typing import Any, Final, TypeAlias

import msgspec

from ..data.split import folds
from ..domain.errors import DatasetError, TrainingError
from ..domain.example import Dataset, Example
from ..families.catalogue import family_named
from ..families.model_config import ModelConfig, resolve
from .auto_config import AutoConfig, SearchConfig
from .check import CheckedPlan

AccuracyOf: TypeAlias = Callable[[CheckedPlan, Sequence[Example]], float]

_FAR_BEHIND: Final = 0.03
_AS_GOOD: Final = 0.002
_FEW: Final = 1_000
_FEW_REPEATS: Final = 2


@dataclasses.dataclass(slots=True)
class Trial:
    """A candidate, and its accuracy on each fold that it was tried on."""

    name: str
    family: str
    settings: Mapping[str, Any]
    accuracies: list[float] = dataclasses.field(default_factory=list)
    seconds: float = 0.0
    """Of one fold, the last."""
    stopped: str = ""
    """Why it was not tried further, where that was not for being behind."""

    @property
    def accuracy(self) -> float:
        """The mean over its folds; 0 before the first."""
        return fmean(self.accuracies) if self.accuracies else 0.0

    def note(self) -> str:
        """Say how it did."""
        if not self.accuracies:
            return f"{self.name}: not tried: {self.stopped or 'nothing could be held out'}"
        spread = f" ± {stdev(self.accuracies):.1%}" if len(self.accuracies) > 1 else ""
        folds = f"{len(self.accuracies)} fold{'s' * (len(self.accuracies) != 1)}"
        return f"{self.name}: accuracy {self.accuracy:.1%}{spread} on {folds}, {self.seconds:.0f} s a fold"


def choose(checked: CheckedPlan, accuracy_of: AccuracyOf) -> tuple[ModelConfig, list[str]]:
    """
    Choose a configuration for a plan whose family is `auto`.

    Args:
        checked: the plan and its data.
        accuracy_of: trains a plan, and gives its accuracy on examples that were held out.

    Returns:
        The configuration, and sentences that say why it was chosen.
    """
    search = checked.plan.config.search if isinstance(checked.plan.config, AutoConfig) else SearchConfig()
    trials = _candidates()
    alive, started, n_asked = list(trials), time.monotonic(), 0
    for kept, held_out in _rounds(checked, search.folds):
        for trial in alive:
            # the first two answer fastest, and one of them is to be had at any budget
            certain = not trial.accuracies and trial in trials[:2]
            if certain or time.monotonic() - started + trial.seconds <= search.budget_s:
                _try(trial, checked, kept, held_out, accuracy_of)
            else:
                trial.stopped = "no time was left"
        n_asked += len(held_out)
        far_behind = max(_FAR_BEHIND, n_asked**-0.5)
        best = max((trial.accuracy for trial in alive), default=0.0)
        alive = [trial for trial in alive if not trial.stopped and trial.accuracy >= best - far_behind]
    chosen = _best(trials)
    return _config(checked.plan.config, chosen), [
        f"`auto` chose {chosen.name}, within {search.budget_s:g} s:",
        *(trial.note() for trial in trials),
    ]


def _rounds(checked: CheckedPlan, n_folds: int) -> list[tuple[list[Example], list[Example]]]:
    """Give the folds, more of them where examples are few; one that holds nothing out says nothing."""
    examples, seed = checked.training.examples, checked.plan.config.training.seed
    repeats = _FEW_REPEATS if len(examples) < _FEW else 1
    rounds = [fold for repeat in range(repeats) for fold in folds(examples, n_folds, seed + repeat)]
    return [(kept, held_out) for kept, held_out in rounds if held_out]


def _try(
    trial: Trial, checked: CheckedPlan, kept: list[Example], held_out: list[Example], accuracy_of: AccuracyOf
) -> None:
    """Try a candidate on one fold; one that cannot learn from it is out of the race, and ends nobody else's."""
    begun = time.monotonic()
    fold = dataclasses.replace(
        checked,
        plan=dataclasses.replace(checked.plan, config=_config(checked.plan.config, trial)),
        training=Dataset(tuple(kept), source=checked.training.source),
    )
    try:
        trial.accuracies.append(accuracy_of(fold, held_out))
    except (DatasetError, TrainingError) as error:
        trial.stopped = str(error)
    trial.seconds = time.monotonic() - begun


def _candidates() -> list[Trial]:
    return [
        Trial("bow", "bow", {}),
        Trial("classical, linear_svm", "classical", {"network": {"classifier": "linear_svm"}}),
        Trial("classical, logistic_regression", "classical", {"network": {"classifier": "logistic_regression"}}),
        Trial("bow, longer character runs", "bow", {"features": {"longest_characters": 5, "max_terms": 8_000}}),
        Trial("hybrid", "hybrid", {}),
        Trial("lstm_attention", "lstm_attention", {}),
    ]


def _best(trials: Sequence[Trial]) -> Trial:
    """Take the first of those as good as the best, of all that were tried on as many folds as any; else the first."""
    most = max(len(trial.accuracies) for trial in trials)
    finished = [trial for trial in trials if len(trial.accuracies) == most]
    best = max(trial.accuracy for trial in finished)
    return next(trial for trial in finished if trial.accuracy >= best - _AS_GOOD)


def _config(auto: ModelConfig, trial: Trial) -> ModelConfig:
    common = msgspec.to_builtins(auto.training)
    given = {
        "text": msgspec.to_builtins(auto.text),
        "min_confidence": auto.min_confidence,
        "keep_dataset": auto.keep_dataset,
        "training": {key: common[key] for key in ("seed", "validation_fraction", "refit", "class_weights")},
        **trial.settings,
    }
    return resolve(family_named(trial.family).config, given, f"candidate {trial.name}")
