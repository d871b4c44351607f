"""Redis down, asleep or of another mind: requests are counted here, at once, and the log says it once."""

from collections.abc import Callable, Iterator

import pytest

from app.domain.rate_limit import parse_rate_limits
from app.service.buckets import RECORD_BYTES
from app.service.caller_counts import CallerCounts
from app.service.count_exchange import CountExchange
from app.service.rate_limits import RateLimits
from app.storage.redis_counts import RedisCounts
from app.storage.shared_records import SharedRecords
from tests.redis_server import PASSWORD, RedisServer
from tests.request_log import until, warnings


@pytest.fixture
def join() -> Iterator[Callable[..., RateLimits]]:
    """Add a machine to a server: `join(url)`. Ten requests an hour are answered."""
    exchanges: list[CountExchange] = []

    def add(url: str) -> RateLimits:
        counts = CallerCounts(SharedRecords(RECORD_BYTES), parse_rate_limits("10/hour"))
        exchanges.append(CountExchange(counts, lambda: RedisCounts(url), tries_again_after_s=0.01))
        return RateLimits(counts, exchanges[-1])

    yield add
    for exchange in exchanges:
        exchange.close()


def remaining(limits: RateLimits, who: str = "ada") -> int:
    """Look at what one more request would leave."""
    left = limits.count(who).remaining
    limits.take_back(who)
    return left


def test_while_redis_is_down_each_machine_counts_by_itself(join, redis_server: RedisServer) -> None:
    redis_server.stop()
    first, second = join(redis_server.url), join(redis_server.url)

    assert [first.count("ada").remaining for _ in range(10)] == [*reversed(range(10))]
    assert [second.count("ada").remaining for _ in range(10)] == [*reversed(range(10))]


def test_an_outage_is_told_when_it_begins_and_when_it_ends(join, redis_server: RedisServer, caplog) -> None:
    limits = join(redis_server.url)
    limits.count("ada")
    redis_server.stop()
    until(lambda: limits.ask("ada") or warnings(caplog))
    for _ in range(5):
        limits.count("ada")

    redis_server.start()

    until(lambda: len(warnings(caplog)) == 2)
    began, ended = warnings(caplog)
    assert began.startswith(f"rate limits: Redis at {redis_server.folder}/socket cannot be used: ")
    assert ended.startswith("rate limits: counts are shared again after ")


def test_what_was_counted_in_an_outage_is_told_afterwards(join, redis_server: RedisServer) -> None:
    first, second = join(redis_server.url), join(redis_server.url)
    redis_server.stop()
    for _ in range(4):
        first.count("ada")
        second.count("ada")

    redis_server.start()

    until(lambda: (remaining(first), remaining(second)) == (1, 1))


def test_nobody_waits_for_a_redis_that_is_asleep(join, redis_server: RedisServer) -> None:
    limits = join(redis_server.url)
    limits.count("ada")
    redis_server.sleep()

    counted = [limits.count("ada").remaining for _ in range(9)]  # it sleeps on, whatever is asked

    assert counted == [*reversed(range(9))]
    redis_server.wake()


def test_a_redis_that_wakes_up_has_counted_nothing_twice(join, redis_server: RedisServer, caplog) -> None:
    limits = join(redis_server.url)
    limits.count("ada")
    until(lambda: counted_in(redis_server) == 1)
    redis_server.sleep()
    for _ in range(3):
        limits.count("ada")
    until(lambda: warnings(caplog))  # it was told, and did not answer

    redis_server.wake()
    until(lambda: len(warnings(caplog)) == 2)

    until(lambda: counted_in(redis_server) == 4)
    assert remaining(limits) == 5


def counted_in(server: RedisServer) -> int:
    """Add up all that stands in Redis."""
    with server.client() as client:
        return sum(int(count) for key in client.scan_iter() for count in client.hvals(key))


def test_a_redis_that_forgets_gives_nobody_more(join, redis_server: RedisServer) -> None:
    first, second = join(redis_server.url), join(redis_server.url)
    for _ in range(5):
        first.count("ada")
    until(lambda: remaining(second) == 4)

    redis_server.forget()
    second.count("ada")

    until(lambda: remaining(first) < 5)
    assert remaining(second) == 3


@pytest.mark.parametrize("url", ["redis://:{password}@127.0.0.1:1/0", "{right}wrong", "redis://nowhere.invalid:6379"])
def test_a_redis_that_cannot_be_used_is_told_without_its_password(
    join, redis_server: RedisServer, caplog, url: str
) -> None:
    limits = join(url.format(password=PASSWORD.replace("@", "%40"), right=redis_server.url))

    limits.count("ada")

    until(lambda: warnings(caplog))
    assert "cannot be used" in warnings(caplog)[0]
    assert not any(secret in caplog.text for secret in (PASSWORD, PASSWORD.replace("@", "%40")))


def test_what_somebody_else_keeps_under_our_keys_ends_nothing(join, redis_server: RedisServer, caplog) -> None:
    limits = join(redis_server.url)
    limits.count("ada")
    with redis_server.client() as client:
        until(lambda: client.keys("parley:rate:*"))
        (name,) = client.scan_iter("parley:rate:*")
        client.set(name, "not a hash")

    limits.count("ada")

    until(lambda: warnings(caplog))
    assert limits.count("ada").remaining == 7


def test_what_somebody_else_keeps_under_a_key_of_one_caller_changes_nothing_for_others(
    join, redis_server: RedisServer
) -> None:
    first, second = join(redis_server.url), join(redis_server.url)
    first.count("ada")
    with redis_server.client() as client:
        until(lambda: client.keys("parley:rate:*"))
        (name,) = client.scan_iter("parley:rate:*")
        client.set(name, "not a hash")

    for _ in range(5):
        first.count("bob")
        first.count("ada")
    second.ask("ada")

    until(lambda: remaining(second, "bob") == 4)
    assert remaining(first, "bob") == 4
