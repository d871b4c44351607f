"""Figures are those of scikit-learn; what abstaining does is counted apart."""

from collections import Counter
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.prediction import FallbackReason, IntentScore, Prediction
from app.evaluation.figures import ConfusionCell, measure

# pairs of a true intent and the highest-scoring one; None: nothing of the text was known
pairs = st.lists(st.tuples(st.sampled_from("abcde"), st.sampled_from([*"abcdef", None])), min_size=1, max_size=40)


@pytest.fixture(scope="module")
def sklearn_figures():
    from sklearn.metrics import accuracy_score, precision_recall_fscore_support

    def measure_them(truths: list[str], guesses: list[str], **options: Any) -> dict[str, Any]:
        figures = precision_recall_fscore_support(truths, guesses, zero_division=0, **options)
        names = ("precision", "recall", "f1", "support")
        return {"accuracy": accuracy_score(truths, guesses)} | dict(zip(names, figures, strict=True))

    return measure_them


def sure(best):
    """Make a prediction that names its best intent."""
    return Prediction(best, 0.9, None, (IntentScore(best, 0.9), IntentScore("z", 0.1)))


def unsure(best):
    """Make a prediction that names no intent for want of confidence."""
    return Prediction(None, 0.2, FallbackReason.LOW_CONFIDENCE, (IntentScore(best, 0.2), IntentScore("z", 0.1)))


LOST = Prediction(None, 0.0, FallbackReason.NO_KNOWN_WORDS, ())


def predicted(best):
    return LOST if best is None else sure(best)


def measured(found):
    return measure([truth for truth, _ in found], [predicted(best) for _, best in found])


@settings(database=None, deadline=None)
@given(pairs)
def test_figures_of_each_intent_are_those_of_scikit_learn(sklearn_figures, found):
    labels = sorted({label for pair in found for label in pair if label is not None})

    figures = measured(found)

    # a text of unknown words only was taken for no intent at all: for none of the labels
    guesses = [best or "nothing" for _, best in found]
    expected = sklearn_figures([truth for truth, _ in found], guesses, labels=labels, average=None)
    assert list(figures.intents) == labels
    for name in ("precision", "recall", "f1", "support"):
        assert [getattr(of_intent, name) for of_intent in figures.intents.values()] == pytest.approx(expected[name])


@pytest.mark.parametrize("average", ["macro", "weighted"])
@settings(database=None, deadline=None)
@given(found=pairs)
def test_accuracy_and_averages_are_those_of_scikit_learn_over_intents_and_not_over_nothing(
    sklearn_figures, average, found
):
    labels = sorted({label for pair in found for label in pair if label is not None})

    figures = measured(found)

    guesses = [best or "nothing" for _, best in found]
    expected = sklearn_figures([truth for truth, _ in found], guesses, labels=labels, average=average)
    assert figures.accuracy == pytest.approx(expected["accuracy"])
    for name in ("precision", "recall", "f1"):
        assert getattr(figures, f"{average}_{name}") == pytest.approx(expected[name])


@settings(database=None, deadline=None)
@given(pairs)
def test_the_confusion_matrix_is_that_of_scikit_learn_without_its_zeros(found):
    from sklearn.metrics import confusion_matrix

    labels = [*"abcdef", "nothing"]
    matrix = confusion_matrix([truth for truth, _ in found], [best or "nothing" for _, best in found], labels=labels)

    cells = measured(found).confusion

    rebuilt = [[0] * len(labels) for _ in labels]
    for cell in cells:
        rebuilt[labels.index(cell.intent)][labels.index(cell.taken_for or "nothing")] = cell.count
    assert rebuilt == matrix.tolist()
    assert all(cell.count for cell in cells)
    assert len({(cell.intent, cell.taken_for) for cell in cells}) == len(cells)


@settings(database=None, deadline=None)
@given(pairs, st.data())
def test_being_unsure_changes_no_figure_but_those_of_abstention(found, data):
    doubts = [best is not None and data.draw(st.booleans()) for _, best in found]

    figures = measure(
        [truth for truth, _ in found],
        [unsure(best) if doubt else predicted(best) for (_, best), doubt in zip(found, doubts, strict=True)],
    )

    surely = measured(found)
    assert msgspec.structs.replace(figures, abstention=surely.abstention, two_classes=surely.two_classes) == surely


@settings(database=None, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.sampled_from([*"abcdef", None])), min_size=30, max_size=120))
def test_the_most_confused_pairs_are_counted_and_come_first(found):
    confused = Counter(pair for pair in found if pair[0] != pair[1])

    listed = measured(found).most_confused

    assert {(pair.intent, pair.taken_for): pair.count for pair in listed}.items() <= confused.items()
    assert [pair.count for pair in listed] == sorted(confused.values(), reverse=True)[:10]


def test_pairs_confused_equally_often_come_in_order_of_their_names():
    found = [("b", "a"), ("a", "c"), ("a", "b"), ("a", None), ("b", "b"), ("c", "a"), ("c", "a")]

    assert measured(found).most_confused == [
        ConfusionCell("c", "a", 2),
        ConfusionCell("a", None, 1),
        ConfusionCell("a", "b", 1),
        ConfusionCell("a", "c", 1),
        ConfusionCell("b", "a", 1),
    ]


def test_abstention_counts_what_was_named_what_was_right_and_why_the_rest_was_not():
    predictions = [sure("a"), sure("a"), sure("b"), unsure("a"), unsure("b"), LOST]

    abstention = measure(["a", "b", "b", "a", "b", "a"], predictions).abstention

    assert abstention.coverage == pytest.approx(3 / 6)
    assert abstention.precision == pytest.approx(2 / 3)
    assert abstention.fallbacks == {"low_confidence": 2, "no_known_words": 1}


def test_where_nothing_was_named_its_precision_is_unknown():
    abstention = measure(["a", "b"], [unsure("a"), LOST]).abstention

    assert (abstention.coverage, abstention.precision) == (0.0, None)


def test_an_unsure_answer_that_would_have_been_right_counts_for_accuracy():
    assert measure(["a"], [unsure("a")]).accuracy == 1.0


def test_the_headline_is_accuracy_and_macro_f1():
    figures = measured([("a", "a"), ("b", "a")])

    assert figures.headline() == {"accuracy": 0.5, "macro_f1": pytest.approx(1 / 3)}


def test_nothing_cannot_be_measured():
    with pytest.raises(ValueError, match="nothing to measure"):
        measure([], [])


@pytest.mark.parametrize("n_predictions", [0, 1, 3])
def test_every_example_needs_its_prediction(n_predictions):
    with pytest.raises(ValueError, match="zip"):
        measure(["a", "b"], [sure("a")] * n_predictions)
