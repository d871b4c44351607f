"""The request log gives back what was put in, forgets what is too old, and says what is wrong with its database."""

import math
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.domain.logged_request import LogEntry, LogFilter, LoggedInput, LoggedRequest
from app.domain.storage_errors import RefusedEntryError, StorageUnavailableError
from app.domain.time_ids import new_time_id
from app.storage.request_store import RequestStore
from tests.database import Database

NOON = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)
ANSWERED = LoggedInput("greeting", 0.987654321, None, "hello")
UNSURE = LoggedInput(None, 0.12, "low_confidence", "hmm")


def entry(hours: float = 0, *inputs: LoggedInput, **changes: Any) -> LogEntry:
    """Make an entry of so many hours after noon."""
    time = NOON + timedelta(hours=hours)
    request = LoggedRequest(
        f"r{hours}", time, "ada", "POST", "/predict", 200, 0.0123, model="tiny", version=2, inputs=inputs
    )
    return LogEntry(new_time_id(time), request._replace(**changes))


def hours(entries: list[LogEntry]) -> list[float]:
    return [(one.request.time - NOON) / timedelta(hours=1) for one in entries]


def test_what_was_put_in_is_given_back(store: RequestStore) -> None:
    full = entry(0, ANSWERED, UNSURE, LoggedInput(None, None))
    bare = entry(1, caller=None, model=None, version=None, status=401, endpoint="/models/<name>", method="GET")

    store.insert([full, bare])

    assert store.page() == [bare, full]


def test_the_newest_come_first_whatever_the_order_they_were_put_in(store: RequestStore) -> None:
    store.insert([entry(2), entry(0), entry(1)])
    store.insert([entry(-1)])

    assert hours(store.page()) == [2, 1, 0, -1]


def test_pages_go_on_where_the_last_ended(store: RequestStore) -> None:
    store.insert([entry(number) for number in range(5)])

    first = store.page(limit=2)
    second = store.page(limit=2, before=first[-1].id)
    third = store.page(limit=2, before=second[-1].id)

    assert [hours(page) for page in (first, second, third)] == [[4, 3], [2, 1], [0]]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (LogFilter(), [4, 3, 2, 1, 0]),
        (LogFilter(model="tiny"), [4, 3, 1, 0]),
        (LogFilter(model="absent"), []),
        (LogFilter(intent="greeting"), [3, 2, 1]),
        (LogFilter(intent="greet%"), []),
        (LogFilter(fallbacks_only=True), [3, 0]),
        (LogFilter(since=NOON + timedelta(hours=3)), [4, 3]),
        (LogFilter(since=NOON + timedelta(hours=3, microseconds=1)), [4]),
        (LogFilter("tiny", "greeting", True, NOON), [3]),
    ],
)
def test_a_filter_finds_the_requests_it_asks_for_with_all_their_inputs(
    store: RequestStore, wanted: LogFilter, found: list[float]
) -> None:
    kept = [
        entry(0, UNSURE),
        entry(1, ANSWERED),
        entry(2, ANSWERED, model="other"),
        entry(3, UNSURE, ANSWERED),
        entry(4),
    ]
    store.insert(kept)

    page = store.page(wanted)

    assert hours(page) == found
    assert all(one in kept for one in page)


def test_entries_that_are_stored_already_stay_as_they_are(store: RequestStore) -> None:
    batch = [entry(0, ANSWERED), entry(1)]
    store.insert(batch)

    store.insert(batch)

    assert sorted(store.page()) == sorted(batch)


def test_nothing_is_stored_of_nothing(store: RequestStore) -> None:
    store.insert([])

    assert store.page() == []


@pytest.mark.parametrize("change", [{"version": 2**70}, {"seconds": object()}, {"method": None}, {"endpoint": 5}])
def test_a_batch_with_an_entry_that_cannot_be_stored_is_refused_whole(
    store: RequestStore, change: dict[str, Any]
) -> None:
    with pytest.raises(RefusedEntryError):
        store.insert([entry(0, ANSWERED), entry(1, **change)])

    assert store.page() == []


