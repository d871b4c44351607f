"""Texts without an intent are read one a line; a file of anything else is refused with where and why."""

from pathlib import Path

import pytest

from app.data.texts import read_texts
from app.domain.training_errors import UnreadableDataError


def read(tmp_path: Path, content: str | bytes) -> tuple[str, ...]:
    path = tmp_path / "texts"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_texts(path)


def refusal(tmp_path: Path, content: str | bytes) -> str:
    with pytest.raises(UnreadableDataError) as caught:
        read(tmp_path, content)
    return str(caught.value).replace(str(tmp_path / "texts"), "texts")


@pytest.mark.parametrize(
    ("content", "texts"),
    [
        pytest.param("sing a song\ntell a joke\n", ("sing a song", "tell a joke"), id="a line each"),
        pytest.param("sing a song\ntell a joke", ("sing a song", "tell a joke"), id="no line break at the end"),
        pytest.param("sing a song\r\ntell a joke\r\n", ("sing a song", "tell a joke"), id="line breaks of Windows"),
        pytest.param("\n  sing \n\n\t\ntell\n\n", ("sing", "tell"), id="blanks around and between"),
        pytest.param("sing, or not\n\"tell\" 'me'\n", ("sing, or not", "\"tell\" 'me'"), id="commas and quotes"),
        pytest.param("\ufeffsing\n", ("sing",), id="a byte order mark"),
        pytest.param("歌って\nغن\n", ("歌って", "غن"), id="any script"),
        pytest.param("a\u2028b\x0bc\n", ("a\u2028b\x0bc",), id="only line feeds end a line"),
        pytest.param("sing\nsing\n", ("sing", "sing"), id="a text twice"),
    ],
)
def test_a_line_is_a_text(tmp_path, content, texts):
    assert read(tmp_path, content) == texts


@pytest.mark.parametrize("heading", ["text", "Text", "UTTERANCE", "  query  ", "\ufefftext"])
def test_a_first_line_that_names_the_column_is_a_heading(tmp_path, heading):
    assert read(tmp_path, f"{heading}\nsing\n") == ("sing",)


@pytest.mark.parametrize("content", ["text me later\nsing\n", "sing\ntext\n"])
def test_no_other_line_is_taken_for_a_heading(tmp_path, content):
    assert read(tmp_path, content) == tuple(content.split("\n")[:2])


def test_rows_of_text_and_intent_are_refused_with_every_line(tmp_path):
    found = refusal(tmp_path, "sing\nhello\tgreeting\n\nrain\tweather\n")

    assert found.count("a tab: a line is one text, without an intent") == 2
    assert "texts:2: a tab" in found
    assert "texts:4: a tab" in found


@pytest.mark.parametrize("content", ["", "\n\n", " \t \n", "\ufeff", "text\n"])
def test_a_file_without_a_text_is_refused(tmp_path, content):
    assert refusal(tmp_path, content) == "texts: no text"


def test_a_file_that_is_not_utf_8_is_refused_with_line_and_byte(tmp_path):
    assert refusal(tmp_path, b"sing\n\xff\n") == "texts:2: not UTF-8: byte 0xff"


def test_a_file_that_is_not_there_is_refused_by_name(tmp_path):
    with pytest.raises(UnreadableDataError, match=r"nowhere: cannot be read: No such file or directory$"):
        read_texts(tmp_path / "nowhere")
