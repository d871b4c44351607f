"""Every way to prove who calls ends in the same caller; two at once, and what is too long, are refused."""

from collections.abc import Iterator
from typing import Any

import pytest

from app.domain.caller import Scope
from app.domain.identity import ADMIN
from app.service.identity.csrf import csrf_token
from tests.proofs import Keys, basic, identity_of
from tests.server import PASSWORD

BASIC = 'Basic realm="Parley", charset="UTF-8"'
PAGE = "https://bot.example"


@pytest.fixture(scope="module")
def asked(server: Any) -> Any:
    """The shared server, asked from an address of its own."""
    return server.from_address("127.0.3.1")


@pytest.fixture(scope="module")
def keys(server: Any) -> Iterator[Keys]:
    with identity_of(server) as identity:
        yield Keys(identity)


@pytest.fixture(scope="module")
def session(keys: Keys) -> str:
    return keys.identity.sessions.begin(keys.identity.users.get(ADMIN))


def ask(server: Any, path: str = "/models", **headers: str) -> Any:
    return server.get(path, **{"Authorization": "", **{name.replace("_", "-"): text for name, text in headers.items()}})


@pytest.mark.parametrize("scheme", ["Bearer ", "bearer ", "BEARER  "])
def test_a_key_is_a_bearer(asked, keys, scheme: str) -> None:
    key = keys.make(Scope.PREDICT)

    assert ask(asked, Authorization=key.replace("Bearer ", scheme)).status == 200


def test_a_key_has_a_header_of_its_own(asked, keys) -> None:
    key = keys.make(Scope.PREDICT).removeprefix("Bearer ")

    assert [ask(asked, X_API_Key=key).status for _ in range(2)] == [200, 200]


def test_a_session_opens_with_what_only_our_pages_have_seen(asked, session) -> None:
    cookie = {"Cookie": f"other=1; parley={session}; more=2"}

    assert ask(asked, **cookie, X_CSRF_Token=csrf_token(session)).status == 200
    assert ask(asked, **cookie).status == 401
    assert ask(asked, **cookie, X_CSRF_Token=csrf_token(session[:-1] + "x")).status == 401
    assert ask(asked, **cookie, X_CSRF_Token="").status == 401
    assert ask(asked, X_CSRF_Token=csrf_token(session)).status == 401
    assert ask(asked, Authorization=f"session\t{session}").status == 401
    assert ask(asked, **cookie, X_CSRF_Token="é".encode().decode("latin-1")).status == 401


def test_a_session_that_has_ended_opens_nothing(asked, keys) -> None:
    session = keys.identity.sessions.begin(keys.identity.users.get(ADMIN))
    proof = {"Cookie": f"parley={session}", "X_CSRF_Token": csrf_token(session)}
    assert ask(asked, **proof).status == 200

    keys.identity.sessions.end(session)

    assert ask(asked, **proof).status == 401


def test_a_key_that_is_revoked_opens_nothing_from_then_on(asked, keys) -> None:
    key = keys.make(Scope.PREDICT)
    assert ask(asked, Authorization=key).status == 200

    [made] = [one for one in keys.identity.keys.of(ADMIN) if one.prefix in key]
    keys.identity.keys.revoke(made.id, ADMIN)

    assert ask(asked, Authorization=key).status == 401


def test_two_proofs_in_one_request_are_refused(asked, keys, session) -> None:
    key = keys.make(Scope.PREDICT)
    by_session = {"Cookie": f"parley={session}", "X_CSRF_Token": csrf_token(session)}
    bare = key.removeprefix("Bearer ")

    for two in (
        {"Authorization": key, "X_API_Key": bare},
        {"Authorization": basic("admin", PASSWORD), **by_session},
        {"X_API_Key": bare, **by_session},
    ):
        reply = ask(asked, **two)
        assert (reply.status, reply.json()["error"]["code"]) == (400, "several_proofs")
    assert ask(asked, Authorization=key, Cookie=f"parley={session}").status == 200  # a browser sends it by itself


@pytest.mark.parametrize("n", [8_192, 40_000])
def test_a_proof_that_is_too_long_is_refused(server, n: int) -> None:
    elsewhere = server.from_address("127.0.3.2")

    for headers in (
        {"Authorization": "Bearer " + "x" * n},
        {"Authorization": basic("admin", "x" * n)},
        {"X_API_Key": "prl_" + "x" * n},
        {"Cookie": "parley=" + "x" * n, "X_CSRF_Token": "x" * 43},
        {"Cookie": "parley=" + "x" * 43, "X_CSRF_Token": "x" * n},
    ):
        assert ask(elsewhere, **headers).status == 401


def test_an_access_token_is_no_key(asked) -> None:
    assert ask(asked, X_API_Key="x" * 43).status == 401


def _challenges(reply: Any) -> list[str]:
    return reply.headers.get_all("WWW-Authenticate") or []


def test_who_proves_nothing_is_told_how_it_is_done(asked) -> None:
    assert _challenges(ask(asked)) == [BASIC, 'Bearer realm="Parley"']


def test_a_bearer_is_told_that_its_token_is_wrong(asked) -> None:
    assert _challenges(ask(asked, Authorization="Bearer wrong")) == [
        BASIC, 'Bearer realm="Parley", error="invalid_token"',
    ]  # fmt: skip


def test_a_bearer_is_told_what_its_token_lacks(asked, keys) -> None:
    reply = ask(asked, "/audit", Authorization=keys.make(Scope.PREDICT))

    assert reply.status == 403
    assert _challenges(reply) == ['Bearer realm="Parley", error="insufficient_scope", scope="admin"']


def test_a_page_of_ours_is_not_asked_for_a_password_by_the_browser(asked) -> None:
    assert _challenges(ask(asked, X_CSRF_Token="x")) == ['Bearer realm="Parley"']


def test_an_unknown_path_asks_for_a_proof_without_the_browsers_dialogue(asked) -> None:
    reply = ask(asked, "/favicon.ico")

    assert (reply.status, reply.json()["error"]["code"]) == (401, "authentication")
    assert _challenges(reply) == ['Bearer realm="Parley"']


def test_who_is_signed_in_learns_that_a_page_is_not_there(asked, session) -> None:
    assert ask(asked, "/nope", Cookie=f"parley={session}").status == 404


def test_a_key_of_pages_is_accepted_from_its_own_origins_alone(asked, keys) -> None:
    key = keys.make(Scope.PREDICT, origins=frozenset({PAGE}))

    assert ask(asked, Authorization=key, Origin=PAGE).status == 200
    for origin in ({}, {"Origin": "https://evil.example"}, {"Origin": "null"}, {"Origin": PAGE + ".evil.example"}):
        reply = ask(asked, Authorization=key, **origin)
        assert (reply.status, reply.json()["error"]["code"]) == (403, "forbidden_origin")


def test_pages_that_hold_a_key_may_read_the_replies(asked, keys) -> None:
    origin = "https://shop.example"
    key = keys.make(Scope.PREDICT, origins=frozenset({origin}))

    reply = ask(asked, Authorization=key, Origin=origin)

    assert reply.headers["Access-Control-Allow-Origin"] == origin
    assert reply.headers["Access-Control-Allow-Credentials"] is None
