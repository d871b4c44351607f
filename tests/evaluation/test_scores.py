"""What scores say: how sure the model was, and what every threshold on an intent's score would do."""

import statistics

import pytest

from app.domain.prediction import FallbackReason, IntentScore, Prediction
from app.evaluation.figures import measure
from app.evaluation.html_report import report_html
from app.evaluation.report import Report
from app.evaluation.score_curves import measure_scores


def said(**confidences: float) -> Prediction:
    ranking = tuple(IntentScore(*place) for place in sorted(confidences.items(), key=lambda place: -place[1]))
    return Prediction(ranking[0].intent, ranking[0].confidence, None, ranking)


TRUE = ["bill", "bill", "order", "order", "song"]
SAID = [
    said(bill=0.9, order=0.08, song=0.02),
    said(order=0.6, bill=0.3, song=0.1),
    said(order=0.8, bill=0.1, song=0.1),
    said(bill=0.5, order=0.4, song=0.1),
    Prediction(None, 0.0, FallbackReason.NO_KNOWN_WORDS, ()),
]


def test_confidence_is_summed_up_right_and_wrong_apart():
    figures = measure_scores(TRUE, SAID).confidence

    assert (figures.minimum, figures.maximum) == (0.0, 0.9)
    assert figures.average == pytest.approx(0.56)
    assert figures.standard_deviation == pytest.approx(statistics.pstdev([0.9, 0.6, 0.8, 0.5, 0.0]))
    assert figures.average_where_right == pytest.approx(0.85)
    assert figures.average_where_wrong == pytest.approx(1.1 / 3)


def test_the_area_under_the_curve_is_the_share_of_pairs_in_the_right_order():
    intents = measure_scores(TRUE, SAID).intents

    # of 2 x 3 pairs of a bill and something else, one has the other before: 0.3 < 0.5
    assert intents["bill"].roc_auc == pytest.approx(5 / 6)
    assert intents["song"].roc_auc == pytest.approx(0.0)


def test_curves_begin_and_end_where_they_should():
    bill = measure_scores(TRUE, SAID).intents["bill"]

    assert (bill.roc[0], bill.roc[-1]) == ((0.0, 0.0), (1.0, 1.0))
    assert bill.precision_recall[0] == (0.0, 1.0)
    assert bill.precision_recall[-1][0] == 1.0


def test_an_intent_that_all_examples_have_has_no_curve():
    assert measure_scores(["bill"], [said(bill=1.0)]).intents == {}


def test_a_curve_of_many_examples_keeps_its_shape_in_few_points():
    many = [said(bill=n / 2_000, order=1 - n / 2_000) for n in range(2_000)]
    intents = ["bill" if n % 3 else "order" for n in range(2_000)]

    assert len(measure_scores(intents, many).intents["bill"].roc) <= 200


def test_the_page_shows_confidence_and_curves_with_texts_as_texts():
    true, given = ["<b>", "order"], [said(**{"<b>": 0.9, "order": 0.1}), said(**{"order": 0.7, "<b>": 0.3})]

    page = report_html(Report("desk", "bow", None, measure(true, given), []), measure_scores(true, given)).decode()

    assert page.count("<polyline") == 6
    assert "Standard deviation" in page
    assert "<b>" not in page
    assert report_html(Report("desk", "bow", None, measure(true, given), [])).decode().count("<polyline") == 0
