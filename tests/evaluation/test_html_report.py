"""The page of a report says what the report says, and can do nothing else."""

import re
from html.parser import HTMLParser

import msgspec
import pytest

from app.evaluation.html_report import report_html
from app.evaluation.out_of_scope import OutOfScopeFigures
from app.evaluation.report import EpochFigures, Report

TAGS = {
    "a", "body", "caption", "circle", "code", "dd", "desc", "details", "div", "dl", "dt", "em", "figcaption", "figure",
    "h1", "h2", "h3", "head", "header", "html", "i", "li", "line", "link", "main", "meta", "nav", "p", "polyline",
    "rect", "section", "small", "span", "style", "summary", "svg", "table", "tbody", "td", "text", "th", "thead",
    "title", "tr", "ul", "wbr",
}  # fmt: skip


class Page(HTMLParser):
    """Tags with their attributes, and the text of each kind of element."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.cells: list[str] = []
        self.feed(page.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag in ("td", "th"):
            self.cells.append("")

    def handle_data(self, data: str) -> None:
        self.texts.append(data)
        if self.cells:
            self.cells[-1] += data

    def all(self, tag: str, class_: str | None = None) -> list[dict[str, str | None]]:
        return [
            attributes
            for found, attributes in self.tags
            if found == tag and (class_ is None or class_ in (attributes.get("class") or "").split())
        ]


def page_of(report: Report) -> Page:
    return Page(report_html(report))


def test_an_intent_named_like_markup_stays_text(reported, markup: str) -> None:
    page = page_of(reported(4, 3, markup))

    assert {tag for tag, _ in page.tags} <= TAGS  # no script, no image
    assert len(page.all("style")) == 1
    assert any(markup in text for text in page.texts)
    assert not [name for _, attributes in page.tags for name in attributes if name.startswith("on")]


def test_a_page_needs_nothing_from_elsewhere(reported) -> None:
    page = page_of(reported())

    linked = [
        value or "" for _, attributes in page.tags for name, value in attributes.items() if name in {"href", "src"}
    ]
    assert [link for link in linked if not link.startswith(("#", "data:"))] == []
    assert not [attributes for _, attributes in page.tags if "style" in attributes]
    assert b"url(" not in report_html(reported())
    assert b"@import" not in report_html(reported())


def test_every_link_of_the_contents_leads_to_a_section(reported) -> None:
    page = page_of(reported())

    assert [link["href"] for link in page.all("a")] == [f"#{section['id']}" for section in page.all("section")]


def test_ids_are_unique(reported) -> None:
    ids = [attributes["id"] for _, attributes in page_of(reported()).tags if "id" in attributes]

    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("intents", [2, 30, 40, 41, 150])
@pytest.mark.parametrize(("validation", "test"), [(True, True), (True, False), (False, True), (False, False)])
def test_a_page_is_made_of_whatever_was_measured(reported, intents, validation, test) -> None:
    report = reported(intents, 5, validation=validation, test=test)

    page = page_of(report)

    shown = [section["id"] for section in page.all("section")]
    assert ("test" in shown, "validation" in shown, "figures" in shown) == (test, validation, validation or test)
    for figures in filter(None, (report.validation, report.test)):
        assert set(figures.intents) <= set(page.cells)
        assert f"{figures.macro_f1:.3f}" in page.cells
        assert f"{figures.weighted_precision:.3f}" in page.cells


def test_a_page_of_nothing_measured_says_so() -> None:
    page = page_of(Report("flights", "bow", None, None, []))

    assert any("nothing was measured" in text for text in page.texts)
    assert page.all("section") == []


@pytest.mark.parametrize(("intents", "maps"), [(2, 2), (40, 2), (41, 0), (150, 0)])
def test_the_matrix_of_many_intents_is_not_drawn(reported, intents: int, maps: int) -> None:
    assert len(page_of(reported(intents)).all("table", "heat")) == maps


def test_every_cell_of_the_confusion_matrix_is_in_the_heat_map(reported) -> None:
    report = reported(validation=False)

    page = page_of(report)

    told = [attributes["title"] for attributes in (*page.all("td", "right"), *page.all("td", "wrong"))]
    assert sorted(told, key=str) == sorted(
        f"{cell.intent} taken for {cell.taken_for or 'nothing known'}: "
        f"{cell.count} of {report.test.intents[cell.intent].support}"
        for cell in report.test.confusion
    )


def test_a_learning_curve_has_a_point_for_each_figure_of_each_epoch(reported) -> None:
    page = page_of(reported(epochs=20))

    assert len(page.all("svg", "chart")) == 4
    assert len(page.all("circle", "training")) == 2 * 2 * 20
    assert len(page.all("circle", "validation")) == 2 * 20


def test_the_epoch_of_the_lowest_validation_loss_is_marked(reported) -> None:
    page = page_of(reported(epochs=20))

    assert "lowest validation loss: epoch 8" in page.texts
    assert len(page.all("line", "mark")) == 2


@pytest.mark.parametrize("epochs", [2, 7, 60, 61, 500])
@pytest.mark.parametrize("loss", [0.0, 1e-9, 0.3, 1.0, 9.99, 1e9])
def test_a_line_stays_inside_its_drawing(epochs: int, loss: float) -> None:
    curve = [EpochFigures("fit", n, loss * n / epochs, 1.0, loss, 0.0) for n in range(1, epochs + 1)]

    page = page_of(Report("flights", "bow", None, None, [], curve))

    for line in page.all("polyline"):
        for x, y in (point.split(",") for point in (line["points"] or "").split()):
            assert 54 <= float(x) <= 430
            assert 12 <= float(y) <= 216
    assert len(page.all("text", "value")) <= 2 * 7
    assert len(page.all("text", "epoch")) <= 2 * 8


def test_a_stage_that_begins_anew_is_a_run_of_its_own() -> None:
    run = [EpochFigures("fit", n, 1.0, 0.5, None, None) for n in (1, 2, 3)]

    assert len(page_of(Report("flights", "bow", None, None, [], run + run)).all("svg", "chart")) == 4


def test_one_epoch_is_no_curve_and_its_figures_are_told_in_a_table(reported) -> None:
    page = page_of(reported(epochs=1, validation=False, test=False))

    assert page.all("svg", "chart") == []
    assert "3" in page.cells


def test_a_drawing_has_a_title_and_a_description_or_is_decoration(reported) -> None:
    page = page_of(reported())

    ids = {attributes.get("id") for _, attributes in page.tags}
    for svg in page.all("svg"):
        labels = (svg.get("aria-labelledby") or "").split()
        assert svg.get("aria-hidden") == "true" or (svg["role"] == "img" and len(labels) == 2 and set(labels) <= ids)


def test_every_table_has_a_caption_and_every_heading_a_scope(reported) -> None:
    page = page_of(reported())

    assert len(page.all("caption")) == len(page.all("table"))
    assert {heading.get("scope") for heading in page.all("th")} == {"row", "col"}


def test_every_warning_and_note_is_in_the_page(reported) -> None:
    report = reported()

    assert {*report.warnings, *report.notes} <= set(page_of(report).texts)


def test_reasons_are_spoken_wherever_they_are_told(reported) -> None:
    out_of_scope = OutOfScopeFigures(4, 0.75, {"far_from_training_data": 2, "no_known_words": 1})

    texts = page_of(msgspec.structs.replace(reported(), out_of_scope=out_of_scope)).texts

    assert any("left without one: 2 as far from training data, 1 as no known words." in text for text in texts)
    assert "not answered: low confidence" in texts
    assert not [text for text in texts if "far_from" in text or "no_known" in text or "low_confidence" in text]


def test_answers_and_abstentions_add_up_to_the_examples(reported) -> None:
    report = reported(validation=False)

    cells = page_of(report).cells

    counts = [int(cells[n + 1]) for n, cell in enumerate(cells) if re.match("(not )?answered", cell)]
    assert len(counts) == 4
    assert sum(counts) == report.test.examples
