"""Who guesses is kept out for longer each time; nobody keeps another out for good."""

from collections.abc import Callable

from app.domain.audit import AuditFilter, Deed
from app.storage.audit_store import AuditStore
from tests.database import SqliteFile
from tests.service.identity.conftest import ADAS, ADMIN_PASSWORD, Clock, Parts
from tests.service.identity.guessing import HERE, THERE, lock, refused


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
    right = parts.identity.users._password_check._right._right
    right.update({digest: one._replace(until=0.0) for digest, one in right.items()})  # its minute is over

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
