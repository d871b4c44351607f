"""The loop answers in order, looks at its sockets between, and says when more wait than can be answered soon."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from functools import partial

from app.web.server.turns import NotingSelector, Turns

LONG_S = 60.0


def on_a_loop(promised: Callable[[Turns], Awaitable[None]], max_wait_s: float = LONG_S) -> None:
    selector = NotingSelector()

    async def run() -> None:
        await promised(Turns(selector, max_wait_s))

    with asyncio.Runner(loop_factory=lambda: asyncio.SelectorEventLoop(selector)) as runner:
        runner.run(run())


def never() -> None:
    raise AssertionError("nobody is to be refused")


def test_who_waits_is_answered_in_order_after_a_turn_that_failed() -> None:
    async def promised(turns: Turns) -> None:
        answered: list[int] = []

        def answer(number: int) -> None:
            if number == 50:
                raise RuntimeError("the client is odd")
            answered.append(number)

        for number in range(100):
            turns.wait(partial(answer, number), never)
        while len(answered) < 99:  # noqa: ASYNC110 - each pass is one of the loop
            await asyncio.sleep(0)
        assert answered == [number for number in range(100) if number != 50]

    on_a_loop(promised)


def test_between_turns_that_take_long_others_have_the_loop() -> None:
    async def promised(turns: Turns) -> None:
        order: list[str] = []
        for _ in range(3):
            turns.wait(lambda: (time.sleep(0.02), order.append("turn"))[1], never)  # type: ignore[func-returns-value]
        while order.count("turn") < 3:
            await asyncio.sleep(0)
            order.append("loop")
        assert "loop" in order[order.index("turn") : len(order) - order[::-1].index("turn")]

    on_a_loop(promised)


def test_a_loop_that_has_just_looked_is_free_and_one_that_others_wait_for_is_not() -> None:
    async def promised(turns: Turns) -> None:
        await asyncio.sleep(0)
        assert turns.is_free()
        turns.wait(lambda: None, never)
        assert not turns.is_free()

    on_a_loop(promised)


def test_more_than_can_be_answered_soon_are_too_many() -> None:
    async def promised(turns: Turns) -> None:
        for _ in range(10):
            turns.wait(lambda: None, never)
        assert not turns.is_overloaded()
        for _ in range(10_000):
            turns.wait(lambda: None, never)
        assert turns.is_overloaded()

    on_a_loop(promised, max_wait_s=0.05)


def test_to_refuse_takes_less_of_the_loop_than_to_answer() -> None:
    async def promised(turns: Turns) -> None:
        taken: list[str] = []

        def turn(what: str) -> None:
            time.sleep(0.001)
            taken.append(what)

        for _ in range(50):
            turns.wait(partial(turn, "answer"), never)
            turns.wait_to_refuse(partial(turn, "refusal"))
        while taken.count("answer") < 50:  # noqa: ASYNC110 - each pass is one of the loop
            await asyncio.sleep(0)
        assert 0 < taken.count("refusal") < 50
        while taken.count("refusal") < 50:  # noqa: ASYNC110 - as above
            await asyncio.sleep(0)

    on_a_loop(promised)


def test_who_has_waited_too_long_is_refused_while_many_wait_behind() -> None:
    async def promised(turns: Turns) -> None:
        answered: list[int] = []
        refused: list[int] = []
        for number in range(1_000):
            turns.wait(partial(answered.append, number), partial(refused.append, number))
        time.sleep(0.06)  # noqa: ASYNC251 - the loop is held up
        while len(answered) + len(refused) < 1_000:  # noqa: ASYNC110 - each pass is one of the loop
            await asyncio.sleep(0)
        assert refused[0] == 0
        assert answered[-1] == 999
        assert sorted(answered + refused) == list(range(1_000))

    on_a_loop(promised, max_wait_s=0.05)


def test_after_a_pause_turns_are_not_taken_for_slow() -> None:
    async def promised(turns: Turns) -> None:
        done = asyncio.Event()
        turns.wait(lambda: (time.sleep(0.5), done.set())[1], never)  # type: ignore[func-returns-value]
        await done.wait()
        await asyncio.sleep(0)
        for _ in range(50):
            turns.wait(lambda: None, never)
        assert not turns.is_overloaded()

    on_a_loop(promised, max_wait_s=0.05)


def test_turns_that_are_slow_are_taken_for_slow() -> None:
    async def promised(turns: Turns) -> None:
        left = 60

        def turn() -> None:
            nonlocal left
            left -= 1
            time.sleep(0.006)

        for _ in range(left):
            turns.wait(turn, turn)
        while left > 10:  # noqa: ASYNC110 - each pass is one of the loop
            await asyncio.sleep(0)
        for _ in range(50):
            turns.wait(lambda: None, never)
        assert turns.is_overloaded()

    on_a_loop(promised, max_wait_s=0.05)


def test_after_a_pause_all_are_answered_where_few_wait() -> None:
    async def promised(turns: Turns) -> None:
        answered: list[int] = []
        for number in range(50):
            turns.wait(partial(answered.append, number), never)
        time.sleep(0.06)  # noqa: ASYNC251 - the loop is held up
        while len(answered) < 50:  # noqa: ASYNC110 - each pass is one of the loop
            await asyncio.sleep(0)

    on_a_loop(promised, max_wait_s=0.05)
