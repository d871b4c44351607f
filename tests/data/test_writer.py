"""What is written in a format is read back as the same examples, whatever stands in them."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.data.formats import csv_rows, intents_json, rasa_json, tsv_rows
from app.data.reader import DataFormat, recognised
from app.data.writer import WRITTEN, written
from app.domain.draft_errors import UnwritableDataError
from app.domain.example import Dataset, Example, Reply

_CHARACTERS = st.characters(codec="utf-8") | st.sampled_from("\t\r\n\"',;=+-@\\{[\u2028\u0085\x1c\ufeff\0 ＝")
_TEXTS = st.text(_CHARACTERS, min_size=1, max_size=12).map(str.strip).filter(bool)
_EXAMPLES = st.lists(st.builds(Example, _TEXTS, _TEXTS), max_size=8).map(tuple)
_OF_ONE_LINE = st.lists(
    st.builds(Example, *[_TEXTS.map(lambda text: text.replace("\t", "x").replace("\n", "x"))] * 2), max_size=8
).map(tuple)
_REPLIES = st.dictionaries(
    _TEXTS,
    st.builds(Reply, st.lists(_TEXTS, min_size=1, max_size=3).map(tuple), _TEXTS | st.just(""), _TEXTS | st.just("")),
)


def _pairs(dataset: Dataset) -> list[tuple[object, str]]:
    return [(example.input, example.intent) for example in dataset.examples]


def _text(data: bytes) -> str:
    return data.decode().removeprefix("\ufeff")


@given(_EXAMPLES)
def test_csv_reads_back_as_it_was_written(examples: tuple[Example, ...]) -> None:
    text = _text(written(Dataset(examples), "csv"))

    assert recognised(text) is DataFormat.CSV
    assert _pairs(csv_rows.read(text, "f", header=None)) == _pairs(Dataset(examples))


@given(_OF_ONE_LINE)
def test_tsv_reads_back_as_it_was_written(examples: tuple[Example, ...]) -> None:
    text = _text(written(Dataset(examples), "tsv"))

    assert recognised(text) is DataFormat.TSV
    assert _pairs(tsv_rows.read(text, "f", header=None)) == _pairs(Dataset(examples))


@given(_EXAMPLES, _REPLIES)
def test_intents_json_reads_back_as_it_was_written_with_the_replies(
    examples: tuple[Example, ...], replies: dict[str, Reply]
) -> None:
    text = _text(written(Dataset(examples, replies), "intents-json"))

    assert recognised(text) is DataFormat.INTENTS_JSON
    read = intents_json.read(text, "f")
    assert sorted(_pairs(read)) == sorted(_pairs(Dataset(examples)))
    assert read.replies == replies
    for intent in read.intents():
        assert [one.input for one in read.examples if one.intent == intent] == [
            one.input for one in examples if one.intent == intent
        ]


@given(_EXAMPLES)
def test_rasa_json_reads_back_as_it_was_written(examples: tuple[Example, ...]) -> None:
    text = _text(written(Dataset(examples), "rasa-json"))

    assert recognised(text) is DataFormat.RASA_JSON
    assert _pairs(rasa_json.read(text, "f")) == _pairs(Dataset(examples))


@pytest.mark.parametrize("data_format", ["csv", "tsv"])
def test_an_intent_that_rows_would_take_for_out_of_scope_is_not_written_there(data_format: str) -> None:
    with pytest.raises(UnwritableDataError, match="an intent is named '<unknown>'"):
        written(Dataset((Example("a", "<unknown>"),)), data_format)


@given(_EXAMPLES, st.lists(_TEXTS, max_size=4).map(tuple))
def test_jsonl_says_everything_a_line_each(examples: tuple[Example, ...], out_of_scope: tuple[str, ...]) -> None:
    text = _text(written(Dataset(examples, out_of_scope=out_of_scope), "jsonl"))

    lines = [json.loads(line) for line in text.split("\n")[:-1]]
    assert [(line["text"], line["intent"]) for line in lines] == [
        *_pairs(Dataset(examples)), *((one, None) for one in out_of_scope),
    ]  # fmt: skip


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "＝", "＋", "－", "＠"])
def test_a_cell_of_csv_is_no_formula_of_a_spreadsheet(start: str) -> None:
    rows = written(Dataset((Example(f"{start}1+1", f"{start}x"),)), "csv").decode().splitlines()[1].split(",")

    assert [cell[0] for cell in rows] == ["\u00a0", "\u00a0"]


@pytest.mark.parametrize(("text", "intent"), [("a\tb", "x"), ("a\nb", "x"), ("a", "x\ty"), ("a\r\nb", "x")])
def test_what_tsv_cannot_say_is_refused_with_the_place(text: str, intent: str) -> None:
    with pytest.raises(UnwritableDataError, match="example 2 holds a tab or a line break"):
        written(Dataset((Example("a", "x"), Example(text, intent))), "tsv")


@pytest.mark.parametrize("data_format", ["csv", "tsv", "intents-json"])
def test_what_is_out_of_scope_is_never_left_out_in_silence(data_format: str) -> None:
    with pytest.raises(UnwritableDataError, match="2 of them are out of scope, which only jsonl can say"):
        written(Dataset((Example("a", "x"),), out_of_scope=("b", "c")), data_format)


@pytest.mark.parametrize("example", [Example("", "x"), Example(" a", "x"), Example("a", "x\n"), Example("a", "")])
@pytest.mark.parametrize("data_format", WRITTEN)
def test_what_readers_would_trim_or_refuse_is_not_written(example: Example, data_format: str) -> None:
    with pytest.raises(UnwritableDataError, match="is empty, or begins or ends with blanks"):
        written(Dataset((example,)), data_format)


def test_a_format_that_nobody_knows_is_refused() -> None:
    with pytest.raises(UnwritableDataError, match="known formats are csv, tsv, intents-json, rasa-json, jsonl"):
        written(Dataset(()), "xml")


@pytest.mark.parametrize("data_format", [name for name in DataFormat if name is not DataFormat.AUTO])
def test_every_format_that_is_read_can_be_written(data_format: DataFormat, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(written(Dataset((Example("hello", "greeting"),)), data_format.value))

    assert (tmp_path / "file").stat().st_size
