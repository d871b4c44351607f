"""How each intent fares, and what abstaining does, in the page of a report."""

from collections.abc import Sequence
from xml.etree.ElementTree import Element

from .figures import AbstentionFigures, Figures, IntentFigures
from .markup import breakable, element, table

_MOST_AT_ONCE = 40
_WEAKEST = 15


def intents(figures: Figures) -> list[Element]:
    """Give a row to each intent, the weakest first; of many intents the strong ones are folded away."""
    ordered = sorted(figures.intents.items(), key=lambda item: (item[1].f1, item[0]))
    if len(ordered) <= _MOST_AT_ONCE:
        return [_table("Every intent, the weakest first", ordered)]
    rest = ordered[_WEAKEST:]
    return [
        _table(f"The {_WEAKEST} weakest of {len(ordered)} intents", ordered[:_WEAKEST]),
        element("details", element("summary", f"The other {len(rest)} intents"), _table("The other intents", rest)),
    ]


def _table(caption: str, rows: Sequence[tuple[str, IntentFigures]]) -> Element:
    cells = [
        [
            element("th", *breakable(intent), scope="row"),
            *(_rate(rate) for rate in (of_intent.precision, of_intent.recall, of_intent.f1)),
            element("td", f"{of_intent.support}"),
        ]
        for intent, of_intent in rows
    ]
    return table(caption, ("Intent", "Precision", "Recall", "F1", "Support"), cells, "intents")


def _rate(rate: float) -> Element:
    return element("td", f"{rate:.3f}", _bar([("right", rate)]))


def _bar(parts: Sequence[tuple[str, float]]) -> Element:
    """Draw shares of a whole side by side; the numbers beside it say the same, so it is hidden from readers."""
    drawn, start = [], 0.0
    for kind, share in parts:
        if share:
            drawn.append(element("rect", x=f"{start:.2f}", width=f"{share * 100:.2f}", height=8, class_=kind))
        start += share * 100
    return element(
        "svg",
        element("rect", width=100, height=8, class_="track"),
        *drawn,
        viewBox="0 0 100 8",
        preserveAspectRatio="none",
        class_="bar",
        aria_hidden="true",
    )


def abstention(figures: Figures) -> list[Element]:
    """Show how many examples were answered, how many of those rightly, and why the others were not."""
    found: AbstentionFigures = figures.abstention
    answered = round(found.coverage * figures.examples)
    right = round((found.precision or 0.0) * answered)
    shares = [
        ("right", "answered rightly", right),
        ("wrong", "answered wrongly", answered - right),
        *(("silent", f"not answered: {spoken(reason)}", count) for reason, count in found.fallbacks.items()),
    ]
    rows = [
        [
            element("th", element("i", class_=f"swatch {kind}"), what, scope="row"),
            element("td", f"{count:,}"),
            element("td", f"{count / figures.examples:.1%}"),
        ]
        for kind, what, count in shares
    ]
    return [
        table("What was answered, and what came of it", ("Outcome", "Examples", "Share"), rows, "numbers"),
        _bar([(kind, count / figures.examples) for kind, _, count in shares]),
    ]


def spoken(reason: str) -> str:
    """Give the reason of a fallback as a person would say it."""
    return reason.replace("_", " ")
