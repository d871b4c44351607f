"""Every request of a load test is accounted for, whatever the server does to it."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from app.cli.http_wire import Target
from app.cli.load_generator import Check, LoadGenerator
from app.cli.load_tally import Plan, Tally

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
BUSY = b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"
Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def loaded(serve: Serve, requests: list[bytes] | None = None, check: Check = lambda _: None, **plan: Any) -> Tally:
    """Run a load test against a server that does as `serve` does."""
    handlers: list[asyncio.Task[Any] | None] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        handlers.append(asyncio.current_task())
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            await serve(reader, writer)
        writer.close()

    async def run() -> Tally:
        server = await asyncio.start_server(handle, "127.0.0.1", 0)
        target = Target.parse(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        tally = await LoadGenerator(target, requests or [target.get("/")], Plan(**plan), check).run()
        server.close()
        tasks = [task for task in handlers if task]
        _, slow = await asyncio.wait(tasks, timeout=0.5)
        for task in slow:
            task.cancel()
        await asyncio.gather(*tasks)
        return tally

    return asyncio.run(run())


def serving(answer: Callable[[int], bytes], *, takes_s: float = 0.0, closes: bool = False) -> Serve:
    """Answer the n-th request of all with what `answer` gives; nothing where that is empty."""
    seen = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal seen
        while await reader.readuntil(b"\r\n\r\n"):
            seen += 1
            reply = answer(seen)
            await asyncio.sleep(takes_s)
            writer.write(reply)
            if closes or not reply:
                break

    return serve


def test_exactly_as_many_requests_are_sent_as_were_asked_for() -> None:
    tally = loaded(serving(lambda _: OK), connections=7, n_requests=100)

    assert (tally.sent, tally.answered, tally.count(200), tally.failures.total()) == (100, 100, 100, 0)


def test_answers_are_counted_by_status() -> None:
    tally = loaded(serving(lambda n: BUSY if n % 4 == 0 else OK), connections=4, n_requests=100)

    assert (tally.count(200), tally.count(503)) == (75, 25)


def test_requests_take_turns() -> None:
    sent: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            sent.extend([line] if line.startswith(b"GET") else [])
            if line == b"\r\n":
                writer.write(OK)

    target = Target.parse("http://127.0.0.1")
    loaded(serve, [target.get("/a"), target.get("/b"), target.get("/c")], connections=1, n_requests=5)

    assert [line[5:6] for line in sent] == [b"a", b"b", b"c", b"a", b"b"]


def test_a_server_that_closes_after_each_answer_is_asked_over_new_connections() -> None:
    tally = loaded(serving(lambda _: OK, closes=True), connections=2, seconds=0.5)

    assert tally.count(200) > 2
    assert tally.answered + tally.failures.total() == tally.sent


def test_a_request_that_gets_no_answer_is_counted_with_its_reason() -> None:
    tally = loaded(serving(lambda n: b"" if n == 3 else OK), connections=1, n_requests=10)

    assert tally.count(200) == 9
    assert dict(tally.failures) == {"connection lost: closed without an answer": 1}


def test_an_answer_that_never_comes_is_not_waited_for() -> None:
    tally = loaded(serving(lambda _: OK, takes_s=5), connections=2, n_requests=2, timeout_s=0.2)

    assert dict(tally.failures) == {"no answer within 0.2 s": 2}


def test_nobody_listening_ends_the_test_and_says_why() -> None:
    generator = LoadGenerator(Target.parse("http://127.0.0.1:1"), [b""], Plan(connections=3, n_requests=9))

    tally = generator.run_alone()

    assert tally.answered == 0
    assert set(tally.failures) == {"no connection: Connection refused"}
    assert tally.failures.total() >= 9


def test_a_rate_is_kept() -> None:
    tally = loaded(serving(lambda _: OK), connections=8, seconds=1.0, rate=200)

    assert tally.count(200) == pytest.approx(200, abs=2)
    assert tally.unsent == 0


def test_with_a_rate_nothing_is_dropped_and_the_wait_for_a_connection_is_part_of_the_latency() -> None:
    tally = loaded(serving(lambda _: OK, takes_s=0.02), connections=1, n_requests=30, rate=1000)

    assert tally.count(200) == 30
    assert tally.percentiles()[100.0] > 0.4  # the last was due after 0.03 s and sent after 29 answers
    assert tally.percentiles(on_the_wire=True)[100.0] < tally.percentiles()[100.0] / 2


def test_what_is_wrong_with_answers_is_told() -> None:
    tally = loaded(serving(lambda _: OK), check=lambda answer: f"not {len(answer.body)}", connections=1, n_requests=101)

    assert dict(tally.problems) == {"not 2": 3}
    assert tally.checked == 3
