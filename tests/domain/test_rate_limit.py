"""Rate limits are written as people say them, and what is none is refused."""

import pytest

from app.domain.rate_limit import RateLimit, parse_rate_limits


@pytest.mark.parametrize(
    ("text", "limits"),
    [
        ("100/minute", [(100, 60)]),
        ("100 per minute", [(100, 60)]),
        ("1/second", [(1, 1)]),
        ("7/days", [(7, 86_400)]),
        ("5/10 seconds", [(5, 10)]),
        ("5 / 2hours", [(5, 7_200)]),
        ("10/second; 1000/hour", [(10, 1), (1000, 3_600)]),
    ],
)
def test_a_limit_is_read_as_it_is_said(text: str, limits: list[tuple[int, int]]) -> None:
    assert parse_rate_limits(text) == tuple(RateLimit(*limit) for limit in limits)


@pytest.mark.parametrize(
    "text",
    [
        "", "100", "/minute", "100/", "100/fortnight", "-1/minute", "1.5/minute", "0/minute", "1/0 seconds",
        "1/32 days", "100/minute;", "1/second,2/minute", "1/minute/hour", "٣/minute", "1000000000/second",
        "1/second; 2/minute; 3/hour; 4/day; 5/day",
    ],
)  # fmt: skip
def test_what_is_no_limit_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="limit"):
        parse_rate_limits(text)


@pytest.mark.parametrize("text", ["100/minute", "1/second", "5/10 seconds", "5/2 hours", "7/day", "90/90 seconds"])
def test_a_limit_is_told_as_it_is_written(text: str) -> None:
    assert str(parse_rate_limits(text)[0]) == text
