"""Far more than can be answered is refused at once with a time to come back, and when it ends, it is over."""

import asyncio
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.cli.http_wire import Response, Target
from app.cli.load_generator import LoadGenerator
from app.cli.load_tally import Plan, Tally
from tests.raw_connection import connecting
from tests.wellbeing import unharmed

TEXTS = [f"will it rain {number}" for number in range(500)]


def check(response: Response) -> str | None:
    if response.status == 503:
        return None if response.has("Retry-After") else "503 without Retry-After"
    return None if response.status == 200 else f"{response.status}"


async def offer(server: Any, rate: float | None, seconds: float) -> tuple[Tally, Counter[int]]:
    """Ask so often, and for the server's health meanwhile; give what came of both."""
    target = Target.parse(server.url)
    requests = [target.post("/predict", {"text": text}, server.authorization) for text in TEXTS]
    load = LoadGenerator(target, requests, Plan(connections=128, seconds=seconds, rate=rate, timeout_s=20), check)
    loading = asyncio.create_task(load.run())
    health: Counter[int] = Counter()
    while not loading.done():
        health[(await asyncio.to_thread(server.get, "/healthz")).status] += 1
    return await loading, health


def test_what_is_too_much_is_refused_health_is_answered_and_afterwards_all_is_as_before(
    start_server: Callable[..., Any], tiny_models: Path
) -> None:
    server = start_server(tiny_models, PARLEY_DEFAULT_MODEL="tiny", PARLEY_MAX_WAIT_S="0.005")
    with unharmed(server):
        capacity, _ = asyncio.run(offer(server, None, 2))

        tally, health = asyncio.run(offer(server, 4 * capacity.rate, 6))

        assert set(tally.latencies) <= {200, 503}
        assert tally.count(200) > 0
        assert not tally.problems
        assert not tally.failures
        assert set(health) == {200}
        for _ in range(50):  # nothing of it is left to be done
            assert server.post("/predict", {"text": "hello"}).status == 200
        assert server.log.read_text().count("overloaded") <= 10  # the log of a server is no place for its refusals
        assert server.log.read_text().count("more requests than") <= 10


def test_more_batches_than_threads_can_work_on_are_refused_and_small_requests_are_answered(
    start_server: Callable[..., Any], tiny_models: Path
) -> None:
    server = start_server(tiny_models, PARLEY_DEFAULT_MODEL="tiny", PARLEY_THREADS="1", PARLEY_MAX_WAIT_S="10")
    body = b'{"texts": [' + b", ".join([b'"will it rain tomorrow"'] * 1000) + b"]}"
    with unharmed(server, mb=96), connecting() as connect:
        connections = [connect(server) for _ in range(60)]
        for connection in connections:
            connection.predict(body)

        assert {server.post("/predict", {"text": "hello"}).status for _ in range(20)} == {200}
        answered = [connection.receive() for connection in connections]

        assert {status for status, _, _ in answered} == {200, 503}
        assert {headers["retry-after"] for status, headers, _ in answered if status == 503} == {"1"}
