"""How each intent fares, and what abstaining does, in the page of a report."""

from collections.abc import Sequence
from xml.etree.ElementTree import Element

from .figures import AbstentionFigures, Figures, IntentFigures
from .markup import breakable, element

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
    heads = ("Intent", "Precision", "Recall", "F1", "Support")
    return element(
        "table",
        element("caption", caption),
        element("thead", element("tr", *(element("th", head, scope="col") for head in heads))),
        element(
            "tbody",
            *(
                element(
                    "tr",
                    element("th", *breakable(intent), scope="row"),
                    *(_rate(rate) for rate in (of_intent.precision, of_intent.recall, of_intent.f1)),
                    element("td", f"{of_intent.support}"),
                )
                for intent, of_intent in rows
            ),
        ),
        class_="intents",
    )


def _rate(rate: float) -> Element:
    return element("td", f"{rate:.3f}", bar([("right", rate)]))


def bar(parts: Sequence[tuple[str, float]]) -> Element:
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
        *(("silent", f"not answered: {_spoken(reason)}", count) for reason, count in found.fallbacks.items()),
    ]
    rows = [
        element(
            "tr",
            element("th", element("i", class_=f"swatch {kind}"), what, scope="row"),
            element("td", f"{count:,}"),
            element("td", f"{count / figures.examples:.1%}"),
        )
        for kind, what, count in shares
    ]
    return [
        element(
            "table",
            element("caption", "What was answered, and what came of it"),
            element(
                "thead", element("tr", *(element("th", head, scope="col") for head in ("Outcome", "Examples", "Share")))
            ),
            element("tbody", *rows),
            class_="numbers",
        ),
        bar([(kind, count / figures.examples) for kind, _, count in shares]),
    ]


def _spoken(reason: str) -> str:
    return reason.replace("_", " ")
