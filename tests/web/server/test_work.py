"""Threads make replies; what finds no room, and what takes too long, is told so, and neither harms the others."""

import asyncio
import threading

import pytest

from app.domain.load_errors import DeadlineExceededError, OverloadedError
from app.web.reply import Reply
from app.web.server.work import Work

LONG_S = 60.0
DONE = Reply(200, (), b"")


def test_what_was_made_is_given() -> None:
    assert asyncio.run(Work(1, LONG_S).make(lambda: DONE)) is DONE


def test_what_went_wrong_is_raised() -> None:
    with pytest.raises(ZeroDivisionError):
        asyncio.run(Work(1, LONG_S).make(lambda: Reply(1 // 0, (), b"")))


def test_so_many_wait_and_no_more() -> None:
    release = threading.Event()

    def make() -> Reply:
        assert release.wait(LONG_S)
        return DONE

    async def promised() -> None:
        work = Work(2, LONG_S)
        begun = [asyncio.create_task(work.make(make)) for _ in range(18)]
        await asyncio.sleep(0)
        with pytest.raises(OverloadedError):
            await work.make(make)
        release.set()
        assert await asyncio.gather(*begun) == [DONE] * 18
        assert await work.make(make) is DONE

    asyncio.run(promised())


def test_one_that_hangs_is_given_up_and_the_others_are_made() -> None:
    release = threading.Event()

    def hang() -> Reply:
        release.wait(LONG_S)
        return DONE

    async def promised() -> None:
        work = Work(2, 0.05)
        with pytest.raises(DeadlineExceededError):
            await work.make(hang)
        assert await work.make(lambda: DONE) is DONE
        release.set()

    asyncio.run(promised())


async def _recovered(work: Work) -> None:
    while work.is_stuck:  # noqa: ASYNC110 - nobody else wants to know
        await asyncio.sleep(0.01)


def test_who_was_given_up_before_its_turn_is_never_made() -> None:
    release, made = threading.Event(), []

    def hang() -> Reply:
        assert release.wait(LONG_S)
        return DONE

    def make() -> Reply:
        made.append(1)
        return DONE

    async def promised() -> None:
        work = Work(1, 0.05)
        given_up = await asyncio.gather(work.make(hang), work.make(make), return_exceptions=True)
        assert [type(error) for error in given_up] == [DeadlineExceededError] * 2
        release.set()
        await _recovered(work)
        assert await work.make(lambda: DONE) is DONE

    asyncio.run(promised())
    assert made == []


def test_threads_that_all_hang_are_told_as_long_as_they_do() -> None:
    release = threading.Event()

    def hang() -> Reply:
        assert release.wait(LONG_S)
        return DONE

    async def promised() -> None:
        work = Work(2, 0.05)
        for is_stuck in (False, True):
            with pytest.raises(DeadlineExceededError):
                await work.make(hang)
            assert work.is_stuck is is_stuck
        release.set()
        await _recovered(work)
        assert await work.make(lambda: DONE) is DONE

    asyncio.run(promised())
