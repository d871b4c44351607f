"""JSON Lines: an example a line, texts that no intent is meant for among them, and every wrong line told."""

import json

import pytest

from app.data.reader import DataFormat, read_dataset, recognised
from app.domain.example import Dataset, Example
from app.domain.training_errors import UnreadableDataError
from app.planning.check import jsonl

GOOD = '{"text": "hello", "intent": "greeting"}\n{"text": "sing a song", "intent": null}\n'


@pytest.fixture
def read(tmp_path):
    def read_content(content):
        (tmp_path / "examples").write_text(content)
        return read_dataset(tmp_path / "examples")

    return read_content


def problems(read, content):
    with pytest.raises(UnreadableDataError) as caught:
        read(content)
    return list(caught.value.problems)


def test_examples_and_texts_out_of_scope_are_told_apart(read):
    dataset = read(GOOD)

    assert dataset.examples == (Example("hello", "greeting", 1),)
    assert dataset.out_of_scope == ("sing a song",)


def test_what_a_version_keeps_is_read(read):
    dataset = Dataset((Example('say "hi"\n', "a, b"), Example("ü\u2028x", "c")), out_of_scope=("none", "of these"))
    again = read(jsonl(dataset.examples, dataset.out_of_scope).decode())

    assert [(e.input, e.intent) for e in again.examples] == [('say "hi"', "a, b"), ("ü\u2028x", "c")]
    assert again.out_of_scope == dataset.out_of_scope


@pytest.mark.parametrize(
    ("content", "data_format"),
    [
        (GOOD, DataFormat.JSONL),
        (f"\n\n{GOOD}", DataFormat.JSONL),
        ('{"intent": null, "text": "x"}', DataFormat.JSONL),
        ('{"txt": "x"}\n{"text": "y", "intent": "z"}', DataFormat.JSONL),
        ('{"text": "x", \n{"text": "y", "intent": "z"}', DataFormat.JSONL),
        ('{"intents": []}', DataFormat.INTENTS_JSON),
        ('{"intents": [\n{"tag": "a"}]}', DataFormat.INTENTS_JSON),
        ("{\n", DataFormat.INTENTS_JSON),
        ("{}", DataFormat.INTENTS_JSON),
        ("[{}]", DataFormat.INTENTS_JSON),
    ],
)
def test_it_is_recognised_by_its_first_lines(content, data_format):
    assert recognised(content) is data_format


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('{"text": "x"}', "missing required field `intent`"),
        ('{"text": "x", "intent": 7}', "Expected `str | null`, got `int`"),
        ('{"text": ["x"], "intent": "a"}', "Expected `str`, got `array`"),
        ('{"text": "x", "intent": "a", "tag": "b"}', "unknown field `tag`"),
        ('{"text": "x", "intent": "a"', "not {'text': …, 'intent': …}: "),
        ('{"text": "\\ud800", "intent": "a"}', "not {'text': …, 'intent': …}: "),
        ('{"text": " ", "intent": "a"}', "the text is empty"),
        ('{"text": "x", "intent": " "}', "the intent is empty; null is for texts out of scope"),
        ("hello\tgreeting", "not {'text': …, 'intent': …}: "),
        ("[" * 5_000, "not {'text': …, 'intent': …}: "),
    ],
)
def test_a_wrong_line_is_told_with_its_number(read, line, problem):
    ((number, told),) = problems(read, f"{GOOD}\n{line}\n")

    assert number == 4
    assert problem in told


def test_every_wrong_line_is_told(read):
    content = GOOD + "".join(json.dumps({"text": text, "intent": "a"}) + "\n" for text in ("x", "", "y", ""))

    assert [number for number, _ in problems(read, content)] == [4, 6]
