"""Whoever goes on calling is looked at again beside, before it is forgotten who they are."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest

from app.domain.caller import Caller
from app.domain.patience import MustWaitError
from app.service.buckets import RECORD_BYTES
from app.service.caller_counts import CallerCounts
from app.service.guesses import GUESSES, Guesses
from app.service.identity.identity import Identity
from app.service.rate_limits import RateLimits
from app.storage.shared_records import SharedRecords
from app.web.doorkeeper import Doorkeeper
from tests.service.identity.conftest import PREDICT, Clock
from tests.workers import until

HERE = "203.0.113.7"


@pytest.fixture
def door(identity: Identity) -> Doorkeeper:
    return Doorkeeper(identity, Guesses(RateLimits(CallerCounts(SharedRecords(RECORD_BYTES), (GUESSES,)))))


@pytest.fixture
def remembered(identity: Identity) -> threading.Semaphore:
    """Is released when a proof was accepted and remembered."""
    happened, remember = threading.Semaphore(0), identity.remember

    def told(proof: str, caller: Caller, as_of: int) -> None:
        remember(proof, caller, as_of)
        happened.release()

    identity.remember = told
    return happened


def proof_of(identity: Identity, **chosen: object) -> str:
    wanted = {"scopes": PREDICT, "models": None, "origins": None, "expires_at": None, **chosen}
    return "Bearer " + identity.keys.create("ada", "a bot", **wanted, by="ada")[1]  # type: ignore[arg-type]


def comes_in_at_once(door: Doorkeeper, proof: str) -> bool:
    try:
        door.prove({"authorization": proof}.get, HERE, may_wait=False)
    except MustWaitError:
        return False
    return True


@pytest.mark.usefixtures("ada")
def test_who_goes_on_calling_waits_once(
    door: Doorkeeper, identity: Identity, clock: Clock, remembered: threading.Semaphore
) -> None:
    proof = proof_of(identity)
    assert not comes_in_at_once(door, proof)
    door.prove({"authorization": proof}.get, HERE)
    remembered.acquire()

    for _ in range(10):
        clock.move(seconds=4)
        assert comes_in_at_once(door, proof)
        remembered.acquire()


@pytest.mark.usefixtures("ada")
def test_who_has_not_called_for_a_while_waits_again(door: Doorkeeper, identity: Identity, clock: Clock) -> None:
    proof = proof_of(identity)
    door.prove({"authorization": proof}.get, HERE)
    clock.move(seconds=2)
    assert comes_in_at_once(door, proof)

    clock.move(seconds=3)

    assert not comes_in_at_once(door, proof)


@pytest.mark.usefixtures("ada")
def test_a_key_that_has_ended_is_forgotten_as_soon_as_it_is_looked_at(
    door: Doorkeeper, identity: Identity, clock: Clock
) -> None:
    proof = proof_of(identity, expires_at=clock() + timedelta(seconds=1))
    door.prove({"authorization": proof}.get, HERE)
    clock.move(seconds=4)

    assert comes_in_at_once(door, proof)

    until(lambda: identity.recall(proof) is None)
    assert not identity.was_accepted(proof)


@pytest.mark.usefixtures("ada")
def test_of_many_who_ask_one_looks_again(identity: Identity, clock: Clock) -> None:
    proof, looks = proof_of(identity), list[Callable[[], None] | None]()
    identity.remember(proof, identity.check_bearer(proof.removeprefix("Bearer ")), identity.as_of())
    clock.move(seconds=4)

    callers = [identity.recall(proof, lambda: looks.append(None)) for _ in range(10)]

    assert None not in callers
    assert len(looks) == 1
