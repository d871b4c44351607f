"""Who gets in by a password, and at what cost."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import event

from app.domain.caller import Caller, Scope
from app.domain.errors import AuthenticationError
from app.domain.load_errors import OverloadedError
from app.service.identity.passwords import Passwords, Turns
from tests.service.identity.conftest import ADAS, ADMIN_PASSWORD, QUICK, Clock, Parts
from tests.service.identity.guessing import HERE, lock, refused


def test_the_right_password_makes_the_caller(parts: Parts, ada: str) -> None:
    assert parts.identity.check_password(ada, ADAS, HERE) == Caller("ada", frozenset({Scope.PREDICT}), user="ada")
    admin = parts.identity.check_password("admin", ADMIN_PASSWORD, HERE)
    assert admin == Caller("admin", frozenset({Scope.ADMIN}), user="admin")


@pytest.mark.parametrize(
    ("user", "password"),
    [
        ("ada", "wrong"), ("ada", ""), ("ada", ADAS + " "), ("ada", ADAS.upper()), ("ada", "\ud800"),
        ("ada", "x" * 100_000), ("Ada", ADAS), ("", ADAS), ("ada\0", ADAS), ("\ud800", ADAS), ("ada", ADMIN_PASSWORD),
        ("admin", ADAS), ("nobody", ADAS),
    ],
)  # fmt: skip
def test_anything_else_is_refused(parts: Parts, ada: str, user: str, password: str) -> None:
    parts.identity.check_password(ada, ADAS, HERE)  # what was accepted lets nothing else in

    assert refused(parts, user, password) == 1


def test_wrong_user_wrong_password_locked_account_and_disabled_account_do_the_same_work(parts: Parts, ada: str) -> None:
    parts.identity.users.create("bob", ADAS, frozenset({Scope.PREDICT}), None, "admin")
    parts.identity.users.create("eve", ADAS, frozenset({Scope.PREDICT}), None, "admin")
    parts.identity.users.change("bob", is_disabled=True, by="admin")
    lock(parts, "eve")

    tries = [("nobody.here", ADAS), (ada, "wrong"), ("eve", ADAS), ("bob", ADAS), ("admin", "wrong"), ("No Name", ADAS)]

    assert [refused(parts, user, password) for user, password in tries] == [1] * 6


def test_the_database_is_asked_the_same_for_each_of_them(parts: Parts, ada: str) -> None:
    for name in ("bob", "eve"):
        parts.identity.users.create(name, ADAS, frozenset({Scope.PREDICT}), None, "admin")
    parts.identity.users.change("bob", is_disabled=True, by="admin")
    lock(parts, "eve")
    told: list[str] = []

    @event.listens_for(parts.stores.transactions.engine, "before_cursor_execute")
    def tell(*asked: Any) -> None:
        told.append(asked[2])

    asked = {}
    for name in ("nobody.here", ada, "eve", "bob"):
        told.clear()
        refused(parts, name, "wrong")
        asked[name] = list(told)

    assert len(asked[ada]) >= 5
    assert all(one == asked[ada] for one in asked.values()), asked


def test_what_was_wrong_is_not_told(parts: Parts, ada: str) -> None:
    lock(parts, "admin")
    told = set()
    for user, password in [("nobody.here", ADAS), (ada, "wrong"), ("admin", ADMIN_PASSWORD)]:
        with pytest.raises(AuthenticationError) as error:
            parts.identity.check_password(user, password, HERE)
        told.add(str(error.value))

    assert len(told) == 1


def test_a_hash_of_nobody_costs_what_a_users_does_and_is_no_password() -> None:
    passwords = Passwords(QUICK)
    assert not passwords.is_right(None, "")
    assert not QUICK.check_needs_rehash(passwords._nobodys)


def test_a_right_password_is_looked_at_again_when_nobody_has_sent_it_for_a_minute(
    parts: Parts, ada: str, clock: Clock
) -> None:
    for seconds in (0, 30, 59.9, 59.9):
        clock.move(seconds=seconds)
        parts.identity.check_password(ada, ADAS, HERE)
    assert parts.passwords.n_checks == 1

    clock.move(seconds=60)
    parts.identity.check_password(ada, ADAS, HERE)

    assert parts.passwords.n_checks == 2


def test_a_right_password_is_looked_at_once_a_day_however_often_it_is_sent(
    parts: Parts, ada: str, clock: Clock
) -> None:
    for _ in range(24 * 60):
        parts.identity.check_password(ada, ADAS, HERE)
        clock.move(seconds=59)
    assert parts.passwords.n_checks == 1

    for _ in range(24 * 60):
        parts.identity.check_password(ada, ADAS, HERE)
        clock.move(seconds=59)

    assert parts.passwords.n_checks == 2


def test_of_many_passwords_at_once_two_are_looked_at_four_wait_and_the_rest_is_refused() -> None:
    turns: Turns[str] = Turns()
    going, at_once, most = threading.Semaphore(0), 0, 0
    counting = threading.Lock()

    def look(number: int) -> str:
        nonlocal at_once, most
        with counting:
            at_once += 1
            most = max(most, at_once)
        going.acquire()
        with counting:
            at_once -= 1
        return f"looked at {number}"

    def guess(number: int) -> str:
        try:
            return turns.do(str(number).encode(), lambda: look(number))
        except OverloadedError:
            going.release(6)  # the first to be refused lets the others go on
            return "refused"

    with ThreadPoolExecutor(7) as guessers:
        answers = list(guessers.map(guess, range(7)))

    assert most == 2
    assert len([answer for answer in answers if answer == "refused"]) == 1


def test_a_crowd_of_guessers_keeps_nobody_out_whose_password_was_right_before(
    parts: Parts, ada: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts.identity.check_password(ada, ADAS, HERE)
    clock.move(minutes=2)
    going, is_right = threading.Event(), parts.passwords.is_right

    def look(password_hash: str | None, password: str) -> bool:
        return (password != "guess" or going.wait()) and is_right(password_hash, password)

    monkeypatch.setattr(parts.passwords, "is_right", look)
    turns = parts.identity.users._password_check._turns
    with ThreadPoolExecutor(6) as guessers:
        guesses = [guessers.submit(refused, parts, f"name.{number}", "guess") for number in range(6)]
        while len(turns._under_way) < 6:
            pass
        try:
            with pytest.raises(OverloadedError):
                parts.identity.check_password("another", "guess", HERE)
            assert parts.identity.check_password(ada, ADAS, HERE).name == ada
        finally:
            going.set()
        assert len([guess.result() for guess in guesses]) == 6


def test_the_same_password_given_many_times_at_once_is_looked_at_once() -> None:
    turns: Turns[int] = Turns()
    begun, going = threading.Event(), threading.Event()
    looked = []

    def look() -> int:
        looked.append(1)
        begun.set()
        going.wait()
        return 7

    with ThreadPoolExecutor(20) as clients:
        first = clients.submit(turns.do, b"same", look)
        begun.wait()
        others = [clients.submit(turns.do, b"same", look) for _ in range(19)]
        while not all(other.running() or other.done() for other in others):
            pass
        going.set()
        answers = [one.result() for one in (first, *others)]

    assert answers == [7] * 20
    assert len(looked) < 20


def test_what_a_check_raises_is_raised_and_the_turn_given_back() -> None:
    turns: Turns[int] = Turns()
    for _ in range(10):
        with pytest.raises(AuthenticationError):
            turns.do(b"wrong", _refuse)


def _refuse() -> int:
    raise AuthenticationError
