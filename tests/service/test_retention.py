"""What is too old is forgotten now and then, some at a time, and never at the cost of what is to be written."""

from datetime import UTC, datetime, timedelta

from app.service.retention import Retention


class Store:
    """Remembers what it was told to forget; `old` requests are there to be forgotten."""

    def __init__(self, old: int = 0, *, is_broken: bool = False) -> None:
        self.old, self.is_broken = old, is_broken
        self.asked: list[tuple[str, timedelta]] = []

    def delete_before(self, time: datetime, limit: int) -> int:
        if self.is_broken:
            raise OSError("gone")
        self.asked.append(("requests", datetime.now(UTC) - time))
        forgotten = min(self.old, limit)
        self.old -= forgotten
        return forgotten

    def erase_texts_before(self, time: datetime, limit: int) -> int:
        assert limit > 0
        self.asked.append(("texts", datetime.now(UTC) - time))
        return 0


class Clock:
    """Stands still until it is set."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_requests_and_texts_have_their_own_time() -> None:
    store = Store()

    Retention(90, 30).apply(store)

    assert [(what, age.days) for what, age in store.asked] == [("requests", 90), ("texts", 30)]


def test_it_happens_once_an_hour() -> None:
    store, clock = Store(), Clock()
    retention = Retention(90, 30, clock=clock)

    for clock.now in (0, 1, 3_599, 3_600, 3_601, 10_000):
        retention.apply(store)

    assert len(store.asked) == 2 * 3


def test_where_there_is_much_to_forget_the_next_call_goes_on() -> None:
    store, clock = Store(old=25_000), Clock()
    retention = Retention(90, 30, clock=clock)

    left = []
    for _ in range(4):
        retention.apply(store)
        left.append(store.old)

    assert left == [15_000, 5_000, 0, 0]
    assert len(store.asked) == 2 * 3


def test_a_fault_is_told_and_tried_again_an_hour_later(caplog) -> None:
    store, clock = Store(is_broken=True), Clock()
    retention = Retention(90, 30, clock=clock)

    retention.apply(store)
    retention.apply(store)
    store.is_broken = False
    clock.now = 3_600
    retention.apply(store)

    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert len(store.asked) == 2
