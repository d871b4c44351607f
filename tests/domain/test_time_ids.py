"""Ids of the request log sort as the requests came, and no two are alike."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from app.domain.time_ids import first_time_id, new_time_id

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_ids_sort_as_times_to_the_microsecond() -> None:
    times = [NOON + timedelta(microseconds=number) for number in (*range(2_000), 10_000, 1_000_000, 86_400_000_000)]

    ids = [new_time_id(time) for time in times]

    assert sorted(ids) == ids


def test_ids_of_one_time_differ() -> None:
    assert len({new_time_id(NOON) for _ in range(10_000)}) == 10_000


@pytest.mark.parametrize("microseconds", [0, 1, 499, 500, 999])
def test_the_first_id_of_a_time_lies_between_what_came_before_and_what_came_then(microseconds: int) -> None:
    time = NOON + timedelta(microseconds=microseconds)

    first = first_time_id(time)

    assert new_time_id(time - timedelta(microseconds=1)) < first <= new_time_id(time)


def test_an_id_is_a_uuid_of_version_7_of_its_time() -> None:
    made = new_time_id(NOON)

    assert (made.version, made.variant) == (7, "specified in RFC 4122")
    assert made.int >> 80 == NOON.timestamp() * 1000


def test_where_a_clock_stands_does_not_matter() -> None:
    assert first_time_id(NOON) == first_time_id(NOON.astimezone(timezone(timedelta(hours=5))))


def test_a_time_before_all_times_has_the_first_id_of_all() -> None:
    assert first_time_id(datetime(1900, 1, 1, tzinfo=UTC)) == first_time_id(datetime(1970, 1, 1, tzinfo=UTC))
