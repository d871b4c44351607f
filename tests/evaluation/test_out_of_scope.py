"""Texts out of scope are counted by what became of them."""

import pytest

from app.domain.prediction import FallbackReason, IntentScore, Prediction
from app.evaluation.out_of_scope import measure_out_of_scope

NAMED = Prediction("a", 0.9, None, (IntentScore("a", 0.9),))
FAR = Prediction(None, 0.1, FallbackReason.FAR_FROM_TRAINING_DATA, (IntentScore("a", 0.1),))
UNKNOWN = Prediction(None, 0.0, FallbackReason.NO_KNOWN_WORDS, ())


def test_recall_is_the_share_left_without_an_intent():
    figures = measure_out_of_scope([NAMED, FAR, FAR, UNKNOWN])

    assert (figures.examples, figures.recall) == (4, 0.75)
    assert figures.fallbacks == {"far_from_training_data": 2, "no_known_words": 1}


def test_there_must_be_something_to_measure():
    with pytest.raises(ValueError, match="nothing to measure"):
        measure_out_of_scope([])
