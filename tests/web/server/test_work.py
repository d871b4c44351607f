"""Threads make replies; what finds no room, and what takes too long, is told so, and neither harms the others."""

import asyncio
import threading

import pytest

from app.domain.load_errors import DeadlineExceededError, OverloadedError
from app.web.answering import Reply
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
