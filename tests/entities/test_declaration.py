"""Declarations are checked key by key, and kept so that they are read as they were."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.errors import ConfigurationError
from app.entities.declaration import (
    ENTITIES_AT_MOST,
    VALUES_AT_MOST,
    EntityConfig,
    entities_json,
    read_entities,
    settled,
)
from app.entities.finder import check_finders

DECLARED = {
    "city": {"gazetteer": {"berlin": ["BER"], "bonn": "bonna", "ulm": None}},
    "color": {"gazetteer": ["red", "blue"]},
    "flight": {"pattern": "([A-Z]{2})[0-9]+", "group": 1},
    "when": {"date": "en"},
    "amount": {"number": ["de", "en"]},
}


@pytest.mark.parametrize(
    ("declared", "told"),
    [
        ([], "entities: expected names"), ({1: {"date": "en"}}, "entities.1: a name is"),
        ({"a b": {}}, "entities.a b: a name"),
        ({"x": {}}, "entities.x: one of .* is needed, not none"), ({"x": 3}, "entities.x: Expected `object`"),
        ({"x": {"date": "en", "number": "en"}}, "needed, not `date` and `number`"),
        ({"x": {"gazeteer": ["a"]}}, "entities.x: unknown key 'gazeteer'; known are date, gazetteer"),
        ({"x": {"group": 1, "number": "en"}}, "`group` belongs to a `pattern`"),
        ({"x": {"date": "xx"}}, "`date` takes languages out of de, en, .*; 'xx' is none"),
        ({"x": {"number": []}}, "`number` takes languages out of .*; none is given"),
        ({"x": {"gazetteer": []}}, "entities.x.gazetteer: expected 1 to 100,000 values"),
        ({"x": {"gazetteer": {}}}, "entities.x.gazetteer: expected 1 to"),
        ({"x": {"gazetteer": {"a": [3]}}}, "entities.x: Expected `str`"),
        ({"x": {"gazetteer": "/etc/passwd"}}, "entities.x.gazetteer: a file is read where a model's own file names it"),
        ({"x": {"gazetteer": ["a\ud800"]}}, "entities.x: it holds half a character"),
        ({"x": {"pattern": ""}}, "entities.x: Expected `str` of length >= 1"),
        ({"x": {"pattern": "a" * 1001}}, "entities.x: Expected `str` of length <= 1000"),
        ({f"x{n}": {"date": "en"} for n in range(ENTITIES_AT_MOST + 1)}, "65 are more than 64"),
        ({"x": {"gazetteer": [str(n) for n in range(VALUES_AT_MOST + 1)]}}, "expected 1 to 100,000 values"),
    ],
    ids=range(19),
)  # fmt: skip
def test_what_is_wrong_is_named_by_its_key(declared: object, told: str) -> None:
    with pytest.raises(ConfigurationError, match=f"^m.yaml: .*{told}"):
        settled(declared, "m.yaml")


def test_what_was_written_is_read() -> None:
    declared = settled(DECLARED, "m.yaml")

    assert read_entities(entities_json(declared), "entities.json") == declared
    assert declared["city"].phrases() == {"berlin": ["BER"], "bonn": ["bonna"], "ulm": []}
    assert declared["color"].phrases() == {"red": [], "blue": []}
    assert settled(declared, "again") == declared


def test_checking_finders_imports_no_library_of_dates_or_numbers(python) -> None:
    done = python(
        "-c",
        "import sys; from app.planning.plan import settle_config;"
        "settle_config({'entities': {'a': {'date': 'en'}, 'b': {'number': 'en'}, 'c': {'gazetteer': ['x']}}}, 'm');"
        "print([name for name in sys.modules if name.partition('.')[0] in ('dateparser', 'text_to_num', 'regex')])",
    )

    assert done.stdout.strip() == "[]", done.stderr


_PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
_KEYS = st.sampled_from([*EntityConfig.__struct_fields__, "other"])


@settings(max_examples=300, deadline=None)
@given(declared=_PLAIN | st.dictionaries(st.text(max_size=5), st.dictionaries(_KEYS, _PLAIN, max_size=3), max_size=3))
def test_anything_declared_is_taken_or_refused_with_a_sentence(declared: object) -> None:
    known: dict[str, EntityConfig] = {}
    told = "m.yaml: nothing is wrong with it"
    try:
        known = settled(declared, "m.yaml")
        check_finders(known, "m.yaml")
    except ConfigurationError as error:
        told = str(error)

    assert told.startswith("m.yaml: ")
    assert read_entities(entities_json(known), "entities.json") == known
