"""So many proofs of an address may fail in a minute, and no more; those that were right count for nothing."""

import pytest

from app.domain.errors import AuthenticationError
from app.domain.rate_limit_errors import TooManyGuessesError
from app.service.buckets import RECORD_BYTES
from app.service.caller_counts import CallerCounts
from app.service.guesses import GUESSES, Guesses
from app.service.rate_limits import RateLimits
from app.storage.shared_records import SharedRecords

HERE, ELSEWHERE = "203.0.113.7", "198.51.100.9"


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def guesses(clock: Clock) -> Guesses:
    return Guesses(RateLimits(CallerCounts(SharedRecords(RECORD_BYTES), (GUESSES,), clock=clock)))


def fail(guesses: Guesses, address: str = HERE) -> None:
    with pytest.raises(AuthenticationError), guesses.attempt(address):
        raise AuthenticationError


def test_the_thirty_first_in_a_minute_is_not_looked_at(guesses: Guesses) -> None:
    for _ in range(30):
        fail(guesses)

    with pytest.raises(TooManyGuessesError) as refusal, guesses.attempt(HERE):
        pytest.fail("it was looked at")

    assert 0 < refusal.value.retry_after_s <= 64
    with pytest.raises(TooManyGuessesError):
        guesses.ask(HERE)
    fail(guesses, ELSEWHERE)


def test_a_minute_later_others_are_looked_at(guesses: Guesses, clock: Clock) -> None:
    for _ in range(30):
        fail(guesses)

    clock.now += 64

    guesses.ask(HERE)
    fail(guesses)


def test_those_that_were_right_count_for_nothing(guesses: Guesses) -> None:
    for _ in range(100):
        with guesses.attempt(HERE):
            pass

    guesses.ask(HERE)


def test_those_of_which_it_is_not_known_count_for_nothing(guesses: Guesses) -> None:
    for _ in range(100):
        with pytest.raises(OSError, match="no database"), guesses.attempt(HERE):
            raise OSError("no database")

    guesses.ask(HERE)


def test_those_that_are_being_looked_at_count(guesses: Guesses) -> None:
    for _ in range(30):
        guesses.begin(HERE)

    with pytest.raises(TooManyGuessesError):
        guesses.begin(HERE)

    guesses.take_back(HERE)
    guesses.begin(HERE)
