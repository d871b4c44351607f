"""Listed names are found on the bounds of words, however they are written, and the longest of them wins."""

import pytest

from app.domain.errors import InvalidValueError
from app.entities.asked import SPANS_AT_MOST, Asked
from app.entities.gazetteer import Gazetteer
from tests.entities.moments import WEDNESDAY

CITIES = {"berlin": ["BER", "berlin tegel"], "são paulo": [], "york": [], "new york": ["big apple"], "東京": ["Tokyo"]}


@pytest.fixture(scope="module")
def cities() -> Gazetteer:
    return Gazetteer(CITIES, "test")


def found(gazetteer: Gazetteer, text: str) -> list[tuple[str, str | int | float]]:
    return [(text[span.start : span.end], span.value) for span in gazetteer.find(Asked(text, WEDNESDAY)).spans]


@pytest.mark.parametrize(
    "written",
    ["são paulo", "SÃO PAULO", "sao paulo", "sa\u0303o  paulo", "São-Paulo", "ｓａｏ ｐａｕｌｏ", "são\npaulo"],
)
def test_case_accents_width_and_what_is_between_words_make_no_difference(cities, written: str) -> None:
    assert found(cities, f"to {written}, please") == [(written, "são paulo")]


@pytest.mark.parametrize("text", ["berliners", "xberlin", "newyork", "ber2", "new. — york's"])
def test_a_part_of_a_word_is_none(cities, text: str) -> None:
    assert [value for _, value in found(cities, text)] == (["york"] if "york's" in text else [])


def test_the_longest_name_wins_and_a_synonym_gives_the_value(cities) -> None:
    assert found(cities, "new york, york or Berlin Tegel or ber") == [
        ("new york", "new york"), ("york", "york"), ("Berlin Tegel", "berlin"), ("ber", "berlin"),
    ]  # fmt: skip


def test_a_name_goes_on_as_far_as_it_is_one(cities) -> None:
    assert found(cities, "new yorkers in new york") == [("new york", "new york")]
    assert found(cities, "berlin new") == [("berlin", "berlin")]


def test_scripts_without_blanks_are_read_letter_by_letter(cities) -> None:
    assert found(cities, "明日東京へ行く") == [("東京", "東京")]


def test_emoji_and_combining_characters_move_no_place(cities) -> None:
    assert found(cities, "👩‍👩‍👧 sa\u0303o paulo 🇧🇷 berlin❤️") == [
        ("sa\u0303o paulo", "são paulo"),
        ("berlin", "berlin"),
    ]


def test_a_hundred_thousand_names_are_found_like_one() -> None:
    many = Gazetteer({f"place {number} of many": [f"p{number}"] for number in range(100_000)}, "test")

    assert found(many, "from Place 99999 of many to p7 and place 7") == [
        ("Place 99999 of many", "place 99999 of many"), ("p7", "place 7 of many"),
    ]  # fmt: skip


def test_no_more_are_found_than_a_reply_should_hold(cities) -> None:
    whole = cities.find(Asked("york " * SPANS_AT_MOST, WEDNESDAY))
    cut = cities.find(Asked("york " * (SPANS_AT_MOST + 1), WEDNESDAY))

    assert whole.is_complete
    assert len(cut.spans) == SPANS_AT_MOST
    assert not cut.is_complete


@pytest.mark.parametrize(
    ("phrases", "problem"),
    [
        ({"!": []}, "1 to 16 words"), ({"": []}, "1 to 16 words"), ({"a " * 17: []}, "1 to 16 words"),
        ({"a" * 201: []}, "up to 200 characters"), ({"one! two": []}, "stands in no name"),
        ({"ulm": ["x"], "bonn": ["X"]}, "'X' would stand for 'ulm' as well as for 'bonn'"),
        ({"málaga": [], "Malaga": []}, "would stand for 'málaga' as well as for 'Malaga'"),
    ],
)  # fmt: skip
def test_names_that_cannot_be_found_or_told_apart_are_refused(phrases: dict[str, list[str]], problem: str) -> None:
    with pytest.raises(InvalidValueError, match=problem):
        Gazetteer(phrases, "x.yaml: entities.city.gazetteer")
