"""Wherever the queue lies, what is put in is answered once, to its own id, whoever dies on the way."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from app.domain.load_errors import OverloadedError
from app.domain.queued_prediction import Claimed, PredictionState, Result
from app.service.queued_predictions import PredictionStore
from tests.prediction_stores import asked

LONG, AT_ONCE = timedelta(hours=1), timedelta(0)


def answer(claimed: Claimed, body: bytes = b'{"intent":"greeting"}', *, is_success: bool = True) -> Result:
    return Result(claimed.asked.id, is_success, body)


def state_of(store: PredictionStore, prediction: UUID) -> PredictionState:
    found = store.get(prediction)
    assert found is not None
    return found.state


@pytest.fixture
def store(prediction_stores: list[PredictionStore]) -> PredictionStore:
    return prediction_stores[0]


@pytest.fixture
def other(prediction_stores: list[PredictionStore]) -> PredictionStore:
    return prediction_stores[1]


def test_a_prediction_is_given_back_as_it_was_asked_and_answered(
    store: PredictionStore, other: PredictionStore
) -> None:
    one = asked("straße ☃")
    queued_at = store.put(one, 10)

    before = other.get(one.id)
    [claimed] = other.claim(10, LONG).taken
    during = store.get(one.id)
    counted = other.settle([answer(claimed, b'{"a":1}', is_success=False)], LONG)
    after = store.get(one.id)

    assert before is not None
    assert (before.id, before.caller, before.state) == (one.id, "ada", PredictionState.QUEUED)
    assert (before.queued_at, before.answered_at, before.expires_at, before.result) == (queued_at, None, None, None)
    assert (claimed.asked, claimed.n_claims) == (one, 1)
    assert during is not None
    assert (during.state, during.result) == (PredictionState.RUNNING, None)
    assert [result.id for result in counted] == [one.id]
    assert after is not None
    assert (after.state, after.result) == (PredictionState.FAILED, b'{"a":1}')
    assert after.answered_at is not None
    assert after.expires_at == after.answered_at + LONG


def test_the_oldest_come_first_and_others_are_told_how_many_wait(store: PredictionStore) -> None:
    put = [asked(str(number)) for number in range(5)]
    for one in put:
        store.put(one, 10)

    first, second = store.claim(2, LONG), store.claim(9, LONG)

    assert [one.asked for one in first.taken] == put[:2]
    assert [one.asked for one in second.taken] == put[2:]
    assert (first.n_waiting, second.n_waiting) == (3, 0)


def test_more_than_may_wait_are_not_taken(store: PredictionStore) -> None:
    for _ in range(2):
        store.put(asked(), 2)

    with pytest.raises(OverloadedError):
        store.put(asked(), 2)

    store.claim(1, LONG)
    store.put(asked(), 2)


def test_of_many_who_claim_at_once_each_gets_others(prediction_stores: list[PredictionStore]) -> None:
    put = [asked(str(number)) for number in range(40)]
    for one in put:
        prediction_stores[0].put(one, 100)
    begin = threading.Barrier(4)

    def work(number: int) -> list[UUID]:
        store, taken = prediction_stores[number % 2], []
        begin.wait()
        while claims := store.claim(3, LONG).taken:
            store.settle([answer(one) for one in claims], LONG)
            taken += [one.asked.id for one in claims]
        return taken

    with ThreadPoolExecutor(4) as pool:
        taken = [one for ids in pool.map(work, range(4)) for one in ids]

    assert sorted(taken) == sorted(one.id for one in put)


def test_what_is_claimed_by_one_who_died_is_taken_by_another_alone_and_told_how_often(
    store: PredictionStore, other: PredictionStore
) -> None:
    put = [asked(str(number)) for number in range(3)]
    for one in put[:2]:
        store.put(one, 10)
    store.claim(10, AT_ONCE)
    store.put(put[2], 10)

    lost = [other.claim(10, LONG).taken for _ in range(2)]
    fresh = other.claim(10, LONG).taken

    assert sorted((one.asked.question, one.n_claims) for [one] in lost) == [(one.question, 2) for one in put[:2]]
    assert [(one.asked, one.n_claims) for one in fresh] == [(put[2], 1)]


def test_a_claim_that_holds_is_nobody_elses(store: PredictionStore, other: PredictionStore) -> None:
    store.put(asked(), 10)
    store.claim(10, LONG)

    assert other.claim(10, LONG).taken == ()


def test_of_two_answers_the_first_counts(store: PredictionStore, other: PredictionStore) -> None:
    one = asked()
    store.put(one, 10)
    [late] = store.claim(10, AT_ONCE).taken
    [again] = other.claim(10, LONG).taken

    counted = [store.settle([answer(late, b"1")], LONG), other.settle([answer(again, b"2")], LONG)]

    assert [len(results) for results in counted] == [1, 0]
    found = store.get(one.id)
    assert found is not None
    assert found.result == b"1"


def test_what_is_given_back_waits_as_if_nobody_had_claimed_it(store: PredictionStore, other: PredictionStore) -> None:
    put = [asked(str(number)) for number in range(3)]
    for one in put:
        store.put(one, 10)
    claimed = store.claim(2, LONG).taken

    store.give_back(claimed)

    assert [state_of(store, one.id) for one in put] == [PredictionState.QUEUED] * 3
    assert [(one.asked, one.n_claims) for one in other.claim(3, LONG).taken] == [(one, 1) for one in put]


def test_who_was_taken_for_lost_gives_nothing_back(store: PredictionStore, other: PredictionStore) -> None:
    one = asked()
    store.put(one, 10)
    late = store.claim(1, AT_ONCE).taken
    other.claim(1, LONG)

    store.give_back(late)

    assert state_of(store, one.id) is PredictionState.RUNNING


def test_what_was_answered_late_is_not_answered_again(store: PredictionStore) -> None:
    store.put(asked(), 10)
    [late] = store.claim(1, AT_ONCE).taken
    store.settle([answer(late)], LONG)

    assert store.claim(1, LONG).taken == ()


def test_a_result_is_gone_when_it_has_expired(store: PredictionStore) -> None:
    put = [asked(), asked()]
    for one in put:
        store.put(one, 10)
    short, long = store.claim(2, LONG).taken
    store.settle([answer(short)], timedelta(milliseconds=1))
    store.settle([answer(long)], LONG)

    while store.get(short.asked.id) is not None:
        pass
    store.sweep()

    assert store.get(long.asked.id) is not None
    assert store.sweep() == 0


@pytest.mark.parametrize("is_claimed", [False, True])
def test_what_is_forgotten_is_there_no_more_and_nobody_answers_it(store: PredictionStore, *, is_claimed: bool) -> None:
    one, left = asked(), asked()
    store.put(one, 10)
    claimed = store.claim(1, LONG).taken if is_claimed else ()
    store.put(left, 10)

    store.forget(one.id)

    assert store.get(one.id) is None
    assert store.settle([answer(claim) for claim in claimed], LONG) == []
    assert [claim.asked for claim in store.claim(2, LONG).taken] == [left]
    assert store.get(one.id) is None


def test_there_is_none_of_another_id(store: PredictionStore) -> None:
    assert store.get(uuid4()) is None
    store.forget(uuid4())
    assert store.settle([Result(uuid4(), True, b"1")], LONG) == []
    assert store.claim(1, LONG).taken == ()


def test_who_listens_is_woken(store: PredictionStore) -> None:
    store.put(asked(), 10)

    store.listen()  # it would come back by itself, a while later

    assert len(store.claim(1, LONG).taken) == 1
