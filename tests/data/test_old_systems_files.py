"""Files as the old systems wrote them are read as they stand: told by their content, each wrong place with its line."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.data.lint import check_training
from app.data.reader import DataFormat, read_dataset_text
from app.data.texts import read_texts
from app.data.writer import WRITTEN
from app.domain.example import Dataset, Example, Reply
from app.domain.training_errors import UnreadableDataError
from app.text.analyzer import TextConfig

INTENTS = """{"intents": [
 {"tag": "order", "patterns": ["one tea please"], "responses": ["Milk?"], "context_set": "ordering"},
 {"tag": "milk", "patterns": ["with milk"], "responses": ["Done."], "context_filter": "ordering"},
 {"tag": "leave", "patterns": ["that is all"], "context_set": "leaving"}
]}"""


def pairs(text: str) -> list[tuple[object, str]]:
    return [(example.input, example.intent) for example in read_dataset_text(text, "f").examples]


def problems(text: str) -> list[tuple[int | None, str]]:
    with pytest.raises(UnreadableDataError) as caught:
        read_dataset_text(text, "f")
    return list(caught.value.problems)


@pytest.mark.parametrize(
    "text",
    [
        "order,one tea please\nbill,the bill\n",
        "intent,text\norder,one tea please\nbill,the bill\n",
        "Content,Result\none tea please,order\nthe bill,bill\n",
        "id,Result,when,Content\n1,order,now,one tea please\n2,bill,,the bill\n",
        "one tea please\torder\nthe bill\tbill\n",
        "Result\tid\tContent\norder\t1\tone tea please\nbill\t2\tthe bill\n",
    ],
    ids=["no heading", "heading", "Content,Result", "four columns", "tsv", "three columns of tsv"],
)
def test_rows_of_the_old_systems_are_read(text):
    assert pairs(text) == [("one tea please", "order"), ("the bill", "bill")]


def test_a_combined_label_is_an_intent_of_its_own():
    text = "what flies to oslo and for how much\tflight+airfare\nhow much is it\tairfare\n"

    assert read_dataset_text(text, "f").intents() == ["airfare", "flight+airfare"]


@pytest.mark.parametrize(
    "text",
    [
        "who won the match\t<unknown>\nsing\t<unknown>\n",
        "who won the match    <unknown>\nsing    <unknown>\n",
        "intent,text\n<unknown>,who won the match\n<unknown>,sing\n",
    ],
    ids=["tab", "four blanks", "csv"],
)
def test_texts_whose_label_is_unknown_are_out_of_scope(text):
    dataset = read_dataset_text(text, "f")

    assert (dataset.examples, dataset.out_of_scope) == ((), ("who won the match", "sing"))


@pytest.mark.parametrize("end", ["\t<unknown>", "    <unknown>", "      <unknown> ", ""])
def test_a_file_of_texts_out_of_scope_may_say_so_behind_each(tmp_path, end):
    (tmp_path / "ood.tsv").write_text(f"who won    the match{end}\nsing{end}\n")

    assert read_texts(tmp_path / "ood.tsv") == ("who won    the match", "sing")


def test_two_columns_that_could_each_be_the_intent_are_named():
    assert problems("text,label,category\nhello,greet,x\n") == [
        (1, "'label' and 'category' could each be the intent; rename or leave out all but one")
    ]


def test_a_row_that_is_shorter_than_its_heading_is_named_with_its_line():
    assert problems("id,text,intent\n1,hello,greet\n2,hello\n") == [
        (3, "2 values where the heading has 3; a text that holds a comma needs quotes")
    ]


def test_contexts_are_kept_also_of_intents_that_say_nothing():
    assert read_dataset_text(INTENTS, "f").replies == {
        "order": Reply(("Milk?",), "ordering"),
        "milk": Reply(("Done.",), "", "ordering"),
        "leave": Reply((), "leaving"),
    }


def test_what_was_left_out_of_a_file_is_told_among_the_warnings():
    dataset = Dataset((Example("a b", "x"), Example("c d", "y")), source="f", notes=("3 entities left out",))

    assert "f: 3 entities left out" in map(str, check_training(dataset, TextConfig()))


_ANY = st.text(st.characters() | st.sampled_from('\t\n\r",{}[]:<>+ \\'), max_size=80)
_STARTS = (
    '{"intents": [',
    '{"rasa_nlu_data": {"common_examples": [',
    '{"text": "a", "intent": ',
    "text\tintent\n",
    "Content,Result\n",
    "",
)
_PIECES = st.sampled_from(
    [
        *('{"tag": "a", "patterns": ["b"]}', '{"text": "a", "intent": "b"}', '"responses": 3', "null", "1e999"),
        *(",", "]", "}", "[", '"', "a\tb\n", "    <unknown>\n"),
    ]
)


@settings(database=None, deadline=None, max_examples=150)
@given(st.sampled_from(_STARTS), st.lists(_PIECES | _ANY, max_size=8), st.sampled_from(list(DataFormat)))
def test_whatever_a_file_holds_it_is_read_or_refused_with_a_sentence(start, pieces, data_format):
    text = start + "".join(pieces)
    with suppress(UnreadableDataError):
        dataset = read_dataset_text(text, "f", data_format)
        assert all(example.intent.strip() for example in dataset.examples)


@pytest.mark.long
def test_100_000_examples_are_read_within_10_seconds_of_the_processor_and_500_mb(python):
    measured = python("-m", "benchmarks.readers")

    assert measured.returncode == 0, measured.stderr
    lines = [line.split() for line in measured.stdout.splitlines()]
    assert {line[0] for line in lines} == set(WRITTEN)
    for _, count, _, seconds, _, megabytes, _ in lines:
        assert int(count) == 100_000
        assert float(seconds) < 10
        assert int(megabytes) < 500
