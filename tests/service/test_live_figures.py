"""A version does worse where more of its texts are not answered, or they take longer, than with the one before it."""

import pytest

from app.service.live_figures import Bounds, LiveFigures, worse

BOUNDS = Bounds(least=100, fallbacks=0.2, slower=3.0)
BEFORE = LiveFigures(texts=1000, fallbacks=100, seconds=2.0)


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (LiveFigures(100, 31, 0.2), ["31.0% of 100 texts are not answered, 10.0% before"]),
        (LiveFigures(100, 10, 0.8), ["a text takes 8.0 ms, 2.0 ms before"]),
        (LiveFigures(200, 200, 20.0), ["100.0% of 200 texts", "a text takes 100.0 ms"]),
    ],
    ids=["more fallbacks", "slower", "both"],
)
def test_it_is_said_in_what(now: LiveFigures, said: list[str]) -> None:
    found = worse(BEFORE, now, BOUNDS)

    assert len(found) == len(said)
    assert all(sentence.startswith(beginning) for sentence, beginning in zip(found, said, strict=True))


@pytest.mark.parametrize(
    ("before", "now"),
    [
        (BEFORE, LiveFigures(100, 29, 0.2)),
        (BEFORE, LiveFigures(100, 0, 0.59)),
        (BEFORE, LiveFigures(99, 99, 99.0)),
        (LiveFigures(99, 0, 0.01), LiveFigures(5000, 5000, 5000.0)),
        (LiveFigures(), LiveFigures(5000, 5000, 5000.0)),
        (LiveFigures(1000, 0, 0.1), LiveFigures(1000, 0, 5.0)),
    ],
    ids=[
        "within both bounds", "nearly three times as long", "too few of its own", "too few before", "none before",
        "fifty times as long, which is still nothing",
    ],
)  # fmt: skip
def test_nothing_is_said_without_a_reason(before: LiveFigures, now: LiveFigures) -> None:
    assert worse(before, now, BOUNDS) == []


def test_only_what_was_added_counts() -> None:
    assert LiveFigures(150, 60, 1.5).since(LiveFigures(100, 50, 1.0)) == LiveFigures(50, 10, 0.5)
