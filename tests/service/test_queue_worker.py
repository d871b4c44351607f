"""Who works for the queue loses nothing: not by what takes long, by a store that is away, by an end or by a death."""

import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import pytest

from app.domain.errors import ParleyError
from app.domain.queued_prediction import ANSWERED, Claimed, PredictionState, Result
from app.domain.storage_errors import StorageUnavailableError
from app.service.queue_worker import QueueTerms, QueueWorker
from app.storage.engine import open_engine
from app.storage.sql_prediction_queue import SqlPredictionQueue
from tests.prediction_stores import asked
from tests.workers import until

LONG_S = 60.0
TERMS = QueueTerms(timedelta(hours=1), timedelta(hours=1), LONG_S)

DEADLY = """
import os, signal, sys, time
from datetime import timedelta
from app.domain.queued_prediction import Result
from app.service.queue_worker import QueueTerms, QueueWorker
from app.storage.engine import open_engine
from app.storage.sql_prediction_queue import SqlPredictionQueue

class Answers:
    def answer(self, claimed):
        if b"poison" in claimed.asked.question:
            os.kill(os.getpid(), signal.SIGKILL)
        return Result(claimed.asked.id, True, claimed.asked.question)

    def refuse(self, claimed, error):
        return Result(claimed.asked.id, False, type(error).__name__.encode())

store = SqlPredictionQueue(open_engine(sys.argv[1]))
worker = QueueWorker(lambda: store, QueueTerms(timedelta(seconds=0.2), timedelta(hours=1), 60))
worker.start(Answers())
while worker.n_answered < int(sys.argv[2]):
    time.sleep(0.01)
"""


def echo(claimed: Claimed) -> Result:
    return Result(claimed.asked.id, True, claimed.asked.question)


class Answering(NamedTuple):
    """Answers by a function, and by the name of what is wrong."""

    answer: Callable[[Claimed], Result]

    def refuse(self, claimed: Claimed, error: ParleyError) -> Result:
        return Result(claimed.asked.id, False, type(error).__name__.encode())


@pytest.fixture
def address(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'queue.db'}"


@pytest.fixture
def store(address: str) -> Iterator[SqlPredictionQueue]:
    with closing(SqlPredictionQueue(open_engine(address))) as opened:
        opened.prepare()
        yield opened


@pytest.fixture
def work(store: SqlPredictionQueue) -> Iterator[Callable[..., QueueWorker]]:
    """Have a thread work for the queue until the test ends: `work(answer)`."""
    begun: list[QueueWorker] = []

    def begin(
        answer: Callable[[Claimed], Result], open_store: Callable[[], Any] = lambda: store, **terms: float
    ) -> QueueWorker:
        worker = QueueWorker(open_store, TERMS._replace(**terms))  # type: ignore[arg-type]  # seconds
        begun.append(worker)
        worker.start(Answering(answer))
        return worker

    yield begin
    for worker in begun:
        worker.close(LONG_S)


def put(store: SqlPredictionQueue, *texts: str) -> list[UUID]:
    all_asked = [asked(text) for text in texts]
    for one in all_asked:
        store.put(one, 1_000)
    return [one.id for one in all_asked]


def result_of(store: SqlPredictionQueue, prediction: UUID) -> bytes | None:
    found = store.get(prediction)
    return found.result if found is not None and found.state in ANSWERED else None


def test_all_are_answered_each_by_its_own_answer(store: SqlPredictionQueue, work) -> None:
    before = put(store, *(f"before {number}" for number in range(20)))
    worker = work(echo)
    ids = before + put(store, *(f"after {number}" for number in range(20)))

    until(lambda: worker.n_answered == 40)

    texts = [f"before {number}" for number in range(20)] + [f"after {number}" for number in range(20)]
    assert [result_of(store, one) for one in ids] == [f'{{"text":"{text}"}}'.encode() for text in texts]
    assert worker.n_failed == 0


def test_what_takes_long_does_not_keep_what_was_claimed_with_it(store: SqlPredictionQueue, work) -> None:
    slow, *others = put(store, "slow", "one", "two")
    go_on = threading.Event()

    def answer(claimed: Claimed) -> Result:
        if b"slow" in claimed.asked.question:
            go_on.wait(LONG_S)
        return echo(claimed)

    work(answer)
    until(lambda: store.claim(0, TERMS.lease).n_waiting == 0)
    threading.Timer(0.2, go_on.set).start()
    until(lambda: result_of(store, slow) is not None)

    until(lambda: all(result_of(store, one) is not None for one in others))