def test_what_stands_in_a_refused_entry_is_not_told(store: RequestStore) -> None:
    private = entry(0, ANSWERED._replace(text="my secret"), version=2**70, caller="my secret")

    with pytest.raises(RefusedEntryError) as refused:
        store.insert([private])

    assert "secret" not in str(refused.value)
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("naïve 🗝 ẞ\n\t", "naïve 🗝 ẞ\n\t"),
        ("a\0b", "a\ufffdb"),
        ("half \ud83d", "half \ufffd"),
        ("\udcffx", "\ufffdx"),
        ("\ud83d\ude00", "😀"),
        ("'; DROP TABLE logged_requests; --", "'; DROP TABLE logged_requests; --"),
        ("", ""),
        ("x" * 10_000, "x" * 10_000),
    ],
    ids=lambda text: ascii(text[:12]),
)
def test_any_text_that_json_can_say_is_kept(store: RequestStore, sent: str, kept: str) -> None:
    store.insert([entry(0, LoggedInput(sent, 0.5, sent, sent), caller=sent, request_id=sent)])

    [found] = store.page()

    assert found.request.inputs == (LoggedInput(kept, 0.5, kept, kept),)
    assert (found.request.caller, found.request.request_id) == (kept, kept)


def test_a_confidence_that_is_no_number_harms_nothing(store: RequestStore) -> None:
    store.insert([entry(0, LoggedInput("greeting", math.nan))])

    [found] = store.page()

    confidence = found.request.inputs[0].confidence
    assert confidence is None or math.isnan(confidence)


def test_times_are_kept_in_utc_wherever_the_clock_stood(store: RequestStore) -> None:
    elsewhere = NOON.astimezone(tz=None)
    store.insert([entry(0, time=elsewhere)])

    [found] = store.page()

    assert found.request.time == NOON
    assert found.request.time.utcoffset() == timedelta(0)


def test_requests_of_before_are_forgotten_with_their_inputs(store: RequestStore) -> None:
    store.insert([entry(number, ANSWERED) for number in range(4)])

    assert store.delete_before(NOON + timedelta(hours=2), limit=100) == 2

    assert hours(store.page()) == [3, 2]
    assert store.delete_before(NOON + timedelta(hours=2), limit=100) == 0


def test_texts_of_before_are_forgotten_and_the_rest_stays(store: RequestStore) -> None:
    store.insert([entry(0, ANSWERED, UNSURE), entry(1, LoggedInput("x", 0.5)), entry(2, ANSWERED)])

    assert store.erase_texts_before(NOON + timedelta(hours=2), limit=100) == 1

    newest, _, oldest = store.page()
    assert [one.text for one in oldest.request.inputs] == [None, None]
    assert [one.intent for one in oldest.request.inputs] == ["greeting", None]
    assert newest.request.inputs == (ANSWERED,)
    assert store.erase_texts_before(NOON + timedelta(hours=2), limit=100) == 0


def test_no_more_is_forgotten_at_once_than_asked_for_and_the_oldest_first(store: RequestStore) -> None:
    store.insert([entry(number / 3600, ANSWERED) for number in range(2_500)])
    end = NOON + timedelta(days=1)

    assert store.erase_texts_before(end, limit=1_700) == 1_700
    assert store.delete_before(end, limit=1_200) == 1_200

    assert [store.erase_texts_before(end, limit=10_000), store.delete_before(end, limit=10_000)] == [800, 1_300]


@pytest.fixture
def away(database: Database) -> Iterator[Database]:
    database.take_away()
    yield database
    database.bring_back()


@pytest.mark.parametrize(
    "use",
    [
        lambda store: store.prepare(),
        lambda store: store.insert([entry(0, ANSWERED)]),
        lambda store: store.page(),
        lambda store: store.delete_before(NOON, 1),
        lambda store: store.erase_texts_before(NOON, 1),
    ],
    ids=["prepare", "insert", "page", "delete", "erase"],
)
def test_a_database_that_is_away_is_told_as_such_without_its_password(away: Database, use: Any) -> None:
    with closing(away.open()) as store, pytest.raises(StorageUnavailableError) as told:
        use(store)

    assert "sesame" not in str(told.value) + repr(told.value)
    assert str(told.value).startswith("the database ")


def test_a_database_without_tables_is_told_as_such(database: Database) -> None:
    with closing(database.open()) as store, pytest.raises(StorageUnavailableError):
        store.page()


def test_a_store_works_again_when_its_database_is_back(database: Database, store: RequestStore) -> None:
    store.insert([entry(0, ANSWERED)])
    database.take_away()
    with pytest.raises(StorageUnavailableError):
        store.insert([entry(1)])

    database.bring_back()
    store.insert([entry(1)])

    assert hours(store.page()) == [1, 0]
