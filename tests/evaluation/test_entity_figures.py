"""Entities are counted on texts that somebody marked, and right only where name, beginning and end are."""

from app.domain.entity import Annotation, Entity, FoundEntities
from app.domain.example import Example
from app.entities.declaration import settled
from app.entities.finder import EntityFinder
from app.evaluation.entity_figures import EntityReport, measure_entities, measure_marked
from app.evaluation.html_report import report_html
from app.evaluation.report import Report


def found(*places: tuple[str, int, int]) -> FoundEntities:
    return FoundEntities(tuple([Entity(name, "x", "x", start, end) for name, start, end in places]))


def test_a_place_or_a_name_beside_it_is_wrong_and_counts_twice() -> None:
    marked = [[Annotation("city", 0, 4), Annotation("when", 5, 9)], [], [Annotation("city", 0, 4)]]
    answers = [found(("city", 0, 4), ("when", 5, 8)), found(("city", 2, 3)), found(("town", 0, 4))]

    report = measure_entities(["city", "when", "town"], marked, answers)

    assert (report.texts, list(report.entities)) == (3, ["city", "town", "when"])
    city, when, town = (report.entities[name] for name in ("city", "when", "town"))
    assert (city.precision, city.recall, city.f1) == (0.5, 0.5, 0.5)
    assert (when.precision, when.recall, when.marked, when.found, when.right) == (0, 0, 1, 1, 0)
    assert (town.precision, town.recall, town.f1) == (0, None, 0)
    assert report.all is not None
    assert (report.all.precision, report.all.recall) == (1 / 4, 1 / 3)


def test_what_is_marked_and_not_declared_is_missed() -> None:
    report = measure_entities([], [[Annotation("meal", 0, 4)]], [found()])

    assert (report.entities["meal"].recall, report.entities["meal"].precision) == (0, None)


def test_only_examples_that_somebody_looked_at_are_measured() -> None:
    finder = EntityFinder(settled({"city": {"gazetteer": ["rome"]}}, "test"), "test")
    examples = [
        Example("to rome", "fly", entities=(Annotation("city", 3, 7),)), Example("rome", "fly"), Example("rome",
        "x", entities=()),
    ]  # fmt: skip

    report = measure_marked(finder, examples)

    assert report is not None
    assert (report.texts, report.entities["city"].found, report.entities["city"].right) == (2, 2, 1)
    assert measure_marked(finder, [Example("rome", "fly")]) == EntityReport(0)
    assert measure_marked(None, examples) is None


def test_the_page_has_the_figures_or_says_that_there_are_none() -> None:
    figures = measure_entities(["city"], [[Annotation("city", 0, 4)]], [found(("city", 0, 4))])
    page, nothing, without = (
        report_html(Report("m", "bow", None, None, [], entities=entities)).decode()
        for entities in (figures, EntityReport(0), None)
    )

    assert "On 1 marked texts" in page
    assert "1.000" in page
    assert "No test example is marked with entities" in nothing
    assert "Entities" not in without
