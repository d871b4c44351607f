"""Keys, sessions and passwords stand for users as these are now, and stop at once when something is taken back."""

import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.caller import Caller, CallerKind, Scope
from app.domain.errors import AuthenticationError, InvalidRequestError
from app.domain.grants import common_scopes
from app.domain.identity import Key
from app.domain.identity_errors import ExcessiveGrantError, UnknownIdentityError
from app.service.identity.identity import Identity
from app.service.identity.made_secrets import is_key, make_key
from tests.service.identity.conftest import ADAS, PREDICT, Clock, Parts

TRAIN = frozenset({Scope.TRAIN})
BOTH = PREDICT | TRAIN


def make(identity: Identity, user: str = "ada", **chosen: Any) -> tuple[Key, str]:
    wanted = {"scopes": PREDICT, "models": None, "origins": None, "expires_at": None, **chosen}
    return identity.keys.create(user, "a bot", **wanted, by=user)


def is_refused(identity: Identity, secret: str) -> bool:
    try:
        identity.check_bearer(secret)
    except AuthenticationError:
        return True
    return False


def test_a_key_calls_for_its_user(identity: Identity, ada: str) -> None:
    key, secret = make(identity, models=frozenset({"tiny"}), origins=frozenset({"https://bot.example"}))

    caller = identity.check_bearer(secret)

    models, origins = frozenset({"tiny"}), frozenset({"https://bot.example"})
    assert caller == Caller(f"key:{key.prefix}", PREDICT, models, CallerKind.KEY, ada, origins)
    assert secret.startswith(f"prl_{key.prefix}_")
    assert identity.keys.browser_origins() == origins


def test_a_key_grants_no_more_than_its_user_holds_now(identity: Identity, ada: str) -> None:
    identity.users.change(ada, scopes=BOTH, by="admin")
    _, secret = make(identity, scopes=BOTH)

    identity.users.change(ada, scopes=PREDICT | {Scope.REVIEW}, models=frozenset({"tiny"}), by="admin")

    caller = identity.check_bearer(secret)
    assert (caller.scopes, caller.models) == (PREDICT, frozenset({"tiny"}))


def test_a_key_of_the_administrator_does_what_it_was_made_for_alone(identity: Identity) -> None:
    _, secret = make(identity, "admin", scopes=TRAIN)

    assert identity.check_bearer(secret).scopes == TRAIN


@pytest.mark.parametrize("wanted", [{"scopes": TRAIN}, {"scopes": frozenset({Scope.ADMIN})}])
def test_nobody_makes_a_key_for_more_than_they_hold(identity: Identity, ada: str, wanted: dict[str, Any]) -> None:
    with pytest.raises(ExcessiveGrantError):
        make(identity, ada, **wanted)
    identity.users.change(ada, models=frozenset({"tiny"}), by="admin")
    for models in (None, frozenset({"tiny", "other"})):
        with pytest.raises(ExcessiveGrantError):
            make(identity, ada, models=models)


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        ({"scopes": frozenset()}, "scopes"), ({"models": frozenset({"../evil"})}, "model"),
        ({"origins": frozenset({"https://bot.example/"})}, "origins"), ({"origins": frozenset()}, "origins"),
        ({"scopes": BOTH, "origins": frozenset({"https://bot.example"})}, "scopes"),
    ],
)  # fmt: skip
def test_a_key_that_makes_no_sense_is_refused_by_field(identity: Identity, wanted: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidRequestError) as refused:
        make(identity, "admin", **wanted)

    assert refused.value.field == field


@pytest.mark.usefixtures("ada")
def test_a_key_ends_at_its_time(identity: Identity, clock: Clock) -> None:
    _, secret = make(identity, expires_at=clock() + timedelta(days=1))
    assert not is_refused(identity, secret)
    clock.move(days=1)
    assert is_refused(identity, secret)
    with pytest.raises(InvalidRequestError):
        make(identity, expires_at=clock())


def test_what_has_not_the_form_of_a_key_is_no_question_to_the_database(identity: Identity) -> None:
    for secret in ("", "prl_", "prl_0000000g_" + "x" * 43, make_key().secret + "x", "prl_\ud800", make_key().secret):
        assert is_refused(identity, secret)


def test_a_key_that_is_rotated_has_another_secret_alone(identity: Identity, ada: str) -> None:
    key, before = make(identity)

    rotated, secret = identity.keys.rotate(key.id, ada, ada)

    assert (rotated.id, rotated.label, rotated.prefix != key.prefix) == (key.id, key.label, True)
    assert is_refused(identity, before)
    assert identity.check_bearer(secret).name == f"key:{rotated.prefix}"


def test_a_key_of_another_is_not_there(identity: Identity, ada: str) -> None:
    key, secret = make(identity, "admin")
    for attempt in (identity.keys.rotate, identity.keys.revoke):
        with pytest.raises(UnknownIdentityError):
            attempt(key.id, ada, ada)

    assert not is_refused(identity, secret)
    assert identity.keys.of(ada) == []
    assert [one.id for one in identity.keys.all()] == [key.id]


def test_that_a_key_was_used_is_kept_to_the_hour(identity: Identity, ada: str, clock: Clock) -> None:
    _, secret = make(identity)
    identity.check_bearer(secret)
    identity.keys.uses.settle()

    [used] = identity.keys.of(ada)
    assert used.last_used_at == clock().replace(minute=0, second=0, microsecond=0)


