"""Who gets in by a password, at what cost, and who is kept out for how long."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import event

from app.domain.audit import AuditFilter, Deed
from app.domain.caller import Caller, Scope
from app.domain.errors import AuthenticationError
from app.domain.load_errors import OverloadedError
from app.service.identity.passwords import Passwords, Turns
from app.storage.audit_store import AuditStore
from tests.database import SqliteFile
from tests.service.identity.conftest import ADAS, ADMIN_PASSWORD, QUICK, Clock, Parts

HERE, THERE = "192.0.2.7", "198.51.100.9"


def refused(parts: Parts, user: str, password: str, address: str = HERE) -> int:
    """Try what is not right, and say how often a password was looked at."""
    before = parts.passwords.n_checks
    with pytest.raises(AuthenticationError):
        parts.identity.check_password(user, password, address)
    return parts.passwords.n_checks - before


def lock(parts: Parts, user: str, address: str = HERE) -> None:
    for number in range(5):
        refused(parts, user, f"guess {number}", address)


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


def test_a_right_password_is_looked_at_again_after_a_minute(parts: Parts, ada: str, clock: Clock) -> None:
    for seconds in (0, 30, 29.9, 0.2):
        clock.move(seconds=seconds)
        parts.identity.check_password(ada, ADAS, HERE)

    assert parts.passwords.n_checks == 2


def test_an_account_is_locked_for_the_address_that_guesses_and_longer_each_time(
    parts: Parts, ada: str, clock: Clock
) -> None:
    lock(parts, ada)
    for seconds in (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900):
        clock.move(seconds=seconds - 0.1)
        assert parts.lockout.is_locked(ada, HERE)
        clock.move(seconds=0.1)
        assert not parts.lockout.is_locked(ada, HERE)
        refused(parts, ada, "another guess")

    assert not parts.lockout.is_locked(ada, THERE)


def test_what_is_tried_while_locked_makes_it_no_longer_and_the_right_password_opens_then(
    parts: Parts, ada: str, clock: Clock
) -> None:
    lock(parts, ada)
    for _ in range(5):
        refused(parts, ada, ADAS)
    clock.move(seconds=1)

    assert parts.identity.check_password(ada, ADAS, HERE).name == ada


def test_success_forgets_the_failures_of_its_address(parts: Parts, ada: str) -> None:
    for number in range(4):
        refused(parts, ada, f"guess {number}")
    parts.identity.check_password(ada, ADAS, HERE)
    refused(parts, ada, "guess")

    assert not parts.lockout.is_locked(ada, HERE)


def test_nobody_locks_another_out_for_good(parts: Parts, ada: str, clock: Clock, wire: Callable[..., Parts]) -> None:
    parts.identity.check_password(ada, ADAS, HERE)
    for number in range(60):
        parts.lockout.failed(ada, f"203.0.113.{number}", is_user=True)

    elsewhere = wire()  # another process, that remembers no password
    assert elsewhere.identity.check_password(ada, ADAS, HERE).name == ada  # she was there before
    refused(elsewhere, ada, ADAS, THERE)
    clock.move(minutes=15)
    assert elsewhere.identity.check_password(ada, ADAS, THERE).name == ada


def test_an_address_is_known_for_thirty_days(parts: Parts, ada: str, clock: Clock) -> None:
    parts.identity.check_password(ada, ADAS, HERE)
    clock.move(days=30)
    for number in range(50):
        parts.lockout.failed(ada, f"203.0.113.{number}", is_user=True)

    assert parts.lockout.is_locked(ada, HERE)


def test_a_password_that_was_right_here_before_is_no_guess(parts: Parts, ada: str, clock: Clock) -> None:
    parts.identity.check_password(ada, ADAS, HERE)
    lock(parts, ada)
    clock.move(seconds=0.5)
    parts.identity.users._password_check._right._right.update(  # its minute is over
        dict.fromkeys(parts.identity.users._password_check._right._right, 0.0)
    )

    before = parts.passwords.n_checks
    assert parts.identity.check_password(ada, ADAS, HERE).name == ada
    assert parts.passwords.n_checks == before + 1


def test_names_that_no_user_has_are_locked_alike(parts: Parts) -> None:
    lock(parts, "nobody.here")
    lock(parts, "My Password 1!")

    assert parts.lockout.is_locked("nobody.here", HERE)
    assert parts.lockout.is_locked("Another Password 2!", HERE)  # what no name can be is one account


def test_a_lock_is_told_once_and_names_that_do_not_exist_never(parts: Parts, ada: str) -> None:
    lock(parts, ada)
    refused(parts, ada, "guess")
    lock(parts, "nobody.here")

    found = AuditStore(parts.stores.transactions.engine).page(AuditFilter(deed=Deed.LOCK_OUT))
    assert [(entry.caller, entry.details) for entry in found] == [("nobody", {"user": "ada", "address": HERE})]


def test_enabling_a_user_or_setting_the_password_lets_in_at_once(parts: Parts, ada: str) -> None:
    lock(parts, ada)
    parts.identity.users.change(ada, is_disabled=False, by="admin")
    assert parts.identity.check_password(ada, ADAS, HERE).name == ada
    parts.identity.users.set_password(ada, "another pass word", "admin")
    lock(parts, ada)
    parts.identity.users.set_password(ada, "yet another pass word", "admin")
    assert parts.identity.check_password(ada, "yet another pass word", HERE).name == ada


def test_old_failures_are_deleted(parts: Parts, ada: str, clock: Clock) -> None:
    refused(parts, "gone.since", "guess")
    parts.identity.check_password(ada, ADAS, HERE)
    clock.move(days=2)
    refused(parts, ada, "guess", THERE)

    assert parts.stores.failures.find(_account("gone.since"), (HERE, "*")) == {}
    assert parts.stores.failures.find(_account("ada"), (HERE,)) != {}  # she has signed in there


def _account(name: str) -> bytes:
    from app.service.identity.lockout import _account as account  # noqa: PLC0415

    return account(name)


def test_without_the_database_failures_are_counted_in_memory_and_the_administrator_comes_in(
    wire: Callable[..., Parts], database: SqliteFile
) -> None:
    parts = wire()
    parts.stores.close()
    database.take_away()
    try:
        assert parts.identity.check_password("admin", ADMIN_PASSWORD, THERE).name == "admin"
        lock(parts, "admin")
        assert refused(parts, "admin", ADMIN_PASSWORD) == 1
    finally:
        database.bring_back()


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
