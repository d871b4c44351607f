"""Wherever the queue lies, nothing stands there in clear, and what another key has sealed is left to who has it."""

import logging
from datetime import timedelta

import pytest

from app.domain.caller import Caller, Scope
from app.domain.queue_errors import DamagedPredictionError, PredictionNotFoundError, SealedElsewhereError
from app.domain.queued_prediction import Asked, PredictionState, Result
from app.service.queue_worker import QueueTerms, QueueWorker
from app.service.queued_predictions import PredictionStore, QueuedPredictions
from app.service.sealed_predictions import SealedPredictions
from app.storage.seal import Seal
from tests.prediction_stores import asked
from tests.service.test_queue_worker import Answering, echo
from tests.workers import until

LONG = timedelta(hours=1)


@pytest.fixture
def plain(prediction_stores: list[PredictionStore]) -> PredictionStore:
    """The queue as it lies there."""
    return prediction_stores[0]


@pytest.fixture
def store(plain: PredictionStore) -> SealedPredictions:
    return SealedPredictions(plain, Seal(b"k" * 32))


@pytest.fixture
def elsewhere(prediction_stores: list[PredictionStore]) -> SealedPredictions:
    """The same queue, as a server with another key sees it."""
    return SealedPredictions(prediction_stores[1], Seal(b"x" * 32))


def _answered(store: PredictionStore, one: Asked, body: bytes = b'{"text":"MARKED"}') -> None:
    store.put(one, 10)
    [claimed] = store.claim(1, LONG).taken
    store.settle([Result(claimed.asked.id, True, body)], LONG)


def test_nothing_is_there_in_clear_and_all_comes_out_as_it_went_in(
    store: SealedPredictions, plain: PredictionStore
) -> None:
    one = asked("MARKED ☃")
    store.put(one, 10)
    [lying] = plain.claim(1, LONG).taken
    plain.give_back([lying])

    [claimed] = store.claim(1, LONG).taken
    result = Result(one.id, False, b'{"text":"MARKED"}')
    counted = store.settle([result, result._replace(body=b"second")], LONG)
    told, lies = store.get(one.id), plain.get(one.id)

    assert (claimed.asked, claimed.n_claims, claimed.unreadable) == (one, 1, None)
    assert counted == [result]
    assert told is not None
    assert (told.state, told.result, told.unreadable) == (PredictionState.FAILED, result.body, None)
    assert lies is not None
    assert lies.result is not None
    assert b"MARKED" not in lying.asked.question + lies.result


def test_what_is_changed_where_it_waits_says_so_and_keeps_nobody_else_waiting(
    store: SealedPredictions, plain: PredictionStore
) -> None:
    changed, moved, whole = asked("changed"), asked("moved"), asked("whole")
    seal = Seal(b"k" * 32)
    plain.put(changed._replace(question=seal.seal(changed.question, b"question of " + changed.id.bytes)[:-1]), 10)
    plain.put(moved._replace(question=seal.seal(whole.question, b"question of " + whole.id.bytes)), 10)
    store.put(whole, 10)

    taken = store.claim(9, LONG).taken

    assert [type(one.unreadable) for one in taken] == [DamagedPredictionError, DamagedPredictionError, type(None)]
    assert taken[2].asked == whole


def test_a_worker_fails_what_was_changed_and_answers_the_rest(store: SealedPredictions, plain: PredictionStore) -> None:
    changed, whole = asked("changed"), asked("whole")
    plain.put(changed._replace(question=b"short"), 10)
    store.put(whole, 10)
    worker = QueueWorker(lambda: store, QueueTerms(LONG, LONG, 60.0))
    worker.start(Answering(echo))

    until(lambda: worker.n_answered == 2)
    worker.close(60.0)

    told = [store.get(one.id) for one in (changed, whole)]
    assert [(one.state, one.result) for one in told if one is not None] == [
        (PredictionState.FAILED, b"DamagedPredictionError"),
        (PredictionState.SUCCEEDED, whole.question),
    ]


@pytest.mark.parametrize("body", [b"", b"short", b"another's"])
def test_a_result_that_was_changed_is_none(store: SealedPredictions, plain: PredictionStore, body: bytes) -> None:
    one, other = asked(), asked()
    lying = Seal(b"k" * 32).seal(b"1", b"result of " + other.id.bytes) if body == b"another's" else body
    _answered(plain, one, lying)

    assert store.get(one.id) is None


def test_what_was_sealed_elsewhere_is_set_aside_and_given_back_unclaimed_and_not_lost(
    store: SealedPredictions, elsewhere: SealedPredictions, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    theirs, mine = [asked(str(number)) for number in range(40)], asked("mine")
    for one in theirs:
        elsewhere.put(one, 100)
    store.put(mine, 100)

    first = store.claim(16, LONG)
    nothing = store.claim(16, LONG)
    store._give_back_at = 0.0  # a quarter of the lease later
    turn = store.claim(16, LONG)
    taken = [one for _ in range(3) for one in elsewhere.claim(16, LONG).taken]

    assert [one.asked for one in first.taken] == [mine]
    assert (nothing.taken, turn.taken) == ((), ())
    assert [one.asked for one in taken] == theirs
    assert {one.n_claims for one in taken} == {1}
    assert [record.message for record in caplog.records if "`queue_key` must be the same" in record.message] == [
        record.message for record in caplog.records
    ]
    assert len(caplog.records) == 1


def test_a_worker_that_ends_gives_back_what_it_has_set_aside(
    store: SealedPredictions, elsewhere: SealedPredictions
) -> None:
    theirs, mine = asked("theirs"), asked("mine")
    elsewhere.put(theirs, 10)
    store.put(mine, 10)
    worker = QueueWorker(lambda: store, QueueTerms(LONG, LONG, 60.0))
    worker.start(Answering(echo))
    until(lambda: worker.n_answered > 0)

    worker.close(60.0)

    [taken] = elsewhere.claim(9, LONG).taken
    assert (taken.asked, taken.n_claims) == (theirs, 1)


def test_a_result_of_elsewhere_is_refused_with_what_to_do_to_who_may_see_it_alone(
    store: SealedPredictions, elsewhere: SealedPredictions
) -> None:
    one = asked(caller="ada")
    _answered(elsewhere, one)
    predictions = QueuedPredictions(lambda: store, max_waiting=10)
    ada, ben = (Caller(name, frozenset({Scope.PREDICT})) for name in ("ada", "ben"))

    with pytest.raises(SealedElsewhereError, match="`queue_key` must be the same"):
        predictions.get(str(one.id), ada)
    with pytest.raises(PredictionNotFoundError):
        predictions.get(str(one.id), ben)
    assert predictions.forget(str(one.id), ada).result is None
    with pytest.raises(PredictionNotFoundError):
        predictions.get(str(one.id), ada)
