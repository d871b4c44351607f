"""Runs of words and of characters come whole, in order, and know where a word begins and ends."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.text.ngrams import END, START, character_ngrams, word_ngrams


@pytest.mark.parametrize(
    ("n", "expected"),
    [
        (1, ["book", "a", "table"]),
        (2, ["book a", "a table"]),
        (3, ["book a table"]),
        (4, []),
    ],
)
def test_runs_of_words_are_joined_by_a_blank(n, expected):
    assert word_ngrams(["book", "a", "table"], n) == expected


@pytest.mark.parametrize("n", [1, 2, 3])
def test_no_words_have_no_runs(n):
    assert word_ngrams([], n) == []


def test_a_word_is_repeated_as_often_as_it_stands():
    assert word_ngrams(["no", "no", "no"], 2) == ["no no", "no no"]


def test_single_words_are_a_list_of_their_own():
    words = ["book"]

    word_ngrams(words, 1).append("table")

    assert words == ["book"]


def test_runs_of_characters_come_shortest_first():
    assert character_ngrams("ab", 2, 3) == [f"{START}a", "ab", f"b{END}", f"{START}ab", f"ab{END}"]


def test_the_longest_run_is_the_word_between_its_marks():
    assert character_ngrams("ab", 4, 9) == [f"{START}ab{END}"]


@pytest.mark.parametrize(("shortest", "longest"), [(5, 8), (3, 2), (2, 0)])
def test_a_word_shorter_than_the_shortest_run_has_none(shortest, longest):
    assert character_ngrams("ab", shortest, longest) == []


def test_the_beginning_of_a_word_is_told_from_its_middle_and_end():
    begins, ends = set(character_ngrams("cat", 2, 5)), set(character_ngrams("tomcat", 2, 5))

    assert f"{START}cat" in begins - ends
    assert f"cat{END}" in begins & ends


def test_an_emoji_of_one_code_point_is_one_character():
    assert character_ngrams("\U0001f600", 2, 2) == [f"{START}\U0001f600", f"\U0001f600{END}"]


@settings(database=None, deadline=None)
@given(st.text(st.characters(exclude_characters=START + END), min_size=1, max_size=12), st.data())
def test_every_run_of_every_length_is_given_and_nothing_else(word, data):
    shortest = data.draw(st.integers(1, 8))
    longest = data.draw(st.integers(shortest, 8))
    marked = f"{START}{word}{END}"

    runs = character_ngrams(word, shortest, longest)

    places = [(i, j) for i in range(len(marked)) for j in range(i + 1, len(marked) + 1)]
    assert sorted(runs) == sorted(marked[i:j] for i, j in places if shortest <= j - i <= longest)


@settings(database=None, deadline=None)
@given(st.lists(st.text("abc", min_size=1, max_size=3), max_size=6), st.integers(1, 4))
def test_as_many_runs_as_places_to_begin_one(words, n):
    assert len(word_ngrams(words, n)) == max(0, len(words) - n + 1)
