"""A worker that dies again and again is replaced ever later, up to a limit, and never given up."""

from app.supervisor.backoff import Backoff


def test_the_first_is_replaced_at_once_and_the_next_ones_ever_later_up_to_a_limit() -> None:
    backoff = Backoff(first_s=0.1, most_s=1.0, settled_s=10)

    waits = [backoff.after(lived_s=0.5) for _ in range(7)]

    assert waits == [0, 0.1, 0.2, 0.4, 0.8, 1.0, 1.0]


def test_a_worker_that_lived_a_while_is_replaced_at_once() -> None:
    backoff = Backoff(first_s=0.1, most_s=1.0, settled_s=10)
    for _ in range(5):
        backoff.after(lived_s=0)

    waits = [backoff.after(lived_s=10), backoff.after(lived_s=1)]

    assert waits == [0, 0.1]


def test_no_number_of_deaths_is_too_many() -> None:
    backoff = Backoff(first_s=0.1, most_s=5.0)

    assert max(backoff.after(lived_s=0) for _ in range(100_000)) == 5.0
