"""Accounts of all kinds that a password can be tried on."""

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Final

from app.bootstrap.identity import open_identity_stores, wire_identity
from app.domain.caller import Scope
from app.service.identity.lockout import EVERYWHERE, FREE_EVERYWHERE, Lockout
from app.settings import load_settings

PASSWORD: Final = "the password of all of them"  # noqa: S105 - of a server that lives for minutes, on loopback
_BY: Final = "admin"
_TRIES_EACH: Final = FREE_EVERYWHERE - 10
"""Fewer than lock an account, so that each stays of its kind."""
_LOCKED_FOR: Final = timedelta(minutes=15)
_FAILURES: Final = FREE_EVERYWHERE + 11
_ELSEWHERE: Final = "192.0.2.1"


class Kind(StrEnum):
    """Why a password is refused."""

    UNKNOWN = "unknown"
    WRONG = "wrong password"
    LOCKED = "locked"
    DISABLED = "disabled"


def make_accounts(var: Path, n_tries: int) -> dict[Kind, list[str]]:
    """Make accounts beside a server that runs, enough for so many tries of each kind, and give their names."""
    n_accounts = -(-n_tries // _TRIES_EACH)
    names = {kind: [f"{kind[0]}ser-{number:03}" for number in range(n_accounts)] for kind in Kind}
    settings = load_settings(var, environment={"PARLEY_VAR_DIR": str(var)})
    identity, stores = wire_identity(settings), open_identity_stores(settings)
    try:
        for kind in (Kind.WRONG, Kind.LOCKED, Kind.DISABLED):
            for name in names[kind]:
                identity.users.create(name, PASSWORD, frozenset({Scope.PREDICT}), None, by=_BY)
        for name in names[Kind.DISABLED]:
            identity.users.change(name, is_disabled=True, by=_BY)
        for name in names[Kind.LOCKED]:
            _lock(name, Lockout(lambda: stores, now=_Steps()))
        missed = [name for name in names[Kind.LOCKED] if not Lockout(lambda: stores).is_locked(name, EVERYWHERE)]
    finally:
        identity.close()
        stores.close()
    if missed:
        raise SystemExit(f"not locked: {missed}")
    return names


class _Steps:
    """A clock that ends now, each failure behind the lock of the one before."""

    def __init__(self) -> None:
        self._now = datetime.now(UTC) - _FAILURES * _LOCKED_FOR

    def __call__(self) -> datetime:
        self._now += _LOCKED_FOR
        return self._now


def _lock(name: str, lockout: Lockout) -> None:
    """Fail as often as locks an account everywhere for as long as it can be."""
    for _ in range(_FAILURES):
        lockout.failed(name, _ELSEWHERE, is_user=True)
