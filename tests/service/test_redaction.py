"""What says who wrote a text is taken out of it, in time, whatever the text and whatever the operator's patterns."""

import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import InvalidValueError
from app.service.redaction import UNFINISHED, Redaction

LONGEST = 10_000
redacted = Redaction()


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("write to ada@example.com please", "write to <email> please"),
        ("ada.b+c_d-e@sub.example.co.uk.", "<email>."),
        ("<ada@example.com>, bob@example.org", "<<email>>, <email>"),
        ("mailto:ada@localhost", "mailto:<email>"),
        ("ürsula@exämple.de", "<email>"),
        ("ada＠example.com", "<email>"),
        ("o'brien@example.com and x%y@example.com", "<email> and <email>"),
        ("ada1984@example24.com", "<email>"),
        ("@ada and ada@ are none", "@ada and ada@ are none"),
    ],
)
def test_an_address_becomes_a_marker(text: str, kept: str) -> None:
    assert redacted(text) == kept


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("room 7", "room <number>"),
        ("my card 4111 1111 1111 1111 expires 12/27", "my card <number> expires <number>"),
        ("4111-1111-1111-1111", "<number>"),
        ("call +49 (0)30 123 45-67 now", "call <number> now"),
        ("(030) 1234567", "<number>"),
        ("born 1.2.1984, pays 1,000.50", "born <number>, pays <number>"),
        ("DE89 3704 0044 0532 0130 00", "DE<number>"),
        ("٣٤٥ and १२३", "<number> and <number>"),
        ("4111\u00a01111\u20091111\u20131111", "<number>"),
        ("no digits, at all", "no digits, at all"),
    ],
)
def test_a_number_becomes_a_marker(text: str, kept: str) -> None:
    assert redacted(text) == kept


def test_what_the_operator_names_becomes_its_marker_and_comes_first() -> None:
    own = Redaction({"customer": r"C-\d+", "old_ticket": r"(?i)ticket\s+\w+"})

    assert own("c-1 C-12345, Ticket AB7 of a@b.c") == "c-<number> <customer>, <old_ticket> of <email>"


def test_a_marker_is_put_as_it_stands_whatever_groups_a_pattern_has() -> None:
    assert Redaction({"name": r"(my name is) (?P<who>\w+)"})(r"my name is Ada \1") == r"<name> \<number>"


@given(st.text(max_size=200))
def test_no_digit_and_no_address_is_left_of_any_text(text: str) -> None:
    kept = redacted(text + " x@y.z 5 " + text).replace("<number>", "").replace("<email>", "")

    assert not any(character.isdecimal() for character in kept)


# Far longer than any text may be: work that grew with its square would take an hour, and the run's time limit end it.
@pytest.mark.parametrize(
    "part",
    ["a", "@", "a@", "a.", "a@b.", "(", "+(", "+", "1 ", "1    ", " ", "-", "1", "1(((", "1\u2010"],
)  # fmt: skip
@pytest.mark.parametrize("start", ["", "a@", "1", "a@b"])
def test_the_work_grows_with_the_text_and_not_with_its_square(start: str, part: str) -> None:
    text = start + part * (1_000_000 // len(part))

    assert isinstance(redacted(text), str)


@pytest.mark.parametrize("pattern", [r"(a+)+$", r"(a|a)+$", r"(a|aa)+$", r"(.*a){25}$"])
def test_a_text_on_which_a_pattern_takes_too_long_is_not_kept(pattern: str) -> None:
    own = Redaction({"slow": pattern})

    assert own("a" * LONGEST + "b") == UNFINISHED
    assert own("quick") == "quick"


def test_a_slow_pattern_holds_no_other_thread_up() -> None:
    own = Redaction({"slow": r"(a+)+$"})
    worker = threading.Thread(target=own, args=("a" * LONGEST + "b",))
    worker.start()
    n_turns = 0

    while worker.is_alive():
        time.sleep(0)  # lets another thread run, and goes on when that one lets go
        n_turns += 1

    # the worker's own lines take a handful of turns; its pattern takes a tenth of a second
    assert n_turns > 50


@pytest.mark.parametrize("pattern", ["C-[0-9", "(", "*", "(?P<1>x)", r"\k", "x*", "", "^", "a|"])
def test_a_pattern_that_cannot_be_used_is_refused_by_its_name(pattern: str) -> None:
    with pytest.raises(InvalidValueError, match=r"^redact\.customer: "):
        Redaction({"ticket": "T-[0-9]+", "customer": pattern})


@pytest.mark.parametrize("marker", ["", "Customer", "customer 1", "c1", "<x>", "_x", "x__y", r"\g<0>"])
def test_a_marker_that_could_be_taken_for_something_else_is_refused(marker: str) -> None:
    with pytest.raises(InvalidValueError, match=r"small letters and underscores"):
        Redaction({marker: "x"})


def test_the_library_of_patterns_is_loaded_only_where_there_are_some(python) -> None:
    done = python(
        "-c", "import sys; from app.service.redaction import Redaction; Redaction(); print('regex' in sys.modules)"
    )

    assert done.stdout.strip() == "False", done.stderr
