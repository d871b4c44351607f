"""
The report of a model as a page for people, kept with the version as `report.html`.

One file that needs nothing else: no script, no font, no other host. Its policy forbids what it does not use, so that
even a text that became markup could do nothing.
"""

import base64
import hashlib
from collections.abc import Sequence
from xml.etree.ElementTree import Element

from .confusion_matrix import confusion
from .entity_figures import EntityReport
from .figures import Figures
from .intent_figures import abstention, intents, spoken
from .learning_curve import learning_curve
from .markup import breakable, document, element, table
from .out_of_scope import OutOfScopeFigures
from .report import Report
from .score_figures import ScoreFigures
from .score_section import confidences, curves
from .stylesheet import STYLESHEET
from .two_classes import TwoClassFigures

_MOST_WARNINGS = 10


def report_html(report: Report, scores: ScoreFigures | None = None) -> bytes:
    """Write the page of a report, as UTF-8; `scores` are of its test examples."""
    sets = _measured(report)
    sections = [
        _section("notes", "Notes", [_listed(report.notes)] if report.notes else []),
        _section("warnings", f"Warnings ({len(report.warnings)})", _warnings(report.warnings)),
        _section("figures", "Figures", [_comparison(sets)] if sets else []),
        _section("learning-curve", "Learning curve", learning_curve(report.learning_curve)),
        *(_section(name.lower(), f"{name} examples", _details(figures)) for name, figures in sets),
    ]
    if scores is not None:
        sections += [
            _section("confidence", "Confidence", confidences(scores.confidence)),
            _section("curves", "Curves", curves(scores)),
        ]
    if report.out_of_scope:
        sections.append(_section("out-of-scope", "Out of scope", [_out_of_scope(report.out_of_scope)]))
    if report.entities:
        sections.append(_section("entities", "Entities", [_entities(report.entities)]))
    shown = [section for section in sections if section is not None]
    main = element("main", _header(report, sets), _contents(shown), *shown)
    return document(element("html", _head(report), element("body", main), lang="en"))


def _out_of_scope(figures: OutOfScopeFigures) -> Element:
    reasons = ", ".join(f"{count:,} as {spoken(reason)}" for reason, count in figures.fallbacks.items())
    return element(
        "p",
        f"{figures.recall:.1%} of {figures.examples:,} texts that no intent is meant for were left without one"
        + (f": {reasons}." if reasons else "."),
    )


def _entities(report: EntityReport) -> Element:
    if not report.texts or report.all is None:
        return element("p", "No test example is marked with entities: how well they are found was not measured.")
    rows = [
        [
            element("th", *breakable(name), scope="row"),
            *(element("td", "–" if share is None else f"{share:.3f}") for share in (one.precision, one.recall, one.f1)),
            *(element("td", f"{count:,}") for count in (one.marked, one.found, one.right)),
        ]
        for name, one in {**report.entities, "all": report.all}.items()
    ]
    caption = f"On {report.texts:,} marked texts; one is right where its name, beginning and end are."
    return table(caption, ["Entity", "Precision", "Recall", "F1", "Marked", "Found", "Right"], rows, "numbers")


def _measured(report: Report) -> list[tuple[str, Figures]]:
    """Give the sets that there are; the figures of test examples count for more, so they come first."""
    sets = [("Test", report.test), ("Validation", report.validation)]
    return [(name, figures) for name, figures in sets if figures is not None]


def _head(report: Report) -> Element:
    digest = base64.b64encode(hashlib.sha256(STYLESHEET.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
    return element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=policy),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("title", f"{report.model}: report"),
        element("link", rel="icon", href="data:,"),
        element("style", STYLESHEET),
    )


def _header(report: Report, sets: Sequence[tuple[str, Figures]]) -> Element:
    return element(
        "header",
        element("p", "Report of a model", class_="quiet"),
        element("h1", report.model),
        element("p", "family ", element("code", report.family), class_="quiet"),
        _tiles(*sets[0]) if sets else element("p", "There was no validation or test example: nothing was measured."),
    )


