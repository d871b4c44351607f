"""Who is let in, and which programs act for them."""

from datetime import datetime
from typing import Any

import pytest

from app.domain.audit import Deed
from app.domain.caller import Caller, CallerKind, Scope
from app.domain.errors import InvalidRequestError
from app.domain.identity import Client, ClientAuthentication, GrantType
from app.domain.identity_errors import (
    BuiltInUserError,
    InvalidUserNameError,
    NameTakenError,
    PasswordGivenError,
    UnknownIdentityError,
    WeakPasswordError,
)
from app.domain.storage_errors import StorageUnavailableError
from app.service.identity.identity import Identity
from app.storage.audit_store import AuditStore
from tests.service.identity.conftest import ADAS, ADMIN_PASSWORD, PREDICT, QUICK, Clock, Parts

MACHINE = frozenset({GrantType.CLIENT_CREDENTIALS})


def register(identity: Identity, user: str = "ada", **chosen: Any) -> tuple[Client, str | None]:
    wanted = {
        "name": "a bot", "scopes": PREDICT, "models": None, "grant_types": MACHINE, "redirect_uris": (),
        "authentication": ClientAuthentication.BASIC, "uri": "", **chosen,
    }  # fmt: skip
    return identity.clients.register(user, **wanted, by=user)


def test_users_are_listed_by_name_with_the_administrator_page_by_page(identity: Identity) -> None:
    for name in ("zoe", "ada", "a_b", "a.b", "bob"):
        identity.users.create(name, ADAS, PREDICT, None, "admin")

    pages, after = [], None
    while page := identity.users.page(limit=2, after=after):
        pages += [user.name for user in page]
        after = page[-1].name

    assert pages == ["a.b", "a_b", "ada", "admin", "bob", "zoe"]


@pytest.mark.parametrize("name", ["admin", "nobody", "ada"])
@pytest.mark.usefixtures("ada")
def test_a_name_is_had_once(identity: Identity, name: str) -> None:
    with pytest.raises(NameTakenError):
        identity.users.create(name, ADAS, PREDICT, None, "admin")


@pytest.mark.parametrize("name", ["", "Ada", "0ada", "key:1", "a b", "a" * 65, "ada\n", "ádа"])
def test_a_name_that_no_user_can_have_is_refused(identity: Identity, name: str) -> None:
    with pytest.raises(InvalidUserNameError):
        identity.users.create(name, ADAS, PREDICT, None, "admin")


@pytest.mark.parametrize(
    "password", ["", "eleven char", "password1234", "ada-ada-ada-ada", "x" * 5_000, "aaaaaaaaaaaaab"]
)
def test_a_password_that_is_easily_guessed_is_refused_and_not_quoted(identity: Identity, password: str) -> None:
    with pytest.raises(WeakPasswordError) as refused:
        identity.users.create("ada", password, PREDICT, None, "admin")

    assert not password or password not in str(refused.value)


def test_a_long_password_is_taken_whole(identity: Identity) -> None:
    long = "four words and so on " * 50
    identity.users.create("ada", long, PREDICT, None, "admin")

    assert identity.check_password("ada", long, "").name == "ada"


def test_what_is_not_named_stays(identity: Identity, ada: str) -> None:
    identity.users.change(ada, models=frozenset({"tiny"}), by="admin")
    changed = identity.users.change(ada, scopes=frozenset({Scope.TRAIN}), by="admin")

    assert (changed.scopes, changed.models, changed.is_disabled) == ({Scope.TRAIN}, {"tiny"}, False)
    assert identity.users.get(ada) == changed
    assert identity.users.change(ada, models=None, by="admin").models is None


def test_a_user_goes_with_all_that_is_theirs_and_a_new_one_of_that_name_has_nothing(
    identity: Identity, ada: str
) -> None:
    identity.keys.create(ada, "a bot", PREDICT, None, None, None, ada)
    client, secret = register(identity)
    cookie = identity.sessions.begin(identity.users.get(ada))

    identity.users.delete(ada, "admin")
    identity.users.create(ada, ADAS, PREDICT, None, "admin")

    assert (identity.keys.of(ada), identity.clients.of(ada), identity.sessions.check(cookie)) == ([], [], None)
    assert not identity.clients.is_right_secret(client.id, secret or "")


def test_the_administrator_is_always_there(identity: Identity) -> None:
    with pytest.raises(BuiltInUserError):
        identity.users.delete("admin", "admin")
    with pytest.raises(BuiltInUserError):
        identity.users.change("admin", is_disabled=True, by="admin")
    assert identity.users.get("admin").scopes == {Scope.ADMIN}


def test_the_administrators_password_is_changed_in_its_file_for_every_process(wire: Any, clock: Clock) -> None:
    here, there = wire(), wire()
    clock.move(minutes=1)  # since the password was settled
    cookie = there.identity.sessions.begin(there.identity.users.get("admin"))
    assert there.identity.check_session(cookie).name == "admin"

    here.identity.users.change_password("admin", ADMIN_PASSWORD, "another pass word", "")

    assert there.identity.check_password("admin", "another pass word", "").name == "admin"
    assert there.identity.sessions.check(cookie) is None
    assert QUICK.verify(here.credentials.read(), "another pass word")


def test_a_password_that_the_settings_give_is_changed_nowhere_else(wire: Any) -> None:
    parts = wire(is_given=True)

    with pytest.raises(PasswordGivenError):
        parts.identity.users.set_password("admin", "another pass word", "admin")
    assert parts.identity.check_password("admin", ADMIN_PASSWORD, "").name == "admin"


