"""Pickles of plain values come back as they were; what a pickle only says that it holds is not asked for."""

import pytest

from app.domain.damage_errors import UnreadableFileError
from app.pipeline.plain_pickle import plain_pickle, read_plain_pickle

LENGTHS = {
    "bytes": b"B\x00\x00\x00\x07",
    "text": b"X\xff\xff\xff\x7f",
    "long bytes": b"\x8e" + b"\xff" * 7 + b"\x7f",
    "long text": b"\x8d" + b"\xff" * 7 + b"\x7f",
    "number": b"\x8b\xff\xff\xff\x7f",
}


@pytest.mark.parametrize("value", [{}, [1, 2.5, None, True, b"y", "x" * 300], {"a": ({"b": []},)}])
def test_plain_values_come_back_as_they_were(value: object) -> None:
    assert read_plain_pickle("p", plain_pickle(value)) == value


@pytest.mark.parametrize("data", [pytest.param(data, id=what) for what, data in LENGTHS.items()])
def test_what_says_that_it_holds_more_than_it_does_is_refused_before_it_is_read(data: bytes) -> None:
    with pytest.raises(UnreadableFileError, match="holds more than it does"):
        read_plain_pickle("p", data + b"abc")