TAKEN_BACK: dict[str, Callable[[Identity, Key], object]] = {
    "the key is revoked": lambda identity, key: identity.keys.revoke(key.id, "admin"),
    "the key is rotated": lambda identity, key: identity.keys.rotate(key.id, "admin"),
    "the user is disabled": lambda identity, _: identity.users.change("ada", is_disabled=True, by="admin"),
    "the user is deleted": lambda identity, _: identity.users.delete("ada", "admin"),
}


@pytest.mark.parametrize("taken_back", TAKEN_BACK.values(), ids=TAKEN_BACK.keys())
def test_what_is_taken_back_is_not_recalled_by_any_process(
    wire: Callable[..., Parts], taken_back: Callable[[Identity, Key], object]
) -> None:
    here, there = wire().identity, wire().identity
    here.users.create("ada", ADAS, PREDICT, None, "admin")
    key, secret = make(here)
    for one in (here, there):
        as_of = one.as_of()
        one.remember(secret, one.check_bearer(secret), as_of)
        assert one.recall(secret) is not None

    taken_back(here, key)

    assert [one.recall(secret) for one in (here, there)] == [None, None]
    assert [is_refused(one, secret) for one in (here, there)] == [True, True]


def test_a_changed_password_is_not_recalled_and_ends_the_sessions(wire: Callable[..., Parts]) -> None:
    here, there = wire().identity, wire().identity
    here.users.create("ada", ADAS, PREDICT, None, "admin")
    as_of = there.as_of()
    there.remember("Basic …", there.check_password("ada", ADAS, ""), as_of)
    cookie = there.sessions.begin(there.users.get("ada"))

    here.users.change_password("ada", ADAS, "another pass word", "")

    assert there.recall("Basic …") is None
    assert there.sessions.check(cookie) is None
    with pytest.raises(AuthenticationError):
        there.check_password("ada", ADAS, "")
    assert there.check_password("ada", "another pass word", "").name == "ada"


def test_a_change_while_a_proof_is_looked_at_is_not_missed(identity: Identity, ada: str) -> None:
    key, secret = make(identity)
    as_of = identity.as_of()
    caller = identity.check_bearer(secret)
    identity.keys.revoke(key.id, ada)

    identity.remember(secret, caller, as_of)

    assert identity.recall(secret) is None


@pytest.mark.usefixtures("ada")
def test_a_proof_is_looked_at_again_after_five_seconds(identity: Identity, clock: Clock) -> None:
    _, secret = make(identity)
    identity.remember(secret, identity.check_bearer(secret), identity.as_of())
    clock.move(seconds=4.9)
    assert identity.recall(secret) is not None
    clock.move(seconds=0.2)
    assert identity.recall(secret) is None


REVOKE = """
import sys
from pathlib import Path
from uuid import UUID
from app.bootstrap.identity import wire_identity
from app.settings import load_settings
environment = {"PARLEY_DATABASE_URL": sys.argv[2], "PARLEY_VAR_DIR": sys.argv[1]}
settings = load_settings(Path(sys.argv[1]), environment=environment)
identity = wire_identity(settings)
identity.keys.revoke(UUID(sys.argv[3]), "somebody at a terminal")
"""


@pytest.mark.usefixtures("ada")
def test_a_process_that_revokes_is_noticed_by_another_at_once(
    identity: Identity, database: Any, tmp_path: Path, root: Path
) -> None:
    key, secret = make(identity)
    identity.remember(secret, identity.check_bearer(secret), identity.as_of())
    assert identity.recall(secret) is not None

    done = subprocess.run(
        [sys.executable, "-c", REVOKE, tmp_path, database.address, str(key.id)], cwd=root, check=False
    )

    assert done.returncode == 0
    assert identity.recall(secret) is None


def test_a_session_lasts_twelve_hours_unseen_and_seven_days_at_most(identity: Identity, ada: str, clock: Clock) -> None:
    cookie = identity.sessions.begin(identity.users.get(ada))
    idle = identity.sessions.begin(identity.users.get(ada))
    for _ in range(15):
        assert identity.check_session(cookie).name == ada
        clock.move(hours=11)
    assert identity.sessions.check(idle) is None
    clock.move(hours=3)
    with pytest.raises(AuthenticationError):
        identity.check_session(cookie)


def test_a_session_that_has_ended_is_nobodys(identity: Identity, ada: str) -> None:
    cookies = [identity.sessions.begin(identity.users.get(ada)) for _ in range(3)]
    identity.sessions.end(cookies[0])
    assert [identity.sessions.check(cookie) is None for cookie in cookies] == [True, False, False]
    identity.sessions.end_all(ada)
    assert [identity.sessions.check(cookie) for cookie in cookies] == [None] * 3


@settings(max_examples=50)
@given(st.frozensets(st.sampled_from(Scope)), st.frozensets(st.sampled_from(Scope)))
def test_common_scopes_are_never_more_than_either_holds(one: frozenset[Scope], other: frozenset[Scope]) -> None:
    def holds(scopes: frozenset[Scope], scope: Scope) -> bool:
        return scope in scopes or Scope.ADMIN in scopes

    common = common_scopes(one, other)
    assert {scope for scope in Scope if holds(common, scope)} == {
        scope for scope in Scope if holds(one, scope) and holds(other, scope)
    }


@settings(max_examples=50)
@given(st.data())
def test_a_key_has_its_form_and_anything_else_has_not(data: st.DataObject) -> None:
    made = make_key()
    assert is_key(made.secret)
    place = data.draw(st.integers(0, len(made.secret) - 1))
    other = data.draw(st.characters(exclude_characters="0123456789abcdef"))
    changed = made.secret[:place] + other + made.secret[place + 1 :]
    if place < len("prl_00000000_") and changed != made.secret:
        assert not is_key(changed)
    assert not is_key(made.secret + other)