def test_what_is_unknown_is_told(identity: Identity) -> None:
    for attempt in (
        lambda: identity.users.get("ada"),
        lambda: identity.users.change("ada", by="admin"),
        lambda: identity.users.set_password("ada", ADAS, "admin"),
        lambda: identity.users.delete("ada", "admin"),
        lambda: identity.clients.get("\0"),
        lambda: identity.clients.revoke("ffff", "admin"),
        lambda: register(identity),
    ):
        with pytest.raises(UnknownIdentityError):
            attempt()


def test_every_change_is_told_with_who_made_it_and_nothing_secret(parts: Parts) -> None:
    identity = parts.identity
    identity.users.create("ada", ADAS, PREDICT, None, "admin")
    identity.users.change("ada", models=frozenset({"tiny"}), by="admin")
    identity.users.change_password("ada", ADAS, "another pass word", "")
    key, first = identity.keys.create("ada", "a bot", PREDICT, frozenset({"tiny"}), None, None, "ada")
    _, second = identity.keys.rotate(key.id, "ada", "ada")
    identity.keys.revoke(key.id, "ada", "ada")
    client, third = register(identity, models=frozenset({"tiny"}))
    _, fourth = identity.clients.rotate_secret(client.id, "ada", "ada")
    identity.clients.revoke(client.id, "admin")
    identity.users.delete("ada", "admin")

    entries = AuditStore(parts.stores.transactions.engine).page()[::-1]
    assert [(entry.caller, entry.deed) for entry in entries] == [
        ("admin", Deed.CREATE_USER), ("admin", Deed.CHANGE_USER), ("ada", Deed.CHANGE_PASSWORD),
        ("ada", Deed.CREATE_KEY), ("ada", Deed.ROTATE_KEY), ("ada", Deed.REVOKE_KEY),
        ("ada", Deed.REGISTER_CLIENT), ("ada", Deed.ROTATE_CLIENT), ("admin", Deed.REVOKE_CLIENT),
        ("admin", Deed.DELETE_USER),
    ]  # fmt: skip
    assert all(entry.details["user"] == "ada" for entry in entries)
    for secret in (ADAS, "another pass word", first, second, third, fourth):
        assert secret is not None
        assert secret not in repr(entries)


def test_a_client_proves_itself_by_its_secret(identity: Identity, ada: str) -> None:
    client, secret = register(identity)
    assert secret is not None
    assert (len(client.id), len(secret)) == (24, 48)
    assert identity.clients.is_right_secret(client.id, secret)
    wrong = [(client.id, ""), (client.id, secret + "x"), ("f" * 24, secret), ("é", secret), (client.id, "\ud800")]
    assert not any(identity.clients.is_right_secret(*pair) for pair in wrong)

    rotated, new = identity.clients.rotate_secret(client.id, ada, ada)
    assert [identity.clients.is_right_secret(client.id, one) for one in (secret, new)] == [False, True]
    identity.clients.revoke(client.id, ada, ada)
    assert not identity.clients.is_right_secret(client.id, new)
    assert isinstance(identity.clients.get(rotated.id).revoked_at, datetime)


def test_a_client_calls_with_what_its_user_holds_now(identity: Identity, ada: str) -> None:
    client, secret = register(identity)
    held = Caller(f"client:{client.id}", PREDICT, None, CallerKind.CLIENT, ada)
    assert identity.clients.caller(client, PREDICT | {Scope.TRAIN}) == held

    identity.users.change(ada, is_disabled=True, by="admin")

    assert identity.clients.caller(client, PREDICT) is None
    assert not identity.clients.is_right_secret(client.id, secret or "")


def test_a_public_client_has_no_secret(identity: Identity, ada: str) -> None:
    code = frozenset({GrantType.AUTHORIZATION_CODE})
    client, secret = register(
        identity, grant_types=code, redirect_uris=("http://127.0.0.1/back",), authentication=ClientAuthentication.NONE
    )

    assert secret is None
    assert not identity.clients.is_right_secret(client.id, "")
    with pytest.raises(UnknownIdentityError):
        identity.clients.rotate_secret(client.id, ada)
    assert identity.clients.of(ada) == [client]


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        ({"name": ""}, "name"), ({"name": "a\nb"}, "name"), ({"grant_types": frozenset()}, "grant_types"),
        ({"grant_types": frozenset({GrantType.AUTHORIZATION_CODE})}, "redirect_uris"),
        ({"authentication": ClientAuthentication.NONE}, "grant_types"),
        ({"redirect_uris": ("http://bot.example/back",)}, "redirect_uris"),
        ({"redirect_uris": ("https://bot.example/back#part",)}, "redirect_uris"),
        ({"redirect_uris": ("https://ada@bot.example/",)}, "redirect_uris"),
        ({"redirect_uris": ("javascript:alert(1)",)}, "redirect_uris"),
        ({"redirect_uris": ("https://bot.example/a b",)}, "redirect_uris"),
        ({"redirect_uris": ("https://bot.example:port/",)}, "redirect_uris"),
        ({"redirect_uris": ("/back",)}, "redirect_uris"), ({"uri": "javascript:alert(1)"}, "uri"),
    ],
)  # fmt: skip
def test_a_client_that_makes_no_sense_is_refused_by_field(
    identity: Identity, wanted: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidRequestError) as refused:
        register(identity, "admin", **wanted)

    assert refused.value.field == field


def test_without_the_database_users_and_keys_are_told_that_it_is_away(parts: Parts, ada: str, database: Any) -> None:
    _, secret = parts.identity.keys.create(ada, "a bot", PREDICT, None, None, None, ada)
    parts.stores.close()
    database.take_away()
    try:
        with pytest.raises(StorageUnavailableError):
            parts.identity.check_password(ada, ADAS, "")
        with pytest.raises(StorageUnavailableError):
            parts.identity.check_bearer(secret)
    finally:
        database.bring_back()
