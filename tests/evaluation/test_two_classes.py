"""Of two intents, each is said how often it is a false alarm and how often it is missed, and how sure the model is."""

import pytest

from app.domain.prediction import FallbackReason, IntentScore, Prediction
from app.evaluation.figures import measure


def said(intent: str | None, confidence: float) -> Prediction:
    if intent is None:
        return Prediction(None, 0.0, FallbackReason.NO_KNOWN_WORDS, ())
    return Prediction(intent, confidence, None, (IntentScore(intent, confidence),))


def test_a_false_alarm_of_one_is_a_miss_of_the_other():
    truth = ["spam"] * 4 + ["genuine"] * 5
    answers = [said("spam", 0.9)] * 3 + [said("genuine", 0.6)] + [said("genuine", 0.8)] * 4 + [said("spam", 0.5)]

    figures = measure(truth, answers).two_classes

    assert figures is not None
    assert (figures.errors["spam"].type_1_error, figures.errors["spam"].type_2_error) == (0.2, 0.25)
    assert (figures.errors["genuine"].type_1_error, figures.errors["genuine"].type_2_error) == pytest.approx(
        (0.25, 0.2)
    )


def test_confidences_have_their_average_and_spread():
    figures = measure(["a", "b"], [said("a", 1.0), said("b", 0.5)]).two_classes

    assert figures is not None
    assert (figures.confidence.average, figures.confidence.minimum, figures.confidence.maximum) == (0.75, 0.5, 1.0)
    assert figures.confidence.standard_deviation == 0.25


def test_what_nothing_is_known_of_is_missed_and_no_false_alarm():
    figures = measure(["a", "b"], [said(None, 0.0), said("b", 0.5)]).two_classes

    assert figures is not None
    assert (figures.errors["a"].type_2_error, figures.errors["b"].type_1_error) == (1.0, 0.0)


@pytest.mark.parametrize("truth", [["a"], ["a", "b", "c"]])
def test_of_one_or_three_intents_there_are_no_such_figures(truth):
    assert measure(truth, [said(intent, 0.5) for intent in truth]).two_classes is None
