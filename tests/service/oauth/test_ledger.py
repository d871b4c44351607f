"""What was given out is found by its digest, and goes when it has expired; Authlib tells no log of it."""

import logging
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import app.service.oauth.protocol  # noqa: F401 - it sees to it that Authlib is silent
from app.domain.oauth import TokenKind
from app.service.identity.made_secrets import digest_of, make_secret
from app.service.oauth.ledger import Ledger
from app.storage.engine import open_engine
from app.storage.identity_stores import IdentityStores
from app.storage.oauth_store import OAuthStore
from tests.oauth_clients import add_client


class Clock:
    now = datetime(2030, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


class Telling(OAuthStore):
    """A store that says when something was deleted."""

    deleted = threading.Event()

    def delete_before(self, now: datetime, limit: int) -> int:
        n_deleted = super().delete_before(now, limit)
        self.deleted.set()
        return n_deleted


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def changes() -> list[str]:
    return []


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Telling]:
    with closing(IdentityStores(open_engine(tmp_path / "parley.db"))) as opened:
        opened.prepare()
        add_client(opened.transactions.engine)
        store = Telling(opened.transactions)
        store.deleted = threading.Event()
        yield store


@pytest.fixture
def ledger(store: Telling, clock: Clock, changes: list[str]) -> Ledger:
    return Ledger(lambda: store, lambda: changes.append("changed"), clock=clock)


def test_secrets_are_long_and_none_is_like_another() -> None:
    made = {make_secret() for _ in range(100)}

    assert len(made) == 100
    assert {len(secret) for secret in made} == {43}
    assert {len(digest_of(secret)) for secret in made} == {32}


def test_what_has_expired_is_deleted_while_something_else_is_kept(ledger: Ledger, store: Telling, clock: Clock) -> None:
    for secret in ("old", "new"):
        grant = ledger.new_grant("client", None, "predict")
        ledger.begin(grant, [ledger.new_token(secret, TokenKind.ACCESS, grant, "predict", 60)])
        assert store.deleted.wait(10)
        store.deleted.clear()
        clock.now += timedelta(hours=1)

    assert ledger.find("old") is None
    assert ledger.find("new") is not None


def test_everybody_hears_of_what_ends_and_of_nothing_else(ledger: Ledger, changes: list[str]) -> None:
    code = ledger.new_code(ledger.new_grant("client", "ada", "predict"), "https://a.example", "challenge")
    ledger.take_code("made up", "client")
    taken = ledger.take_code(code, "client")
    assert taken is not None
    refresh = ledger.new_token("refresh", TokenKind.REFRESH, taken.grant, "predict", 60)
    ledger.add(taken.grant, [refresh])
    assert ledger.take_refresh(refresh)
    assert changes == []

    assert not ledger.take_refresh(refresh)
    assert ledger.take_code(code, "client") is None
    ledger.revoke(refresh)

    assert changes == ["changed"] * 3


def test_a_refresh_token_that_has_expired_is_used_up_in_vain(ledger: Ledger, clock: Clock) -> None:
    grant = ledger.new_grant("client", "ada", "predict")
    refresh = ledger.new_token("refresh", TokenKind.REFRESH, grant, "predict", 60)
    ledger.begin(grant, [refresh])
    clock.now += timedelta(seconds=60)

    assert not ledger.take_refresh(refresh)


def test_authlib_tells_no_log_what_it_gives_out() -> None:
    for name in ("authlib", "authlib.oauth2.rfc6749.grants.client_credentials"):
        assert not logging.getLogger(name).isEnabledFor(logging.DEBUG)
