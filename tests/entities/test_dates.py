"""Dates are found where a text says one, with the day it means at the moment of the request; else nothing is."""

import pytest

from app.entities.asked import Asked
from app.entities.dates import DateFinder
from app.entities.declaration import LANGUAGES
from tests.entities.moments import WEDNESDAY


@pytest.fixture(scope="module")
def finders() -> dict[str, DateFinder]:
    return {language: DateFinder([language]) for language in LANGUAGES}


def found(finder: DateFinder, text: str) -> list[tuple[str, str | int | float]]:
    return [(text[span.start : span.end], span.value) for span in finder.find(Asked(text, WEDNESDAY)).spans]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("tomorrow", "2026-03-19"), ("Today", "2026-03-18"), ("day after tomorrow", "2026-03-20"),
        ("friday", "2026-03-20"), ("next friday", "2026-03-20"), ("last monday", "2026-03-16"),
        ("tomorrow at 5 pm", "2026-03-19T17:00:00"), ("friday morning", "2026-03-20"), ("tonight", "2026-03-18"),
        ("3 march 2027", "2027-03-03"), ("march 3rd", "2027-03-03"), ("3rd of april", "2026-04-03"),
        ("fri may 8 at 10:30", "2026-05-08T10:30:00"), ("Wednesday, July 1st, 2026", "2026-07-01"),
        ("may 2027", "2027-05"),
        ("2026-05-01", "2026-05-01"), ("2026-05-01T10:00Z", "2026-05-01T10:00:00+00:00"), ("5/6/2026", "2026-05-06"),
        ("in 3 days", "2026-03-21"), ("two weeks ago", "2026-W10"), ("next week", "2026-W13"), ("this year", "2026"),
        ("in 2 hours", "2026-03-18T17:00:00"),
    ],
)  # fmt: skip
def test_a_date_is_found_with_the_day_it_means(finders, text: str, value: str) -> None:
    assert found(finders["en"], f"🍕 is it on {text}, please?") == [(text, value)]


@pytest.mark.parametrize(
    "text",
    [
        "may i sit on sat", "the second one", "march on", "at 5 pm", "10:30", "in 2027", "31 february",
        "555-1234", "1.2.3",
        "mondays", "saturday the 4th", "on my way in", "99/99/2026", "now", "5 people", "every friday", "v2026-05-01",
    ],
)  # fmt: skip
def test_what_people_say_beside_dates_is_none(finders, text: str) -> None:
    assert found(finders["en"], text) == []


@pytest.mark.parametrize(
    ("language", "text", "dates"),
    [
        ("de", "Guten Morgen, morgen oder am 5. Mai 2026, vor drei Tagen", ["2026-03-19", "2026-05-05", "2026-03-15"]),
        ("de", "letzten Montag, jeden Freitag", []),
        ("es", "por la mañana no, mañana a las 10:30 o el 5 de mayo", ["2026-03-19T10:30:00", "2026-05-05"]),
        ("fr", "demain à 10h, le 5 mai 2026, dans 3 jours", ["2026-03-19T10:00:00", "2026-05-05", "2026-03-21"]),
        ("it", "domani, il 5 maggio 2026, 3 giorni fa", ["2026-03-19", "2026-05-05", "2026-03-15"]),
        ("nl", "goede morgen, overmorgen, 5 mei 2026", ["2026-03-20", "2026-05-05"]),
        ("pt", "a segunda vez, amanhã, 5 de maio de 2026, há 3 dias", ["2026-03-19", "2026-05-05", "2026-03-15"]),
    ],
)
def test_dates_of_every_language_are_read_and_its_false_friends_are_not(finders, language, text, dates) -> None:
    assert [value for _, value in found(finders[language], text)] == dates


def test_a_time_that_cannot_be_read_is_left_beside_its_day(finders) -> None:
    assert found(finders["de"], "morgen um 10 uhr") == [("morgen", "2026-03-19")]


def test_the_first_language_that_reads_a_date_counts() -> None:
    both = DateFinder(["en", "de"])

    assert found(both, "5/6/2026 oder übermorgen") == [("5/6/2026", "2026-05-06"), ("übermorgen", "2026-03-20")]
    assert found(DateFinder(["de", "en"]), "5/6/2026") == [("5/6/2026", "2026-06-05")]


def test_a_text_full_of_dates_is_read_so_far(finders) -> None:
    reply = finders["en"].find(Asked("tomorrow " * 200, WEDNESDAY))

    assert (len(reply.spans), reply.is_complete) == (20, False)
