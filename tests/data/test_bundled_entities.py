"""The cities of `flights` are found as well as the documentation says, on texts that no model has seen."""

import re
from pathlib import Path

import pytest

from app.data.reader import read_dataset
from app.domain.example import Dataset
from app.entities.finder import EntityFinder
from app.evaluation.entity_figures import measure_marked
from app.planning.plan import make_plan, read_plan_file
from app.text.normalization import same_form


@pytest.fixture(scope="module")
def marked(root: Path) -> Dataset:
    return read_dataset(root / "training_data/flights/entities_test.jsonl")


def test_precision_and_recall_are_those_that_the_page_tells(root: Path, marked: Dataset) -> None:
    config = make_plan("flights", read_plan_file(root / "config/models/flights.yaml"), root, "flights.yaml").config
    report = measure_marked(EntityFinder(config.entities, "flights"), marked.examples)
    page = (root / "docs/entities.md").read_text()
    [told] = re.findall(r"^\| `city` \| (\d+) \| (\d+) \| (\d+) \| ([\d.]+) \| ([\d.]+) \|$", page, re.MULTILINE)

    assert report is not None
    assert list(report.entities) == ["city"]
    city = report.entities["city"]
    assert told == (str(city.marked), str(city.found), str(city.right), f"{city.precision:.3f}", f"{city.recall:.3f}")
    assert report.texts == 60


def test_no_marked_text_is_one_of_training_or_test(root: Path, marked: Dataset) -> None:
    data = [read_dataset(root / "training_data/flights" / name) for name in ("train.tsv", "test.tsv")]
    known = {same_form(example.input) for one in data for example in one.examples}

    assert not known & {same_form(example.input) for example in marked.examples}
    assert {example.intent for example in marked.examples} <= set(data[0].intents())
