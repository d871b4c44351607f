"""Each record is one line that nothing in it can break, with the id of the request that it is about."""

import json
import logging
import sys
from datetime import datetime
from typing import Any

import pytest

from app.logging_setup.lines import CURRENT_REQUEST, JsonLines, TextLines

FORGED = "2026-01-31T12:00:00.000Z INFO parley.access: POST /predict 200"
BREAKS = ["\n", "\r", "\r\n", "\v", "\f", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029"]
HIDES = ["\x00", "\x08", "\x1b[2K", "\x7f", "\x9b2K", "\u202e", "\u2066", "\u200f", "\ud800"]


def record(message: str = "all is well", *arguments: object, error: Any = None, **extra: object) -> logging.LogRecord:
    made = logging.LogRecord("app.part", logging.WARNING, "part.py", 1, message, arguments, error)
    made.created, made.msecs = 1_800_000_000.25, 250.0
    vars(made).update(extra)
    return made


def failure(message: str) -> Any:
    try:
        raise ValueError(message)  # noqa: TRY301 - this is what makes the traceback
    except ValueError:
        return sys.exc_info()


@pytest.fixture(params=[TextLines, JsonLines])
def lines(request: pytest.FixtureRequest) -> logging.Formatter:
    made: logging.Formatter = request.param()
    return made


def test_a_line_for_people_says_when_how_bad_and_who() -> None:
    assert TextLines().format(record("%d of %d", 3, 4)) == "2027-01-15T08:00:00.250Z WARNING app.part: 3 of 4"


def test_a_line_for_programs_says_the_same() -> None:
    line = JsonLines().format(record("%d of %d", 3, 4))

    content = json.loads(line)
    assert content == {
        "time": "2027-01-15T08:00:00.250Z", "level": "warning", "logger": "app.part", "message": "3 of 4",
    }  # fmt: skip
    assert datetime.fromisoformat(content["time"]).timestamp() == 1_800_000_000.25


def test_times_go_on(lines: logging.Formatter) -> None:
    first, later = record(), record()
    later.created, later.msecs = 1_800_000_061.5, 500.0

    assert "08:00:00.250Z" in lines.format(first)
    assert "08:01:01.500Z" in lines.format(later)


@pytest.mark.parametrize("mischief", [*BREAKS, *HIDES], ids=ascii)
@pytest.mark.parametrize("message", ["said {}", "%s"])
def test_nothing_in_a_message_begins_another_line(lines: logging.Formatter, mischief: str, message: str) -> None:
    text = f"x{mischief}{FORGED}"
    line = lines.format(record(message, text) if "%" in message else record(message.format(text)))

    assert len(line.splitlines()) == 1
    assert not any(character in line for character in mischief if not character.isprintable())
    assert FORGED in line  # nothing is lost


@pytest.mark.parametrize("mischief", BREAKS, ids=ascii)
def test_nothing_in_an_exception_looks_like_a_line_of_ours(lines: logging.Formatter, mischief: str) -> None:
    written = lines.format(record("failed", error=failure(f"x{mischief}{FORGED}")))

    begin = ("2027-", "    ") if isinstance(lines, TextLines) else ("{",)
    assert all(line.startswith(begin) for line in written.splitlines())
    assert len([line for line in written.splitlines() if line.startswith(("2", "{"))]) == 1
    assert FORGED in written


def test_programs_read_an_exception_as_it_was() -> None:
    content = json.loads(JsonLines().format(record("failed", error=failure("no such thing"))))

    assert content["exception"].startswith("Traceback (most recent call last):\n")
    assert content["exception"].endswith("ValueError: no such thing")


def test_letters_of_any_script_stay_as_they_are() -> None:
    assert TextLines().format(record("Grüße, мир 🗝")).endswith(": Grüße, мир 🗝")


def test_a_line_for_programs_reads_back_whatever_was_said() -> None:
    said = "Grüße\n\u2028\ud800 \x00 \"'\\ 🗝"

    line = JsonLines().format(record("%s", said))

    assert line.isascii()
    assert json.loads(line)["message"] == said


def test_a_line_says_which_request_it_is_about() -> None:
    token = CURRENT_REQUEST.set("r-1")
    try:
        text, content = TextLines().format(record()), json.loads(JsonLines().format(record()))
    finally:
        CURRENT_REQUEST.reset(token)

    assert text == "2027-01-15T08:00:00.250Z WARNING app.part [r-1]: all is well"
    assert content["request_id"] == "r-1"
    assert "r-1" not in TextLines().format(record())


def test_what_is_told_later_can_still_say_which_request() -> None:
    later = record(request_id="r-2")

    assert " [r-2]: " in TextLines().format(later)
    assert json.loads(JsonLines().format(later))["request_id"] == "r-2"


def test_an_id_forges_no_line_either(lines: logging.Formatter) -> None:
    assert len(lines.format(record(request_id=f"x]\n{FORGED}")).splitlines()) == 1
