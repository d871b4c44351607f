"""
What was taken for what, in the page of a report.

Few intents make a heat map; a map of many could not be read, so of those more of the pairs most confused are listed.
"""

import math
from collections.abc import Sequence
from xml.etree.ElementTree import Element

from .figures import ConfusionCell, Figures, confused
from .markup import breakable, element, table

_MOST_INTENTS_IN_A_MAP = 40
_N_SHADES = 9
_MOST_PAIRS = 20
_NOTHING = "nothing known"


def confusion(figures: Figures) -> list[Element]:
    """Show the matrix, or what matters of it, and the pairs most confused."""
    if len(figures.intents) > _MOST_INTENTS_IN_A_MAP:
        return [_pairs(figures, confused(figures.confusion)[:_MOST_PAIRS])]
    return [_legend(), _heat_map(figures), _pairs(figures, figures.most_confused)]


def _heat_map(figures: Figures) -> Element:
    counts = {(cell.intent, cell.taken_for): cell.count for cell in figures.confusion}
    columns: list[str | None] = list(figures.intents)
    if any(cell.taken_for is None for cell in figures.confusion):
        columns.append(None)
    heads = [element("th", element("span", best or _NOTHING, title=best), scope="col") for best in columns]
    rows = [
        element(
            "tr",
            element("th", element("span", intent, title=intent), scope="row"),
            *(_cell(intent, best, counts.get((intent, best), 0), of_intent.support) for best in columns),
        )
        for intent, of_intent in figures.intents.items()
    ]
    drawn = element(
        "table",
        element("caption", "Rows: true intents. Columns: taken for."),
        element("thead", element("tr", element("td"), *heads)),
        element("tbody", *rows),
        class_="heat",
    )
    return element("div", drawn, class_="wide", role="region", aria_label="Confusion matrix", tabindex=0)


def _cell(intent: str, best: str | None, count: int, support: int) -> Element:
    if not count:
        return element("td")
    shade = math.ceil(count / support * _N_SHADES)
    kind = "right" if intent == best else "wrong"
    told = f"{intent} taken for {best or _NOTHING}: {count} of {support}"
    return element("td", f"{count}", class_=f"{kind} shade-{shade}", title=told)


def _legend() -> Element:
    def swatches(kind: str) -> list[Element]:
        return [element("i", class_=f"swatch {kind} shade-{shade}") for shade in range(1, _N_SHADES + 1)]

    return element(
        "p",
        element("span", "right", *swatches("right"), class_="ramp"),
        element("span", "wrong", *swatches("wrong"), class_="ramp"),
        element("span", "the stronger, the more of the row"),
        class_="legend",
    )


def _pairs(figures: Figures, pairs: Sequence[ConfusionCell]) -> Element:
    if not pairs:
        return element("p", "Nothing was confused.")
    rows = [
        [
            element("th", *breakable(pair.intent), scope="row"),
            element("td", *_named(pair.taken_for), class_="name"),
            element("td", f"{pair.count}"),
            element("td", f"{pair.count / figures.intents[pair.intent].support:.1%}"),
        ]
        for pair in pairs
    ]
    caption = "Most confused, with the share of the intent's examples"
    return table(caption, ("Intent", "Taken for", "Count", "Share"), rows, "pairs")


def _named(best: str | None) -> list[Element | str]:
    return [element("em", _NOTHING)] if best is None else breakable(best)
