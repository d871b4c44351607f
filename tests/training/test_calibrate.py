"""The temperature makes a model as sure as it is right, and the table says what each threshold would do."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from app.domain.abstention import Abstention
from app.domain.example import Example
from app.pipeline.calibration import Calibration, Threshold
from app.pipeline.intent_pipeline import IntentPipeline
from app.text.label_encoder import LabelEncoder
from app.training.calibrate import calibrate, carried_over

Drawn = tuple[NDArray[np.float32], NDArray[np.int64]]


@pytest.fixture(scope="module")
def honest() -> Drawn:
    """Scores of 4,000 examples, with labels drawn from the very probabilities that the scores state."""
    chance = np.random.default_rng(5)
    scores = chance.normal(0, 2, (4_000, 5)).astype(np.float32)
    probabilities = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    below = probabilities.cumsum(axis=1) < chance.random((len(scores), 1))
    return scores, np.minimum(below.sum(axis=1), 4).astype(np.int64)


@pytest.mark.parametrize("factor", [0.3, 0.5, 1.0, 2.0, 4.0])
def test_scores_that_are_too_large_by_a_factor_are_divided_by_it(honest, factor):
    scores, labels = honest

    found = calibrate((scores * factor).astype(np.float32), labels, 0.3)

    assert found.temperature == pytest.approx(factor, rel=0.06)


def test_calibrated_confidence_is_the_share_that_is_right(honest):
    scores, labels = honest

    probabilities = calibrate(scores * np.float32(3), labels, 0.3).probabilities(scores * np.float32(3))

    right = (probabilities.argmax(axis=1) == labels).mean()
    assert probabilities.max(axis=1).mean() == pytest.approx(right, abs=0.02)


@pytest.mark.parametrize("n", [1, 19])
def test_too_few_examples_leave_the_scores_alone(honest, n):
    scores, labels = honest

    assert calibrate(scores[:n] * np.float32(4), labels[:n], 0.3).temperature == 1.0


def test_no_examples_leave_the_scores_alone_and_the_table_empty():
    found = calibrate(np.zeros((0, 5), dtype=np.float32), np.zeros(0, dtype=np.int64), 0.3)

    assert (found.temperature, found.thresholds) == (1.0, ())


@pytest.mark.parametrize("n", [0, 5, 100])
def test_the_minimum_confidence_is_the_one_asked_for(honest, n):
    scores, labels = honest

    assert calibrate(scores[:n], labels[:n], 0.42).abstention.min_confidence == 0.42


@pytest.mark.parametrize("sign", [1, -1], ids=["always right", "always wrong"])
def test_a_temperature_stays_within_bounds_however_sure_the_examples_are(sign):
    labels = np.arange(40) % 4
    scores = (np.eye(4, dtype=np.float32)[labels] * np.float32(1_000 * sign)).astype(np.float32)

    assert 0.2 <= calibrate(scores, labels.astype(np.int64), 0.3).temperature <= 5.0


def test_the_table_begins_with_everything_answered(honest):
    scores, labels = honest

    first = calibrate(scores, labels, 0.3).thresholds[0]

    assert (first.min_confidence, first.coverage) == (0.0, 1.0)
    assert first.precision == pytest.approx((scores.argmax(axis=1) == labels).mean(), abs=1e-6)


def test_a_higher_threshold_answers_less_and_more_of_it_right(honest):
    scores, labels = honest

    table = calibrate(scores, labels, 0.3).thresholds

    coverages = [row.coverage for row in table]
    precisions = [row.precision for row in table if row.precision is not None]

    assert coverages == sorted(coverages, reverse=True)
    assert precisions[-1] > precisions[0]


def test_the_table_is_what_counting_gives(honest):
    scores, labels = honest
    found = calibrate(scores, labels, 0.3)
    probabilities = found.probabilities(scores)
    [row] = [row for row in found.thresholds if row.min_confidence == 0.6]

    answered = [(row.argmax(), label) for row, label in zip(probabilities, labels, strict=True) if row.max() >= 0.6]

    assert row.coverage == pytest.approx(len(answered) / len(labels), abs=1e-6)
    assert row.precision == pytest.approx(sum(best == label for best, label in answered) / len(answered), abs=1e-6)


def test_where_no_example_is_sure_enough_there_is_no_precision():
    scores = np.zeros((30, 5), dtype=np.float32)

    table = calibrate(scores, np.zeros(30, dtype=np.int64), 0.3).thresholds

    assert [row.precision for row in table if row.min_confidence > 0.2] == [None] * sum(
        row.min_confidence > 0.2 for row in table
    )
    assert table[-1].coverage == 0.0


class Doubling:
    """Features, session and network in one: a text is the number of its intent; what it scores is set."""

    zeros_may_fill: frozenset[str] = frozenset()

    def __init__(self, height: float) -> None:
        self.height = height

    def encode(self, text: str) -> dict[str, NDArray[np.int64]]:
        return {"ids": np.array([int(text)])}

    def scores(self, encodings: Any) -> NDArray[np.float32]:
        # a batch, as sessions take it, or encodings one by one
        numbers = encodings["ids"][:, 0] if isinstance(encodings, dict) else [e["ids"][0] for e in encodings]
        return np.asarray(np.eye(3)[numbers] * self.height, dtype=np.float32)


@pytest.mark.parametrize(("height", "least", "most"), [(3.0, 1.45, 1.55), (6.0, 2.0, 2.5), (1.5, 0.9, 1.1)])
def test_the_temperature_of_a_predecessor_is_carried_over_by_how_steep_the_scores_are(height, least, most):
    before, now = Doubling(3.0), Doubling(height)
    known = Calibration(1.5, Abstention(0.3), (Threshold(0.0, 1.0, 0.9),))
    anything: Any = before
    pipeline = IntentPipeline("m", anything, anything, anything, LabelEncoder(["a", "b", "c"]), known, {})
    examples = [Example(str(number % 3), "abc"[number % 3]) for number in range(30)]

    successor: Any = now
    carried = carried_over(Calibration(1.0, Abstention(0.4)), pipeline, successor, successor, examples)

    assert least <= carried.temperature <= most
    assert carried.thresholds == known.thresholds
    assert carried.abstention == Abstention(0.4)
