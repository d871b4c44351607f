"""Patterns find what matches; one that takes too long is told once, and the text is answered all the same."""

import logging

import pytest

from app.domain.errors import InvalidValueError
from app.entities.asked import Asked
from app.entities.pattern import PatternFinder
from tests.entities.moments import WEDNESDAY

ENDLESS = r"(?:a|aa|a+)+\d"


def found(finder: PatternFinder, text: str) -> list[str]:
    spans = finder.find(Asked(text, WEDNESDAY)).spans
    assert all(text[span.start : span.end] == span.value for span in spans)
    return [str(span.value) for span in spans]


def test_what_matches_is_found_or_a_group_of_it() -> None:
    text = "🛫 LH 400, then BA12"

    assert found(PatternFinder(r"\b[A-Z]{2} ?\d+", 0, "x"), text) == ["LH 400", "BA12"]
    assert found(PatternFinder(r"\b[A-Z]{2} ?(\d+)", 1, "x"), text) == ["400", "12"]
    assert found(PatternFinder(r"\b(?P<airline>[A-Z]{2}) ?\d+", "airline", "x"), text) == ["LH", "BA"]


def test_a_group_that_took_no_part_or_holds_nothing_is_none() -> None:
    assert found(PatternFinder(r"a(b)?(c*)", 1, "x"), "a ab") == ["b"]
    assert found(PatternFinder(r"a(b)?(c*)", 2, "x"), "a ab") == []


def test_groups_that_overlap_are_found_once() -> None:
    assert found(PatternFinder(r"a(?=(bab?))", 1, "x"), "ababab") == ["bab"]


def test_a_pattern_that_takes_too_long_is_told_once_and_fails_nobody(caplog) -> None:
    finder = PatternFinder(ENDLESS, 0, "entities.x")
    text = "a1 " + "a" * 5_000

    with caplog.at_level(logging.WARNING):
        replies = [finder.find(Asked(text, WEDNESDAY)) for _ in range(2)]

    assert [reply.is_complete for reply in replies] == [False, False]
    [told] = caplog.messages
    assert told.startswith("entities.x: the pattern took more than")
    assert "aaaa" not in told
    assert finder.find(Asked("aa1", WEDNESDAY)).is_complete


def test_texts_that_take_all_their_time_leave_less_to_those_behind_them_until_one_is_quick() -> None:
    finder = PatternFinder(ENDLESS, 0, "x")
    given = [finder._seconds]
    for text in ("a" * 5_000, "a" * 5_000, "aa1", "aa1", "aa1"):
        finder.find(Asked(text, WEDNESDAY))
        given.append(finder._seconds)

    assert given == [0.1, 0.05, 0.025, 0.05, 0.1, 0.1]


@pytest.mark.parametrize(
    ("pattern", "group", "key", "problem"),
    [
        ("(", 0, "e.pattern", "is no regular expression"), ("a*", 0, "e.pattern", "matches the empty text"),
        ("a", 1, "e.group", "no group 1; it has 0"), ("(?P<x>a)", "y", "e.group", "no group 'y'; it has x"),
    ],
)  # fmt: skip
def test_patterns_that_cannot_be_used_are_refused_by_their_key(
    pattern: str, group: int | str, key: str, problem: str
) -> None:
    with pytest.raises(InvalidValueError, match=problem) as caught:
        PatternFinder(pattern, group, "e")
    assert caught.value.where == key
