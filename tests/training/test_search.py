"""`family: auto` races its candidates on the same folds; what they come to is given here: only the race runs."""

from collections.abc import Sequence
from typing import Any

import pytest

from app.domain.example import Dataset, Example
from app.domain.training_errors import NonFiniteLossError
from app.families.model_config import TrainingConfig
from app.planning.auto_config import AutoConfig, SearchConfig
from app.planning.check import CheckedPlan
from app.training.search import AccuracyOf, choose

EXAMPLES = tuple(Example(f"text {number}", "ab"[number % 2]) for number in range(3_000))


def plan_of(examples: Sequence[Example] = EXAMPLES) -> CheckedPlan:
    config = AutoConfig(training=TrainingConfig(seed=3), min_confidence=0.4)
    return CheckedPlan("m", config, Dataset(tuple(examples)))


def candidate(checked: CheckedPlan) -> str:
    """Name what tells the candidates apart."""
    config: Any = checked.config
    return getattr(config.network, "classifier", f"{config.family}{getattr(config.features, 'longest_characters', '')}")


def chosen(checked: CheckedPlan, accuracy_of: AccuracyOf, budget_s: float = 1_000.0) -> tuple[Any, list[str]]:
    return choose(checked, SearchConfig(budget_s=budget_s), accuracy_of)


class Races:
    """Gives each candidate the accuracy that was said, and remembers who was asked."""

    def __init__(self, accuracies: dict[str, float], otherwise: float = 0.5) -> None:
        self.accuracies, self.otherwise = accuracies, otherwise
        self.asked: list[str] = []

    def __call__(self, checked: CheckedPlan, _: Sequence[Example]) -> float:
        self.asked.append(candidate(checked))
        return self.accuracies.get(self.asked[-1], self.otherwise)


@pytest.mark.parametrize(("best", "family"), [("bow4", "bow"), ("linear_svm", "classical"), ("hybrid", "hybrid")])
def test_the_candidate_that_answers_best_is_chosen(best, family):
    config, notes = chosen(plan_of(), Races({best: 0.9}))

    assert config.family == family
    assert notes[0].startswith(f"`auto` chose {family}")


def test_of_candidates_as_good_the_first_in_the_list_is_chosen():
    config, _ = chosen(plan_of(), Races({"bow4": 0.9, "hybrid": 0.901}))

    assert config.family == "bow"


def test_what_is_far_behind_is_not_tried_again():
    races = Races({"bow4": 0.9, "linear_svm": 0.89}, otherwise=0.6)

    chosen(plan_of(), races)

    assert races.asked.count("bow4") == races.asked.count("linear_svm") == 3
    assert races.asked.count("hybrid") == races.asked.count("lstm_attention") == 1


def test_every_example_of_a_repeated_intent_is_held_out_once_and_never_beside_itself():
    seen: list[Example] = []

    def look(checked: CheckedPlan, held_out: Sequence[Example]) -> float:
        assert not set(held_out) & set(checked.training.examples)
        if candidate(checked) == "bow4":
            seen.extend(held_out)
        return 0.5

    chosen(plan_of(), look)

    assert sorted(seen, key=EXAMPLES.index) == list(EXAMPLES)


def test_without_any_time_the_first_two_are_tried_once():
    races = Races({"linear_svm": 0.9})

    config, notes = chosen(plan_of(), races, budget_s=0.0)

    assert races.asked == ["bow4", "linear_svm"]
    assert config.family == "classical"
    assert "hybrid: not tried: no time was left" in notes


def test_a_candidate_that_fails_ends_no_other_and_is_told():
    def fail(checked: CheckedPlan, _: Sequence[Example]) -> float:
        if candidate(checked) == "bow4":
            raise NonFiniteLossError("m", 2)
        return 0.5

    config, notes = chosen(plan_of(), fail)

    assert config.family == "classical"
    assert any(note.startswith("bow: failed: ") for note in notes)


def test_where_nothing_can_be_held_out_the_default_family_is_taken():
    config, notes = chosen(plan_of([Example("hello", "a"), Example("rain", "b")]), Races({}))

    assert config.family == "bow"
    assert "bow: not tried: nothing could be held out" in notes


def test_what_all_families_have_in_common_is_kept():
    config, _ = chosen(plan_of(), Races({"linear_svm": 0.9}))

    assert (config.min_confidence, config.training.seed) == (0.4, 3)
