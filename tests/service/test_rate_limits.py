"""A caller gets what a limit allows and no more, over every store, and whoever counts along knows of it."""

import os
import random
import threading
from collections.abc import Callable, Iterator

import pytest

from app.domain.rate_limit import Allowance, parse_rate_limits
from app.domain.rate_limit_errors import RateLimitedError
from app.service.buckets import RECORD_BYTES
from app.service.caller_counts import CallerCounts
from app.service.count_exchange import CountExchange
from app.service.rate_limits import RateLimits
from app.storage.redis_counts import RedisCounts
from app.storage.shared_records import SharedRecords
from tests.request_log import until

Join = Callable[..., RateLimits]


class Clock:
    """Stands still unless it is told to go on."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.3
        self.holds_up: threading.Thread | None = None
        self.is_read, self.go_on = threading.Event(), threading.Event()

    def __call__(self) -> float:
        now = self.now
        if threading.current_thread() is self.holds_up:
            self.is_read.set()
            self.go_on.wait()
        return now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["memory", "redis"])
def join(request: pytest.FixtureRequest, clock: Clock) -> Iterator[Join]:
    """Add a process to a server: `join("10/minute")`. Over Redis each is on a machine of its own."""
    exchanges: list[CountExchange] = []
    fd = os.memfd_create("test")
    server = request.getfixturevalue("redis_server") if request.param == "redis" else None

    def add(limits: str) -> RateLimits:
        if server is None:
            return RateLimits(CallerCounts(SharedRecords(RECORD_BYTES, fd), parse_rate_limits(limits), clock=clock))
        counts = CallerCounts(SharedRecords(RECORD_BYTES), parse_rate_limits(limits), clock=clock)
        exchanges.append(CountExchange(counts, lambda: RedisCounts(server.url)))
        return RateLimits(counts, exchanges[-1])

    yield add
    for exchange in exchanges:
        exchange.close()
    os.close(fd)


def answered(limits: RateLimits, who: str = "ada") -> bool:
    try:
        limits.count(who)
    except RateLimitedError:
        return False
    return True


def refusal(limits: RateLimits, who: str = "ada") -> RateLimitedError:
    with pytest.raises(RateLimitedError) as refused:
        limits.count(who)
    return refused.value


def would_be_answered(limits: RateLimits, who: str = "ada") -> bool:
    try:
        limits.ask(who)
    except RateLimitedError:
        return False
    return True


def test_a_caller_gets_as_many_answers_as_a_limit_allows(join: Join) -> None:
    limits = join("10/minute")

    assert [answered(limits) for _ in range(13)] == [True] * 10 + [False] * 3


def test_one_caller_takes_nothing_from_another(join: Join) -> None:
    limits = join("1/minute")
    answered(limits, "ada")

    assert [answered(limits, "ada"), answered(limits, "bob")] == [False, True]


@pytest.mark.parametrize("limit", ["1/second", "7/100 seconds", "40/minute", "300/hour"])
def test_no_period_sees_more_than_the_limit_wherever_it_begins(join: Join, clock: Clock, limit: str) -> None:
    limits, [(most, seconds)] = join(limit), parse_rate_limits(limit)
    chance = random.Random(7)  # noqa: S311 - it shall be the same each time
    times: list[float] = []
    for _ in range(1_500):
        clock.now += chance.choice([0, 0, 0, 0.001, 0.1, 0.3, 0.7]) * chance.random() * seconds / most * 4
        if answered(limits):
            times.append(clock.now)

    assert len(times) > most
    assert all(later - first >= seconds for first, later in zip(times, times[most:], strict=False))


def test_all_is_free_again_when_its_time_has_passed(join: Join, clock: Clock) -> None:
    limits = join("10/minute")
    reset_s = [limits.count("ada") for _ in range(10)][-1].reset_s

    clock.now += reset_s

    assert 60 < reset_s < 64
    assert [answered(limits) for _ in range(11)] == [True] * 10 + [False]


def test_whoever_was_refused_is_answered_after_the_time_he_was_told(join: Join, clock: Clock) -> None:
    limits = join("3/minute")
    for _ in range(3):
        answered(limits)
        clock.now += 10
    wait_s = refusal(limits).retry_after_s

    clock.now += wait_s

    assert 30 < wait_s < 35
    assert [answered(limits), answered(limits)] == [True, False]


def test_asking_while_refused_costs_nothing(join: Join, clock: Clock) -> None:
    limits = join("1/minute")
    answered(limits)
    for _ in range(100):
        clock.now += 0.5
        assert not answered(limits)

    clock.now += 14

    assert answered(limits)


def test_what_is_left_is_told(join: Join) -> None:
    limits = join("3/minute")

    assert [limits.count("ada").remaining for _ in range(3)] == [2, 1, 0]


def test_of_several_limits_the_one_that_leaves_least_is_told(join: Join, clock: Clock) -> None:
    limits = join("2/second; 3/minute")

    def told() -> tuple[str, int]:
        allowance: Allowance = limits.count("ada")
        return str(allowance.limit), allowance.remaining

    assert [told(), told()] == [("2/second", 1), ("2/second", 0)]
    clock.now += 2
    assert told() == ("3/minute", 0)
    assert str(refusal(limits).allowance.limit) == "3/minute"


def test_a_request_that_one_limit_refuses_counts_against_none(join: Join, clock: Clock) -> None:
    limits = join("1/second; 3/minute")
    assert [answered(limits) for _ in range(50)].count(True) == 1

    clock.now += 2

    assert limits.count("ada").remaining == 0  # of the second
    clock.now += 2
    assert answered(limits)  # the third of the minute


def test_asking_whether_counts_nothing(join: Join) -> None:
    limits = join("1/minute")

    assert [would_be_answered(limits) for _ in range(5)] == [True] * 5
    assert answered(limits)
    assert not would_be_answered(limits)


def test_a_request_taken_back_can_be_sent_again(join: Join, clock: Clock) -> None:
    limits = join("1/minute")
    answered(limits)
    clock.now += 5  # into another bucket

    limits.take_back("ada")

    assert [answered(limits), answered(limits)] == [True, False]


def test_nothing_can_be_taken_back_that_was_not_counted(join: Join) -> None:
    limits = join("1/minute")

    limits.take_back("ada")

    assert [answered(limits), answered(limits)] == [True, False]


def test_those_who_serve_together_count_together(join: Join) -> None:
    first, second = join("10/hour"), join("10/hour")
    assert [answered(first) for _ in range(10)] == [True] * 10

    until(lambda: not would_be_answered(second))

    assert not answered(second)


def test_what_others_counted_before_one_came_counts_too(join: Join, clock: Clock) -> None:
    first = join("10/hour")
    for _ in range(5):
        answered(first)
        clock.now += 400
    late = join("10/hour")
    late.ask("ada")

    until(lambda: _remaining(late) == 4)


def test_callers_who_take_turns_between_servers_get_no_more(join: Join) -> None:
    servers = [join("100/hour") for _ in range(3)]

    for _ in range(30):
        assert all(answered(server) for server in servers)
    until(lambda: [_remaining(server) for server in servers] == [9, 9, 9])


def _remaining(limits: RateLimits) -> int:
    """Look at what one more request would leave."""
    remaining = limits.count("ada").remaining
    limits.take_back("ada")
    return remaining


def test_who_is_held_up_after_a_look_at_the_clock_takes_nothing_from_what_others_counted(
    join: Join, clock: Clock
) -> None:
    limits = join("10/minute")
    answered(limits)
    clock.holds_up = threading.Thread(target=limits.ask, args=["ada"])
    clock.holds_up.start()
    clock.is_read.wait()
    clock.now += 120

    threading.Timer(0.1, clock.go_on.set).start()
    in_time = [answered(limits) for _ in range(10)]
    clock.holds_up.join()

    assert in_time == [True] * 10
    assert not answered(limits)


@pytest.mark.parametrize("step", [-0.5, -30, -86_400, 86_400])
def test_a_clock_that_is_set_refuses_nobody_for_good(join: Join, clock: Clock, step: float) -> None:
    limits = join("2/minute")
    answered(limits)
    clock.now += step
    answered(limits)

    clock.now += 2 * 64  # twice, for what was counted at a later hour waits until it comes

    assert answered(limits)
