"""Users, keys, clients, sessions and failed proofs are kept whole by either database, and no secret in clear."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import text

from app.bootstrap.identity import wire_identity
from app.domain.audit import Deed, new_entry
from app.domain.caller import Scope
from app.domain.identity import Attempts, Client, ClientAuthentication, GrantType, Key, User
from app.domain.identity_errors import NameTakenError
from app.settings import load_settings
from app.storage import migration
from app.storage.audit_store import AuditStore
from app.storage.engine import create_file, open_engine
from app.storage.identity_stores import IdentityStores
from tests.database import Database

NOW = datetime(2026, 11, 22, 12, 30, 0, 123456, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
BOTH = frozenset({Scope.PREDICT, Scope.TRAIN})
ENTRY = new_entry("admin", Deed.CREATE_USER)


@pytest.fixture
def stores(database: Database) -> Iterator[IdentityStores]:
    with closing(IdentityStores(open_engine(database.address))) as opened:
        opened.prepare()
        yield opened


def user(name: str = "ada", models: frozenset[str] | None = None) -> User:
    return User(name, BOTH, models, NOW, NOW)


def test_everything_is_given_back_as_it_was_kept(stores: IdentityStores) -> None:
    ada = user(models=frozenset({"tiny", "b.2"}))
    key = Key(uuid4(), "0123abcd", "a böt", "ada", BOTH, frozenset(), frozenset({"https://a.example"}), NOW, LATER)
    grants = frozenset({GrantType.AUTHORIZATION_CODE, GrantType.REFRESH_TOKEN})
    uris = ("https://z.example/", "https://a.example/")
    client = Client(
        "f" * 24, "a böt", "ada", BOTH, None, grants, uris, ClientAuthentication.POST, NOW, "https://x.example"
    )
    audit = [new_entry("admin", deed) for deed in (Deed.CREATE_USER, Deed.CREATE_KEY, Deed.REGISTER_CLIENT)]

    stores.users.add(ada, "hash", audit[0])
    stores.keys.add(key, b"digest", audit[1])
    stores.clients.add(client, b"secret", audit[2])
    stores.sessions.begin(b"cookie", "ada", NOW, LATER, idle_since=NOW - timedelta(hours=1))

    assert stores.users.find("ada") == (ada, "hash")
    assert stores.keys.find(b"digest") == (key, ada)
    assert stores.clients.find(client.id) == (client, b"secret")
    assert stores.sessions.find(b"cookie") == ("ada", ada, NOW, NOW, LATER)
    assert stores.keys.origins(NOW) == {"https://a.example"}
    assert stores.keys.origins(LATER) == frozenset()
    assert len(AuditStore(stores.transactions.engine).page()) == 3


def test_a_name_is_kept_once_and_what_is_refused_is_not_told(stores: IdentityStores) -> None:
    stores.users.add(user(), "hash", ENTRY)
    with pytest.raises(NameTakenError):
        stores.users.add(user(), "other", new_entry("admin", Deed.CREATE_USER))

    assert stores.users.find("ada") == (user(), "hash")
    assert len(AuditStore(stores.transactions.engine).page()) == 1


def test_users_come_in_the_same_order_from_either_database(stores: IdentityStores) -> None:
    for name in ("b", "a_b", "a.b", "ab", "a-b"):
        stores.users.add(user(name), "hash", new_entry("admin", Deed.CREATE_USER))

    assert [one.name for one in stores.users.page(limit=9, after=None)] == ["a-b", "a.b", "a_b", "ab", "b"]
    assert [one.name for one in stores.users.page(limit=2, after="a.b")] == ["a_b", "ab"]


def test_sessions_that_have_ended_go_when_another_begins(stores: IdentityStores) -> None:
    stores.sessions.begin(b"idle", "ada", NOW, LATER, idle_since=NOW - timedelta(hours=1))
    stores.sessions.begin(b"seen", "ada", NOW, LATER, idle_since=NOW - timedelta(hours=1))
    stores.sessions.touch(b"seen", NOW + timedelta(minutes=30))
    stores.sessions.begin(b"new", "ada", NOW + timedelta(minutes=40), LATER, idle_since=NOW)

    assert [stores.sessions.find(digest) is None for digest in (b"idle", b"seen", b"new")] == [True, False, False]


def test_a_disabled_user_has_no_session_and_a_deleted_one_nothing(stores: IdentityStores) -> None:
    stores.users.add(user(), "hash", ENTRY)
    stores.sessions.begin(b"cookie", "ada", NOW, LATER, idle_since=NOW - timedelta(hours=1))
    disabled = User("ada", BOTH, None, NOW, NOW, is_disabled=True)
    assert stores.users.change("ada", lambda _: disabled, new_entry("admin", Deed.CHANGE_USER)) == disabled
    assert stores.sessions.find(b"cookie") is None
    assert stores.users.delete("ada", new_entry("admin", Deed.DELETE_USER))
    assert not stores.users.delete("ada", new_entry("admin", Deed.DELETE_USER))


def test_failures_are_changed_one_at_a_time_and_swept_when_they_are_old(stores: IdentityStores) -> None:
    for number in range(3):
        stores.failures.change(
            b"ada",
            ("here", "*"),
            lambda known: {where: Attempts(one.failures + 1, NOW) for where, one in known.items()},
            lambda _: None,
            NOW,
        )
        assert stores.failures.find(b"ada", ("here",)) == {"here": Attempts(number + 1, NOW)}
    stores.failures.change(b"bob", ("here",), lambda _: {"here": Attempts(0, NOW, None, NOW)}, lambda _: None, NOW)

    stores.failures.sweep(LATER, NOW)

    assert stores.failures.find(b"ada", ("here", "*")) == {}
    assert stores.failures.find(b"bob", ("here",)) == {"here": Attempts(0, NOW, None, NOW)}


def test_the_migration_keeps_what_was_there_before_identity(database: Database) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migration.__file__).with_name("migrations")))
    with closing(AuditStore(open_engine(database.address))) as audit:
        create_file(audit.engine)
        with audit.engine.begin() as connection:
            config.attributes.update(connection=connection, metadata=migration.METADATA)
            command.upgrade(config, "0002")
            connection.execute(text("INSERT INTO drafts VALUES ('desk', 7, '2026-11-01 10:00:00+00:00', '{}')"))
        audit.record("ada", Deed.TRAIN, model="desk", version=3)

        with closing(IdentityStores(open_engine(database.address))) as stores:
            assert stores.prepare()
            stores.users.add(user(), "hash", new_entry("admin", Deed.CREATE_USER))

        assert [(one.caller, one.deed) for one in audit.page()][::-1] == [
            ("ada", Deed.TRAIN), ("admin", Deed.CREATE_USER),
        ]  # fmt: skip
        with audit.engine.connect() as connection:
            assert connection.execute(text("SELECT model, revision FROM drafts")).all() == [("desk", 7)]


def test_no_secret_stands_in_the_database_in_clear_and_all_survives_a_restart(tmp_path: Path) -> None:
    environment = {"PARLEY_VAR_DIR": str(tmp_path / "var")}
    settings = load_settings(tmp_path, environment=environment)
    grants = frozenset({GrantType.CLIENT_CREDENTIALS})
    with closing(wire_identity(settings)) as identity:
        identity.users.create("ada", "MARKED pass word", BOTH, None, "admin")
        identity.check_password("ada", "MARKED pass word", "192.0.2.7")
        identity.users.check("ada", "MARKED pass word", "192.0.2.7")
        _, key = identity.keys.create("ada", "a bot", BOTH, None, None, None, "ada")
        client, secret = identity.clients.register(
            "ada", "a bot", BOTH, None, grants, (), ClientAuthentication.BASIC, "", "ada"
        )
        cookie = identity.sessions.begin(identity.users.get("ada"))
        assert secret is not None
        kept = b"".join(path.read_bytes() for path in (tmp_path / "var").iterdir())  # the database and its journal

    assert client.id.encode() in kept  # it is the right file
    for clear in ("MARKED", key, key.rpartition("_")[2], secret, cookie):
        assert clear.encode() not in kept

    with closing(wire_identity(load_settings(tmp_path, environment=environment))) as restarted:
        assert restarted.check_bearer(key).user == "ada"
        restarted.keys.uses.settle()
        assert restarted.check_session(cookie).name == "ada"
        assert restarted.clients.is_right_secret(client.id, secret)
        assert restarted.check_password("ada", "MARKED pass word", "192.0.2.7").name == "ada"
