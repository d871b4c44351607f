"""A model's own file may leave the values of a gazetteer to another; whoever trains over HTTP may not."""

from pathlib import Path

import pytest

from app.data.snapshot import entities_in, from_bytes, to_bytes
from app.domain.entity import Annotation
from app.domain.errors import ConfigurationError
from app.domain.example import Dataset, Example
from app.planning.check import CheckedPlan
from app.planning.merge import merge
from app.planning.plan import make_plan, settle_config

CITIES = "berlin\tBER\tberlin tegel\n\nsão paulo\n"
GIVEN = {"data": "x.tsv", "entities": {"city": {"gazetteer": "cities.tsv"}, "when": {"date": "en"}}}


def test_its_lines_are_values_with_their_synonyms(tmp_path: Path) -> None:
    (tmp_path / "cities.tsv").write_text(CITIES)

    entities = make_plan("m", GIVEN, tmp_path, "m.yaml").config.entities

    assert entities["city"].phrases() == {"berlin": ["BER", "berlin tegel"], "são paulo": []}
    assert list(entities) == ["city", "when"]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "cities.tsv: cannot be read: No such file"), (b"\xff", "not UTF-8"),
        (b"", "expected 1 to 100,000 values"),
        (b"a\nb\na\n", "cities.tsv:3: the value 'a' stands in it already"),
        (b"a\n\tb\n", "cities.tsv:2: the value '' is missing"),
        (b"a\n!!\n", "a name has 1 to 16 words"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_list_is_refused_by_its_key(tmp_path: Path, content: bytes | None, told: str) -> None:
    if content is not None:
        (tmp_path / "cities.tsv").write_bytes(content)

    with pytest.raises(ConfigurationError, match=rf"m.yaml: entities.city.gazetteer: .*{told}"):
        make_plan("m", GIVEN, tmp_path, "m.yaml")


def test_nobody_else_names_a_file() -> None:
    with pytest.raises(ConfigurationError, match=r"entities.city.gazetteer: a file is read where"):
        settle_config({"entities": {"city": {"gazetteer": "/etc/passwd"}}}, "the request")


def test_records_have_no_entities() -> None:
    given = {"family": "record", "fields": {"x": "text"}, "entities": {"n": {"number": "en"}}}
    with pytest.raises(ConfigurationError, match="`entities` are found in texts"):
        settle_config(given, "m.yaml")


def test_another_declaration_makes_a_model_out_of_date_and_none_leaves_it_as_it_was() -> None:
    data = Dataset((Example("a", "b"),))
    plain, declared = (
        CheckedPlan("m", settle_config({"entities": entities}, "m"), data).hashes()
        for entities in ({}, {"n": {"number": "en"}})
    )

    assert "entities" not in plain
    assert {key: declared[key] for key in plain} == plain
    assert declared["entities"]


def test_a_snapshot_carries_declarations_and_marks() -> None:
    marked = Dataset((Example("to rome", "fly", entities=(Annotation("city", 3, 7),)), Example("hi", "hi"), Example("x", "y", entities=())))  # fmt: skip  # noqa: E501
    declared = {"city": {"gazetteer": ["rome"]}}

    assert from_bytes(to_bytes(marked, declared)) == marked
    assert entities_in(to_bytes(marked, declared)) == declared
    assert entities_in(to_bytes(marked)) == {}


def test_examples_keep_their_marks_among_others() -> None:
    marked = Example("to rome", "fly", entities=(Annotation("city", 3, 7),))

    assert merge(Dataset((Example("hi", "hi"),)), Dataset((marked,))).dataset.examples == (Example("hi", "hi"), marked)
