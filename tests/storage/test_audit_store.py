"""The audit log keeps who did what, and gives it back newest first."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from app.domain.audit import AuditFilter, Deed, new_entry
from app.domain.storage_errors import StorageUnavailableError
from app.storage.audit_store import AuditStore, keep
from app.storage.engine import open_engine
from tests.database import Database


@pytest.fixture
def audit(database: Database) -> Iterator[AuditStore]:
    with closing(AuditStore(open_engine(database.address))) as store:
        store.prepare()
        yield store


def test_what_is_recorded_is_given_back_whole(audit: AuditStore) -> None:
    before = datetime.now(UTC)
    audit.record("ada", Deed.FORCE, model="m", version=7, details={"regressions": ["worse: ü"], "n": 3})

    [entry] = audit.page()
    assert (entry.caller, entry.deed, entry.model, entry.version) == ("ada", Deed.FORCE, "m", 7)
    assert entry.details == {"regressions": ["worse: ü"], "n": 3}
    assert before <= entry.time <= datetime.now(UTC)
    assert entry.time.tzinfo is UTC


def test_the_newest_come_first_and_pages_follow_each_other(audit: AuditStore) -> None:
    for version in range(1, 8):
        audit.record("ada", Deed.TRAIN, model="m", version=version)

    first = audit.page(limit=3)
    second = audit.page(limit=3, before=first[-1].id)
    third = audit.page(limit=3, before=second[-1].id)

    assert [[entry.version for entry in page] for page in (first, second, third)] == [[7, 6, 5], [4, 3, 2], [1]]


def test_entries_are_found_by_model_deed_caller_and_time(audit: AuditStore) -> None:
    audit.record("ada", Deed.TRAIN, model="m")
    audit.record("bob", Deed.EXPORT, model="m")
    audit.record("ada", Deed.EXPORT)
    later = datetime.now(UTC) + timedelta(minutes=1)

    def found(**wanted: object) -> list[tuple[str, str]]:
        return [(entry.caller, entry.deed.value) for entry in audit.page(AuditFilter(**wanted))]  # type: ignore[arg-type]

    assert found(model="m") == [("bob", "export"), ("ada", "train")]
    assert found(deed=Deed.EXPORT) == [("ada", "export"), ("bob", "export")]
    assert found(caller="ada", deed=Deed.TRAIN) == [("ada", "train")]
    assert found(since=later) == []
    assert len(found(since=later - timedelta(minutes=5))) == 3


def test_the_store_has_no_way_to_change_or_delete_an_entry() -> None:
    assert {name for name in vars(AuditStore) if not name.startswith("_")} == {"prepare", "record", "page", "close"}


def test_a_database_that_is_away_is_told(audit: AuditStore, database: Database) -> None:
    database.take_away()

    with pytest.raises(StorageUnavailableError):
        audit.record("ada", Deed.TRAIN)

    database.bring_back()
    audit.record("ada", Deed.TRAIN)
    assert len(audit.page()) == 1


def test_an_entry_is_kept_only_with_the_transaction_that_it_belongs_to(audit: AuditStore) -> None:
    with audit.engine.connect() as connection, connection.begin() as transaction:
        keep(connection, new_entry("ada", Deed.TRAIN))
        transaction.rollback()

    assert audit.page() == []
