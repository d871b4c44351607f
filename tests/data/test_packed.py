"""Bytes that were put into pieces come back as they were, however they were cut, and no piece is too large."""

import os

import pytest

from app.data.packed import PIECE, Packer, pack, unpack, unpacked_file

CONTENT = os.urandom(PIECE) + b"a" * (2 * PIECE) + b"the end"


@pytest.mark.parametrize("size", [1 << 10, PIECE - 1, PIECE, PIECE + 1, len(CONTENT)])
def test_what_was_put_in_comes_back(size: int) -> None:
    packer = Packer()

    pieces = [one for at in range(0, len(CONTENT), size) for one in packer.add(CONTENT[at : at + size])]
    pieces += packer.rest()

    assert unpacked_file(pieces).read() == CONTENT
    assert [len(unpack(one)) for one in pieces] == [PIECE, PIECE, PIECE, len(b"the end")]
    assert packer.rest() == []


def test_nothing_is_no_piece() -> None:
    assert Packer().rest() == []
    assert unpacked_file([]).read() == b""


def test_a_line_goes_over_from_a_piece_to_the_next() -> None:
    file = unpacked_file([pack(b"one\ntw"), pack(b"o\nthree")])

    assert [file.readline(10), file.readline(10), file.readline(10), file.readline(10)] == [
        b"one\n", b"two\n", b"three", b"",
    ]  # fmt: skip


def test_what_is_damaged_is_refused() -> None:
    with pytest.raises(ValueError, match="not gzip"):
        unpacked_file([pack(b"a"), b"other bytes"]).read()
