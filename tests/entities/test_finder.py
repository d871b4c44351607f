"""What a model declares is found together: spans slice the text as sent, stand apart, and are in order."""

import logging
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.entity import FoundEntities
from app.entities.declaration import settled
from app.entities.finder import CHARS_AT_MOST, EntityFinder
from tests.entities.moments import WEDNESDAY

DECLARED = {
    "city": {"gazetteer": {"berlin": ["BER", "berlin tegel"], "são paulo": None, "東京": ["tokyo"]}},
    "flight": {"pattern": r"\b[A-Z]{2} ?\d{2,4}\b"},
    "when": {"date": ["en", "de"]},
    "amount": {"number": "en"},
}
PIECES = [
    "berlin", "Berlin Tegel", "sa\u0303o paulo", "SÃO PAULO", "東京", "tomorrow", "at 5pm", "3 may",
    "31 february", "LH 400",
    "twenty", "two", "5", "-3.5", "million", ".", ", ", "🍕", "👩‍👩‍👧", "\u0301", "\u200b", "İ", "ß", "ﬁ", "\n",
    " ", "  ", "of", "next", "friday",
]  # fmt: skip


@pytest.fixture(scope="module")
def finder() -> EntityFinder:
    return made(DECLARED)


def made(declared: object) -> EntityFinder:
    return EntityFinder(settled(declared, "test"), "test")


def names(reply: FoundEntities) -> list[tuple[str, object]]:
    return [(one.entity, one.value) for one in reply.entities]


def check(text: str, reply: FoundEntities) -> None:
    end = 0
    for one in reply.entities:
        assert end <= one.start < one.end <= len(text)
        assert text[one.start : one.end] == one.text
        end = one.end


@settings(max_examples=150, deadline=None)
@given(
    text=st.lists(st.sampled_from(PIECES), max_size=30).map(" ".join) | st.lists(st.sampled_from(PIECES)).map("".join)
)
def test_spans_slice_the_text_stand_apart_and_are_in_order(finder, text: str) -> None:
    check(text, finder.find(text, WEDNESDAY))


@settings(max_examples=150, deadline=None)
@given(text=st.text(max_size=60))
def test_any_text_is_looked_through(finder, text: str) -> None:
    reply = finder.find(text, WEDNESDAY)

    check(text, reply)
    assert reply.is_complete


def test_places_are_characters_of_the_text_as_sent(finder) -> None:
    reply = finder.find("👩‍👩‍👧 SA\u0303O PAULO, LH 400 tomorrow for twenty-two", WEDNESDAY)

    assert [(one.entity, one.value, one.start, one.end) for one in reply.entities] == [
        ("city", "são paulo", 6, 16), ("flight", "LH 400", 18, 24), ("when", "2026-03-19", 25, 33),
        ("amount", 22, 38, 48),
    ]  # fmt: skip


def test_the_longer_one_stands_and_of_two_alike_the_one_declared_first() -> None:
    number, place, code = {"number": "en"}, {"gazetteer": ["42 street", "7"]}, {"pattern": r"\d+"}
    text = "42 street 7"

    assert names(made({"n": number, "place": place}).find(text, WEDNESDAY)) == [("place", "42 street"), ("n", 7)]
    assert names(made({"place": place, "n": number}).find(text, WEDNESDAY)) == [("place", "42 street"), ("place", "7")]
    assert names(made({"code": code, "n": number}).find("42", WEDNESDAY)) == [("code", "42")]


def test_a_day_is_counted_from_the_moment_of_the_request(finder) -> None:
    days = [finder.find("tomorrow", WEDNESDAY + timedelta(days=n)).entities[0].value for n in (0, 1)]

    assert days == ["2026-03-19", "2026-03-20"]


def test_no_more_of_a_text_is_looked_at_than_a_request_has_time_for(finder) -> None:
    text = "x" * (CHARS_AT_MOST - 7) + " berlin"
    longer = finder.find(text + "ers and berlin", WEDNESDAY)

    assert names(finder.find(text, WEDNESDAY)) == [("city", "berlin")]
    assert (names(longer), longer.is_complete) == ([], False)


def test_what_stumbles_keeps_nothing_else_from_being_found(finder, caplog, monkeypatch) -> None:
    def stumble(_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(finder._finders["when"], "find", stumble)
    monkeypatch.setattr(finder, "_failed", set())
    with caplog.at_level(logging.ERROR):
        replies = [finder.find("berlin tomorrow", WEDNESDAY) for _ in range(2)]

    assert [names(reply) for reply in replies] == [[("city", "berlin")]] * 2
    assert not replies[0].is_complete
    assert len(caplog.records) == 1


def test_only_patterns_dates_and_long_texts_take_time() -> None:
    quick = {name: DECLARED[name] for name in ("city", "amount")}

    assert not made(quick).takes_time_for("x" * 1_000)
    assert made(quick).takes_time_for("x" * 1_001)
    assert all(made({name: DECLARED[name]}).takes_time_for("x") for name in ("flight", "when"))
