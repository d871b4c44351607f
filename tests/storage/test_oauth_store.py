"""Codes and refresh tokens are good once, in a database of either kind; used twice, all that came of them ends."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from app.domain.oauth import Code, Grant, Token, TokenKind
from app.domain.storage_errors import StorageUnavailableError
from app.storage.engine import open_engine
from app.storage.identity_stores import IdentityStores
from app.storage.oauth_store import OAuthStore
from tests.database import Database
from tests.oauth_clients import add_client

NOW = datetime(2030, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def store(database: Database) -> Iterator[OAuthStore]:
    with closing(IdentityStores(open_engine(database.address))) as opened:
        opened.prepare()
        add_client(opened.transactions.engine)
        yield opened.oauth


def _grant(user: str | None = "ada") -> Grant:
    return Grant(uuid4(), "client", user, "profile", NOW)


def _token(grant: Grant, kind: TokenKind = TokenKind.ACCESS, life: timedelta = MINUTE) -> Token:
    return Token(uuid4().bytes, kind, grant, "profile", NOW, NOW + life)


def _code(grant: Grant) -> Code:
    return Code(grant, "https://a.example/back", "challenge", NOW + MINUTE)


@pytest.mark.parametrize("user", ["ada", None])
def test_a_token_is_given_back_as_it_was_kept(store: OAuthStore, user: str | None) -> None:
    token = _token(_grant(user))

    store.begin(token.grant, [token])

    assert store.find(token.digest) == token
    assert store.find(b"another") is None


def test_a_code_is_given_once_and_then_ends_all_that_came_of_it(store: OAuthStore) -> None:
    code = _code(_grant())
    store.begin_with_code(b"digest", code)
    taken = store.take_code(b"digest", "client", NOW)
    tokens = [_token(code.grant), _token(code.grant, TokenKind.REFRESH)]
    store.add(code.grant, tokens)

    again = store.take_code(b"digest", "client", NOW)

    assert taken == (code, False)
    assert again == (None, True)
    kept = [store.find(token.digest) for token in tokens]
    assert [token is not None and token.is_good_at(NOW) for token in kept] == [False, False]


def test_tokens_that_come_late_to_a_grant_that_has_ended_are_not_good(store: OAuthStore) -> None:
    code = _code(_grant())
    store.begin_with_code(b"digest", code)
    store.take_code(b"digest", "client", NOW)
    store.take_code(b"digest", "client", NOW)
    late = _token(code.grant)

    store.add(code.grant, [late])

    kept = store.find(late.digest)
    assert kept is not None
    assert not kept.is_good_at(NOW)


@pytest.mark.parametrize(("client", "later"), [("another", timedelta()), ("client", MINUTE), ("client", 2 * MINUTE)])
def test_a_code_of_another_client_or_too_late_is_not_given(store: OAuthStore, client: str, later: timedelta) -> None:
    store.begin_with_code(b"digest", _code(_grant()))

    assert store.take_code(b"digest", client, NOW + later) == (None, False)


def test_of_many_who_come_with_one_code_at_once_one_gets_it(store: OAuthStore) -> None:
    store.begin_with_code(b"digest", _code(_grant()))

    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda _: store.take_code(b"digest", "client", NOW), range(8)))

    assert len([code for code, _ in taken if code is not None]) == 1


def test_of_many_who_use_one_refresh_token_at_once_one_may(store: OAuthStore) -> None:
    token = _token(_grant(), TokenKind.REFRESH)
    store.begin(token.grant, [token])

    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda _: store.take_refresh(token, NOW), range(8)))

    assert sorted(taken) == [False] * 7 + [True]
    kept = store.find(token.digest)
    assert kept is not None
    assert kept.grant.ended_at == NOW


@pytest.mark.parametrize(
    ("kind", "others_are_good"), [(TokenKind.ACCESS, True), (TokenKind.REFRESH, False)], ids=["access", "refresh"]
)
def test_a_refresh_token_that_is_revoked_takes_the_others_along(
    store: OAuthStore, kind: TokenKind, *, others_are_good: bool
) -> None:
    grant = _grant()
    revoked, other = _token(grant, kind), _token(grant)
    store.begin(grant, [revoked, other])

    store.revoke(revoked, NOW)

    kept = [store.find(token.digest) for token in (revoked, other)]
    assert [token is not None and token.is_good_at(NOW) for token in kept] == [False, others_are_good]


def test_what_has_expired_is_deleted_and_nothing_else(store: OAuthStore) -> None:
    old, new = _grant(), _grant()
    short, long = _token(old), _token(new, life=timedelta(days=3))
    store.begin(old, [short])
    expired = _token(new)
    store.begin(new, [expired, long])
    store.begin_with_code(b"digest", _code(_grant()))

    n_deleted = store.delete_before(NOW + timedelta(days=2), 100)

    assert n_deleted == 5  # two tokens, a code, two grants
    assert store.find(short.digest) is None
    assert store.find(long.digest) == long
    assert store.find(expired.digest) is None


def test_a_database_that_is_away_is_told(store: OAuthStore, database: Database) -> None:
    database.take_away()

    with pytest.raises(StorageUnavailableError):
        store.find(b"digest")
