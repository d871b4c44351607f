"""Identity on real databases, for tests of who callers are."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from app.domain.caller import Scope
from app.service.identity.admin_password import AdminPassword
from app.service.identity.clients import Clients
from app.service.identity.identity import Identity
from app.service.identity.keys import Keys
from app.service.identity.lockout import Lockout
from app.service.identity.passwords import Passwords
from app.service.identity.sessions import Sessions
from app.service.identity.users import Users
from app.storage.change_counter import ChangeCounter
from app.storage.credential_file import CredentialFile
from app.storage.engine import open_engine
from app.storage.identity_stores import IdentityStores
from tests.database import SqliteFile

ADMIN_PASSWORD = "the administrator's own"
ADAS = "naïve:pass wörd 🗝"
PREDICT = frozenset({Scope.PREDICT})

# argon2's smallest cost: what is tested is who gets in, not how long it takes
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@dataclass
class Clock:
    """A time that stands still until it is moved."""

    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __call__(self) -> datetime:
        return self.now

    def seconds(self) -> float:
        return self.now.timestamp()

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


class CountingPasswords(Passwords):
    """Passwords that count how often they are looked at."""

    def __init__(self) -> None:
        super().__init__(QUICK)
        self.n_checks = 0

    def is_right(self, password_hash: str | None, password: str) -> bool:
        self.n_checks += 1
        return super().is_right(password_hash, password)


@dataclass
class Parts:
    """An identity with what it is made of."""

    identity: Identity
    passwords: CountingPasswords
    lockout: Lockout
    stores: IdentityStores
    counter: ChangeCounter
    credentials: CredentialFile


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with all tables and nothing in them, to be copied: making them takes longer than any test here."""
    path = tmp_path_factory.mktemp("database") / "empty.db"
    with closing(IdentityStores(open_engine(path))) as stores:
        stores.prepare()
    return path


@pytest.fixture
def database(empty_database: Path, tmp_path: Path) -> SqliteFile:
    """SQLite alone: `tests/storage` shows that stores do the same on PostgreSQL."""
    return SqliteFile(Path(shutil.copy(empty_database, tmp_path / "parley.db")))


@pytest.fixture
def stores(database: SqliteFile) -> Iterator[IdentityStores]:
    with closing(IdentityStores(open_engine(database.address, busy_timeout_s=0.5))) as opened:
        yield opened


@pytest.fixture
def wire(stores: IdentityStores, tmp_path: Path, clock: Clock) -> Callable[..., Parts]:
    """Wire an identity as a process does; all of a test share the database and the folder."""

    def wired(*, is_given: bool = False) -> Parts:
        counter = ChangeCounter(tmp_path / "identity-changes")
        credentials = CredentialFile(tmp_path / "admin-password.argon2")
        if credentials.read() is None:
            credentials.write(QUICK.hash(ADMIN_PASSWORD))
        admin = AdminPassword(credentials, is_given=is_given)
        passwords, lockout = CountingPasswords(), Lockout(lambda: stores, now=clock, clock=clock.seconds)
        users = Users(lambda: stores, counter, admin, passwords, lockout, now=clock, clock=clock.seconds)
        keys = Keys(lambda: stores, counter, users, now=clock)
        clients = Clients(lambda: stores, counter, users, now=clock)
        sessions = Sessions(lambda: stores, counter, users, now=clock)
        identity = Identity(users, keys, clients, sessions, counter, clock=clock.seconds)
        return Parts(identity, passwords, lockout, stores, counter, credentials)

    return wired


@pytest.fixture
def parts(wire: Callable[..., Parts]) -> Parts:
    return wire()


@pytest.fixture
def identity(parts: Parts) -> Identity:
    return parts.identity


@pytest.fixture
def ada(identity: Identity) -> str:
    identity.users.create("ada", ADAS, PREDICT, None, "admin")
    return "ada"
