"""JSON Lines of records: recognised by what they begin with, each error with its line, and written as they are read."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.data.formats.jsonl_records import read
from app.data.reader import DataFormat, read_dataset_text, recognised
from app.data.snapshot import from_bytes, to_bytes
from app.data.writer import written
from app.domain.example import Dataset, Example, text_of
from app.domain.training_errors import UnreadableDataError

LINES = '{"record": {"bio": "hi", "n": 1}, "intent": "a"}\n\n{"intent": null, "record": {}}\n'


def test_examples_and_what_is_out_of_scope_are_read_with_their_lines():
    dataset = read_dataset_text(LINES, "x.jsonl")

    assert dataset.examples == (Example({"bio": "hi", "n": 1}, "a", 1),)
    assert dataset.out_of_scope == ("{}",)


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('{"record": [], "intent": "a"}', "object"),
        ('{"record": {}, "intent": " "}', "the intent is empty"),
        ('{"record": {}}', "intent"),
        ('{"record": {}, "intent": "a", "more": 1}', "more"),
        ('{"text": "x", "intent": "a"}', "text"),
        ("{", "not {'record'"),
        ("[" * 10_000, "not {'record'"),
    ],
)
def test_each_error_has_its_line(line, problem):
    with pytest.raises(UnreadableDataError) as refused:
        read_dataset_text(LINES + line, "x.jsonl")

    [(number, message)] = refused.value.problems
    assert number == 4
    assert problem in message


@pytest.mark.parametrize(
    ("text", "data_format"),
    [
        (LINES, DataFormat.JSONL),
        ('{"record"\n{"record": {}, "intent": "a"}', DataFormat.JSONL),
        ('{"text": "x", "intent": "a"}', DataFormat.JSONL),
        ('{"intents": []}', DataFormat.INTENTS_JSON),
    ],
)
def test_the_format_is_told_by_the_content(text, data_format):
    assert recognised(text) is data_format


RECORDS = st.dictionaries(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=5),
    st.none() | st.integers(-(2**53), 2**53) | st.text(st.characters(exclude_categories=["Cs"]), max_size=5),
    max_size=3,
)


@settings(max_examples=50, deadline=None, database=None)
@given(st.lists(RECORDS, min_size=1, max_size=5))
def test_what_is_written_is_read_back_also_by_way_of_a_draft_or_a_snapshot(records):
    dataset = Dataset(tuple([Example(record, "a") for record in records]))
    as_texts = from_bytes(to_bytes(dataset))

    for one in (dataset, as_texts):
        again = read_dataset_text(written(one, "jsonl").decode(), "x.jsonl")
        assert [text_of(example.input) for example in again.examples] == [text_of(record) for record in records]
        assert all(isinstance(example.input, dict) for example in again.examples)


@settings(max_examples=50, deadline=None, database=None)
@given(st.text(max_size=40))
def test_no_text_makes_the_reader_fail_otherwise_than_it_says(text):
    for content in (text, LINES + text, '{"record": ' + text):
        try:
            read(content, "x")
        except UnreadableDataError as error:
            assert error.problems  # noqa: PT017