def test_what_hangs_is_given_up_and_the_others_are_answered_until_too_much_hangs(
    store: SqlPredictionQueue, work
) -> None:
    stuck = put(store, "hangs", "hangs", "hangs")
    others = put(store, "one", "two")
    go_on = threading.Event()

    def answer(claimed: Claimed) -> Result:
        if b"hangs" in claimed.asked.question:
            go_on.wait(LONG_S)
        return echo(claimed)

    worker = work(answer, answer_within_s=0.2)
    until(lambda: all(result_of(store, one) is not None for one in [*stuck, *others]))

    assert [result_of(store, one) for one in stuck] == [b"DeadlineExceededError"] * 3
    assert not worker.is_stuck
    put(store, "hangs")
    until(lambda: worker.is_stuck)
    go_on.set()
    until(lambda: not worker.is_stuck)


def test_an_answer_that_fails_in_an_unforeseen_way_ends_nothing(store: SqlPredictionQueue, work) -> None:
    _, *others = put(store, "broken", "one", "two")

    def answer(claimed: Claimed) -> Result:
        if b"broken" in claimed.asked.question:
            raise ZeroDivisionError
        return echo(claimed)

    work(answer)

    until(lambda: all(result_of(store, one) is not None for one in others))


class Away:
    """A store that takes no results for a while."""

    def __init__(self, store: SqlPredictionQueue, n_times: int) -> None:
        self._store, self.n_left = store, n_times

    def __getattr__(self, name: str) -> object:
        if name == "settle" and self.n_left:
            self.n_left -= 1
            raise StorageUnavailableError("the database", "is away")
        return getattr(self._store, name)


def test_results_wait_for_a_store_that_is_away(store: SqlPredictionQueue, work) -> None:
    [one] = put(store, "one")
    made: list[Claimed] = []
    away = Away(store, 2)

    def answer(claimed: Claimed) -> Result:
        made.append(claimed)
        return echo(claimed)

    work(answer, lambda: away)

    until(lambda: result_of(store, one) is not None)
    assert (len(made), away.n_left) == (1, 0)


def test_a_store_that_cannot_be_opened_is_tried_again(store: SqlPredictionQueue, work) -> None:
    [one] = put(store, "one")
    tried: list[None] = []

    def open_store() -> SqlPredictionQueue:
        tried.append(None)
        if len(tried) < 3:
            raise StorageUnavailableError("the database", "is away")
        return store

    work(echo, open_store)

    until(lambda: result_of(store, one) is not None)


def test_at_the_end_what_is_under_way_is_finished_and_the_rest_is_given_back(store: SqlPredictionQueue, work) -> None:
    first, *others = put(store, "one", "two", "three")
    is_begun, go_on = threading.Event(), threading.Event()

    def answer(claimed: Claimed) -> Result:
        is_begun.set()
        go_on.wait(LONG_S)
        return echo(claimed)

    worker = work(answer)
    is_begun.wait(LONG_S)
    closing_it = threading.Thread(target=worker.close, args=(LONG_S,))
    closing_it.start()
    until(worker._end.is_set)
    go_on.set()
    closing_it.join()

    assert result_of(store, first) is not None
    left = [store.get(one) for one in others]
    assert [one.state for one in left if one is not None] == [PredictionState.QUEUED] * 2
    assert [one.n_claims for one in store.claim(9, TERMS.lease).taken] == [1, 1]


def test_an_input_that_ends_whoever_works_on_it_does_so_twice_and_takes_nobody_with_it(
    store: SqlPredictionQueue, address: str, root: Path
) -> None:
    texts = ["one", "poison", "two", "three"]
    ids = put(store, *texts)
    codes = []

    for _ in range(3):
        left = sum(result_of(store, one) is None for one in ids)
        command = [sys.executable, "-c", DEADLY, address, str(left)]
        codes.append(subprocess.run(command, cwd=root, check=False).returncode)

    assert codes == [-signal.SIGKILL, -signal.SIGKILL, 0]
    results = [result_of(store, one) for one in ids]
    assert results == [
        b"PredictionLostError" if text == "poison" else f'{{"text":"{text}"}}'.encode() for text in texts
    ]
