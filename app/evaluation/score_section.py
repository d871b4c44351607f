"""How sure a model was, and the curves of its scores, in the page of an evaluation."""

from collections.abc import Sequence
from xml.etree.ElementTree import Element

from .markup import breakable, element, table
from .score_figures import ConfidenceFigures, Curves, ScoreFigures
from .unit_chart import UnitChart


def confidences(figures: ConfidenceFigures) -> list[Element]:
    """Show them as a table."""
    rows = [
        ("Average", figures.average),
        ("Minimum", figures.minimum),
        ("Maximum", figures.maximum),
        ("Standard deviation", figures.standard_deviation),
        ("Average where right", figures.average_where_right),
        ("Average where wrong", figures.average_where_wrong),
    ]
    cells = [
        [element("th", what, scope="row"), element("td", "–" if value is None else f"{value:.3f}")]
        for what, value in rows
    ]
    return [table("How sure the model was of its first place", ["Confidence", "Value"], cells, "numbers")]


def curves(figures: ScoreFigures) -> list[Element]:
    """Show the curves of all intents together, and those of each."""
    parts: list[Element] = []
    if figures.all_intents is not None:
        parts += [element("h3", "All intents"), _charts("all intents", "curve", figures.all_intents)]
    if figures.intents:
        parts += [element("h3", "Each intent"), _table(figures.intents)]
    for number, (intent, of_intent) in enumerate(figures.intents.items()):
        charts = _charts(intent, f"curve-{number}", of_intent)
        parts.append(element("details", element("summary", intent), charts))
    return parts


def _table(intents: dict[str, Curves]) -> Element:
    rows: Sequence[Sequence[Element]] = [
        [
            element("th", *breakable(intent), scope="row"),
            element("td", f"{of_intent.roc_auc:.3f}"),
            element("td", f"{of_intent.average_precision:.3f}"),
        ]
        for intent, of_intent in intents.items()
    ]
    return table("Areas under the curves", ["Intent", "ROC", "Average precision"], rows, "numbers")


def _charts(intent: str, name: str, of_intent: Curves) -> Element:
    charts = [
        UnitChart(
            name=f"{name}-roc",
            title=f"ROC, {intent}",
            description=f"The share found by the share of others taken for it; the area is {of_intent.roc_auc:.3f}.",
            across="others taken for it",
            points=of_intent.roc,
            diagonal=True,
        ),
        UnitChart(
            name=f"{name}-pr",
            title=f"Precision and recall, {intent}",
            description=f"Precision by recall; the average precision is {of_intent.average_precision:.3f}.",
            across="recall",
            points=of_intent.precision_recall,
        ),
    ]
    figures = [element("figure", element("figcaption", chart.title), chart.drawn()) for chart in charts]
    return element("div", *figures, class_="charts")