def _tiles(name: str, figures: Figures) -> Element:
    on = f"{figures.examples:,} {name.lower()} examples"
    precision = figures.abstention.precision
    tiles = [
        ("Accuracy", f"{figures.accuracy:.1%}", f"on {on}"),
        ("Macro F1", f"{figures.macro_f1:.3f}", f"over {len(figures.intents)} intents"),
        ("Answered", f"{figures.abstention.coverage:.1%}", "sure enough to name an intent"),
        ("Right when answered", "–" if precision is None else f"{precision:.1%}", "of those that were answered"),
    ]
    return element(
        "dl",
        *(
            element("div", element("dt", what), element("dd", value, element("small", about)), class_="tile")
            for what, value, about in tiles
        ),
        class_="tiles",
    )


def _contents(sections: Sequence[Element]) -> Element | None:
    links = [element("a", section.findtext("h2") or "", href=f"#{section.get('id')}") for section in sections]
    return element("nav", *links, aria_label="Contents") if links else None


def _section(name: str, title: str, content: Sequence[Element]) -> Element | None:
    return element("section", element("h2", title), *content, id=name) if content else None


def _listed(texts: Sequence[str]) -> Element:
    return element("ul", *(element("li", text) for text in texts))


def _warnings(warnings: Sequence[str]) -> list[Element]:
    if not warnings:
        return []
    rest = warnings[_MOST_WARNINGS:]
    folded = [element("details", element("summary", f"{len(rest)} more"), _listed(rest))] if rest else []
    return [_listed(warnings[:_MOST_WARNINGS]), *folded]


def _comparison(sets: Sequence[tuple[str, Figures]]) -> Element:
    all_rows = [_summary(figures) for _, figures in sets]
    rows = [
        [element("th", what, scope="row"), *(element("td", summary[what]) for summary in all_rows)]
        for what in all_rows[0]
    ]
    caption = "A macro average counts every intent alike, a weighted one by its examples."
    return table(caption, ["Figure", *(name for name, _ in sets)], rows, "numbers")


def _summary(figures: Figures) -> dict[str, str]:
    return {
        "Examples": f"{figures.examples:,}",
        "Accuracy": f"{figures.accuracy:.3f}",
        "Macro precision": f"{figures.macro_precision:.3f}",
        "Macro recall": f"{figures.macro_recall:.3f}",
        "Macro F1": f"{figures.macro_f1:.3f}",
        "Weighted precision": f"{figures.weighted_precision:.3f}",
        "Weighted recall": f"{figures.weighted_recall:.3f}",
        "Weighted F1": f"{figures.weighted_f1:.3f}",
    }


def _two_classes(figures: TwoClassFigures) -> list[Element]:
    def rate(value: float | None) -> Element:
        return element("td", "–" if value is None else f"{value:.1%}")

    rows = [
        [element("th", *breakable(intent), scope="row"), rate(errors.type_1_error), rate(errors.type_2_error)]
        for intent, errors in figures.errors.items()
    ]
    sure = figures.confidence
    return [
        element("h3", "Two intents"),
        table(
            "Type 1: examples of the other that were taken for it. Type 2: its own that were not.",
            ("Intent to find", "Type-1 error", "Type-2 error"),
            rows,
            "numbers",
        ),
        element(
            "p",
            f"Confidence: {sure.average:.3f} on average, from {sure.minimum:.3f} to {sure.maximum:.3f}, with a "
            f"standard deviation of {sure.standard_deviation:.3f}.",
        ),
    ]


def _details(figures: Figures) -> list[Element]:
    return [
        *(_two_classes(figures.two_classes) if figures.two_classes else []),
        element("h3", "Answers and abstentions"),
        *abstention(figures),
        element("h3", "Confusion"),
        *confusion(figures),
        element("h3", "Intents"),
        *intents(figures),
    ]
