"""Numbers in figures and in words are found; names made of figures, articles and ordinals are not."""

import pytest

from app.entities.asked import SPANS_AT_MOST, Asked
from app.entities.numbers import NumberFinder
from tests.entities.moments import WEDNESDAY


def found(text: str, *languages: str) -> list[tuple[str, str | int | float]]:
    spans = NumberFinder(languages or ("en",)).find(Asked(text, WEDNESDAY)).spans
    return [(text[span.start : span.end], span.value) for span in spans]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("42", 42), ("0", 0), ("3.5", 3.5), ("1,500", 1500), ("1,234,567.25", 1234567.25), ("-5", -5),
        ("5 million", 5_000_000),
        ("1.5 million", 1_500_000), ("twenty-one", 21), ("Three hundred and five", 305), ("two point five", 2.5),
        ("minus five", -5), ("zero", 0), ("hundred thousand", 100_000),
    ],
)  # fmt: skip
def test_a_number_is_found_with_its_value(text: str, value: float) -> None:
    assert found(f"🍕 {text} of them") == [(text, value)]


@pytest.mark.parametrize(
    "text",
    ["B737", "at 10:30", "2026-05-01", "555-1234", "1/2", "v1.2.3", "007", "5pm", "the first one", "one way",
    "no. #5", "1" * 16],
)  # fmt: skip
def test_what_only_looks_like_a_number_is_none(text: str) -> None:
    assert found(text) == []


def test_figures_are_read_as_the_first_language_writes_them() -> None:
    assert found("1.500", "de", "en") == [("1.500", 1500)]
    assert found("1,5 oder zwei", "de") == [("1,5", 1.5), ("zwei", 2)]
    assert found("1.500", "en", "de") == [("1.500", 1.5)]


@pytest.mark.parametrize(
    ("language", "text", "value"),
    [
        ("de", "einundzwanzig", 21), ("fr", "quatre-vingt-dix", 90), ("es", "treinta y cinco", 35),
        ("it", "ventidue", 22), ("nl", "drieëntwintig", 23), ("pt", "vinte e cinco", 25),
    ],
)  # fmt: skip
def test_words_of_every_language_are_read(language: str, text: str, value: int) -> None:
    assert found(text, language) == [(text, value)]


def test_no_more_are_found_than_a_reply_should_hold() -> None:
    reply = NumberFinder(["en"]).find(Asked("7 x " * (SPANS_AT_MOST + 1), WEDNESDAY))

    assert (len(reply.spans), reply.is_complete) == (SPANS_AT_MOST, False)
