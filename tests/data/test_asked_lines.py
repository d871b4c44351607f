"""Each line of a file is read by itself: whatever one holds, those beside it are read."""

import io
import json
import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Raw

from app.data.asked_lines import AskedLine, read_lines
from app.data.bounds import LINE_AT_MOST
from app.domain.batch_errors import InvalidLineError, LineTooLongError


def read(content: bytes) -> list[AskedLine]:
    return list(read_lines(io.BytesIO(content)))


def problem_of(line: bytes) -> str:
    """Read a line between two that are right."""
    before, found, after = read(b'"a"\n' + line + b'\n"b"')
    assert [(one.number, one.asked) for one in (before, after)] == [(1, "a"), (3, "b")]
    assert isinstance(found.asked, InvalidLineError)
    assert len(str(found.asked)) < 400
    return str(found.asked)


def test_texts_and_records_are_read_in_their_order() -> None:
    lines = read(b'"hello"\n{"text": "will it rain"}\n{"record": {"bio": "hi", "n": 1}}\n')

    assert [(one.number, one.asked) for one in lines] == [
        (1, "hello"), (2, "will it rain"), (3, {"bio": "hi", "n": 1}),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "written", ["7", "-1.5e3", "1e999", "9" * 400, "true", "null", '""', '"a b"', '"\\u00e4\\n"', '"ä"']
)
def test_an_id_is_given_back_as_it_was_written(written: str) -> None:
    [line] = read(f'{{"id": {written}, "text": "a"}}'.encode())

    assert isinstance(line.id, Raw)
    assert bytes(line.id).decode() == written


def test_a_byte_order_mark_and_line_feeds_of_windows_are_no_content() -> None:
    lines = read(b'\xef\xbb\xbf"a"\r\n"b"\r\n')

    assert [one.asked for one in lines] == ["a", "b"]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (b"", "empty"),
        (b" \t ", "empty"),
        (b"hello", "not JSON"),
        (b'"hello', "not JSON"),
        (b'{"text": "a"} {"text": "b"}', "not JSON"),
        (b"\0", "not JSON"),
        (b'{"text": "a\0"}', "not JSON"),
        (b'{"text": "\xff"}', "not UTF-8: byte 0xff"),
        (b'{"text": "a", "id": "\xff"}', "not UTF-8: byte 0xff"),
        (b'{"text": "\\ud800"}', "not JSON"),
        (b'{"text": "a", "id": "\\ud800"}', "not JSON"),
        (b"5", "a text, or an object"),
        (b"[]", "a text, or an object"),
        (b"null", "a text, or an object"),
        (b"{}", 'either "text" or "record"'),
        (b'{"text": "a", "record": {}}', 'either "text" or "record"'),
        (b'{"text": 5}', "$.text"),
        (b'{"record": []}', "$.record"),
        (b'{"txt": "a"}', "unknown field `txt`"),
        (b'{"%b": "a"}' % (b"x" * 5_000), "unknown field"),
        (b'{"text": "a", "id": {}}', "id: "),
        (b'{"text": "a", "id": [1]}', "id: "),
        (b'{"text": "a", "id": "%b"}' % (b"x" * 1_000), "id: "),
        (b"[" * 100_000, "a text, or an object"),
        (b'{"record":' + b'{"a":' * 100_000, "nested too deeply"),
        (b'{"text": "a", "id":' + b"[" * 100_000, "nested too deeply"),
    ],
    ids=range(26),
)  # fmt: skip
def test_a_line_that_is_wrong_is_told_and_costs_no_other(line: bytes, told: str) -> None:
    assert told in problem_of(line)


def test_a_line_that_is_too_long_is_passed_over_and_the_next_is_read() -> None:
    assert "1,048,576 bytes" in problem_of(b'"' + b"x" * LINE_AT_MOST + b'"')
    assert "1,048,576 bytes" in problem_of(b"x" * (LINE_AT_MOST + 1))
    [last] = read(b"x" * (LINE_AT_MOST + 1))
    assert isinstance(last.asked, LineTooLongError)


def test_a_line_of_the_most_bytes_is_read() -> None:
    first, second = read(b'"' + b"x" * (LINE_AT_MOST - 2) + b'"\n"b"')

    assert (len(str(first.asked)), second.asked) == (LINE_AT_MOST - 2, "b")


class _Endless(io.RawIOBase):
    """A line of 100 MB, then another."""

    def __init__(self) -> None:
        self._left: Iterator[bytes] = iter([*[b"x" * (1 << 20)] * 100, b'\n"b"'])
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._rest = self._rest or next(self._left, b"")
        n = min(len(buffer), len(self._rest))
        buffer[:n], self._rest = self._rest[:n], self._rest[n:]
        return n


def test_a_line_of_100_mb_takes_the_memory_of_a_few() -> None:
    tracemalloc.start()
    try:
        first, second = read_lines(io.BufferedReader(_Endless()))
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert isinstance(first.asked, LineTooLongError)
    assert second.asked == "b"
    assert most < 16 << 20


@settings(max_examples=50, deadline=None)
@given(st.lists(st.binary(max_size=40).filter(lambda line: b"\n" not in line), max_size=8))
def test_whatever_is_sent_has_a_line_for_each_line(lines: list[bytes]) -> None:
    found = read(b"".join(line + b"\n" for line in lines))

    assert [one.number for one in found] == list(range(1, len(lines) + 1))


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=50), st.none() | st.booleans() | st.integers() | st.text(max_size=50))
def test_what_json_can_say_is_understood(text: str, of_line: Any) -> None:
    written = json.dumps({"text": text, "id": of_line})

    [line] = read(written.encode())

    assert line.asked == text
    assert isinstance(line.id, Raw)
    assert json.loads(bytes(line.id)) == of_line
