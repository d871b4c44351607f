"""A file is read by what it holds, whatever it is called; a file that cannot be read says why and where."""

import pytest

from app.data.reader import DataFormat, read_dataset, recognised
from app.domain.example import Example
from app.domain.training_errors import UnreadableDataError

JSON = '{"intents": [{"tag": "greeting", "patterns": ["hello"]}]}'


@pytest.fixture
def write(tmp_path):
    def write_bytes(content):
        path = tmp_path / "examples.dat"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write_bytes


def problems(path, *arguments, **options):
    with pytest.raises(UnreadableDataError) as caught:
        read_dataset(path, *arguments, **options)
    return list(caught.value.problems)


@pytest.mark.parametrize(
    ("text", "data_format"),
    [
        (JSON, DataFormat.INTENTS_JSON),
        (f"\n\n  {JSON}", DataFormat.INTENTS_JSON),
        ("text\tintent\nhello\tgreeting\n", DataFormat.TSV),
        ("\n\nhello, you\tgreeting\n", DataFormat.TSV),
        ("intent,text\ngreeting,hello\n", DataFormat.CSV),
        ("greeting,hello\nbill,can\ti pay\n", DataFormat.CSV),
        ("", DataFormat.CSV),
    ],
)
def test_the_format_is_recognised_by_the_content(text, data_format):
    assert recognised(text) is data_format


def test_a_list_at_the_top_is_recognised_as_json_and_refused_as_such(write):
    path = write('[{"tag": "greeting", "patterns": ["hello"]}]')

    assert problems(path) == [(1, "expected an object with a list `intents`")]


def test_a_file_whose_first_text_is_empty_is_still_of_its_format(write):
    assert problems(write("\tgreeting\nhello\tgreeting\n")) == [(1, "the text is empty")]


@pytest.mark.parametrize(
    ("content", "line"),
    [(JSON, 1), ("hello\tgreeting\n", 1), ("greeting,hello\n", 1), ("text,intent\nhello,greeting", 2)],
)
def test_a_file_of_any_format_is_read_whatever_its_name(write, content, line):
    assert read_dataset(write(content)).examples == (Example("hello", "greeting", line),)


def test_a_stated_format_is_believed(write):
    path = write("hello\tgreeting\n")

    assert read_dataset(path, DataFormat.TSV).examples == (Example("hello", "greeting", 1),)
    assert problems(path, DataFormat.INTENTS_JSON)[0][1].startswith("not JSON: ")
    assert problems(path, DataFormat.CSV)[0][1].startswith("1 value")


def test_a_stated_heading_reaches_the_format(write):
    path = write("text\tintent\nhello\tgreeting\n")

    assert len(read_dataset(path, header=False).examples) == 2
    assert len(read_dataset(path, header=True).examples) == 1


@pytest.mark.parametrize("content", [JSON, "text\tintent\nhello\tgreeting\n", "intent,text\ngreeting,hello\n"])
def test_a_byte_order_mark_is_no_part_of_the_text(write, content):
    assert read_dataset(write(b"\xef\xbb\xbf" + content.encode())) == read_dataset(write(content))


@pytest.mark.parametrize("content", ["text\tintent\nhello\tgreeting\n", "intent,text\ngreeting,hello\n"])
def test_either_line_end_gives_the_same_examples(write, content):
    assert read_dataset(write(content.replace("\n", "\r\n"))) == read_dataset(write(content))


@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf"], ids=["plain", "byte_order_mark"])
@pytest.mark.parametrize(
    ("content", "line", "byte"),
    [
        (b"caf\xe9\tplace\n", 1, "e9"),
        (b"hello\tgreeting\n\xff\tbill\n", 2, "ff"),
        (b"hello\tgreeting\r\nhi\tgreeting\r\ncut off \xe2\x82", 3, "e2"),
    ],
)
def test_a_byte_that_is_not_utf_8_is_named_with_its_line(write, content, line, byte, start):
    assert problems(write(start + content)) == [(line, f"not UTF-8: byte 0x{byte}")]


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(UnreadableDataError) as caught:
        read_dataset(tmp_path / "nowhere.tsv")

    assert str(caught.value) == f"{tmp_path / 'nowhere.tsv'}: cannot be read: No such file or directory"


def test_a_folder_is_no_file(tmp_path):
    assert problems(tmp_path) == [(None, "cannot be read: Is a directory")]


def test_every_problem_begins_with_the_file_as_it_was_given_and_the_line(write):
    path = write("hello\tgreeting\nhello\t\n\tbill\n")

    with pytest.raises(UnreadableDataError) as caught:
        read_dataset(path)

    assert str(caught.value) == f"{path}:2: the intent is empty\n{path}:3: the text is empty"


@pytest.mark.parametrize(("content", "n_examples"), [("", 0), ("\n\n", 0), ("intent,text\n", 0), ("a,b", 1)])
def test_an_empty_file_is_read_and_has_no_examples(write, content, n_examples):
    assert len(read_dataset(write(content)).examples) == n_examples


def test_the_dataset_says_where_it_came_from(write):
    path = write(JSON)

    assert read_dataset(path).source == str(path)
