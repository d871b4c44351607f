"""Marks of entities are read from Rasa NLU's JSON and JSON Lines, told where they are wrong, and written again."""

import json

import pytest

from app.data.formats import jsonl_rows, rasa_json
from app.data.writer import written
from app.domain.entity import Annotation
from app.domain.example import Dataset, Example
from app.domain.training_errors import UnreadableDataError
from app.planning.check import jsonl

ROME = Annotation("city", 3, 7, "rome")


def line(text: str, *entities: dict[str, object], **more: object) -> str:
    return json.dumps({"text": text, "intent": "fly", "entities": list(entities), **more})


def rasa(*examples: object) -> str:
    return json.dumps({"rasa_nlu_data": {"common_examples": examples}})


def test_marks_are_kept_in_the_place_they_have_without_the_blanks_around_the_text() -> None:
    mark = {"entity": "city", "start": 5, "end": 9, "value": "rome"}
    [example] = jsonl_rows.read(line("  to rome ", mark), "x").examples
    [of_rasa] = rasa_json.read(rasa({"text": "  to rome ", "intent": "fly", "entities": [mark]}), "x").examples

    assert (example.input, example.entities) == ("to rome", (ROME,))
    assert of_rasa.entities == (ROME,)


def test_nothing_marked_and_nobody_looked_are_told_apart() -> None:
    looked = jsonl_rows.read(line("hi"), "x").examples[0]
    nobody = jsonl_rows.read('{"text": "hi", "intent": "fly"}', "x").examples[0]

    assert (looked.entities, nobody.entities) == ((), None)


def test_a_rasa_file_without_any_mark_was_looked_at_by_nobody() -> None:
    empty = {"text": "hi", "intent": "greet", "entities": []}
    mark = {"text": "to rome", "intent": "fly", "entities": [{"entity": "city", "start": 3, "end": 7}]}

    assert [one.entities for one in rasa_json.read(rasa(empty, empty), "x").examples] == [None, None]
    assert [one.entities for one in rasa_json.read(rasa(empty, mark), "x").examples] == [
        (),
        (Annotation("city", 3, 7),),
    ]


def test_what_the_server_answers_can_be_sent_back_as_marks() -> None:
    found = {"entity": "city", "value": "rome", "text": "rome", "start": 3, "end": 7}

    assert jsonl_rows.read(line("to rome", found), "x").examples[0].entities == (ROME,)


@pytest.mark.parametrize(
    ("mark", "told"),
    [
        ({"entity": "city", "start": 3, "end": 8}, "entities[0]: the text has no characters 3 to 8"),
        ({"entity": "city", "start": 3, "end": 3}, "entities[0]: the text has no characters 3 to 3"),
        ({"entity": "city", "start": -1, "end": 3}, "entities[0]: the text has no characters -1 to 3"),
        ({"entity": " ", "start": 3, "end": 7}, "entities[0]: the name is empty"),
        ({"entity": "city", "start": 3, "end": 7, "text": "Oslo"}, "entities[0]: 'rome' stands there, not 'Oslo'"),
        ({"entity": "city", "start": 3, "end": 7, "value": 1e300}, "entities[0]: half a character, or a number"),
        ({"entity": "city", "start": "3", "end": 7}, "Expected `int`"),
        ({"start": 3, "end": 7}, "missing required field `entity`"),
    ],
)  # fmt: skip
def test_wrong_marks_are_told_with_their_line_and_of_rasa_left_out_and_counted(mark, told: str) -> None:
    with pytest.raises(UnreadableDataError) as caught:
        jsonl_rows.read("\n" + line("to rome", mark), "x")
    [(number, problem)] = caught.value.problems
    dataset = rasa_json.read(rasa({"text": "to rome", "intent": "fly", "entities": [mark]}), "x")

    assert (number, told in problem) == (2, True), problem
    assert dataset.examples[0].entities is None
    assert dataset.notes[-1].startswith("1 entities left out: each is to be")


@pytest.mark.parametrize(
    "odd", ['"entity": "\\ud800"', '"entity": "x", "value": NaN', '"entity": "x", "value": "\\udc00"']
)
def test_what_no_file_can_hold_is_no_mark(odd: str) -> None:
    content = rasa({"text": "to rome", "intent": "fly", "entities": ["MARK"]}).replace('"MARK"', "{%s, %s}")
    dataset = rasa_json.read(content % (odd, '"start": 3, "end": 7'), "x")

    assert (dataset.examples[0].entities, len(dataset.notes)) == (None, 1)
    assert jsonl(dataset.examples)


@pytest.mark.parametrize("data_format", ["jsonl", "rasa-json"])
def test_what_is_marked_is_written_and_read_again(data_format: str) -> None:
    dataset = Dataset(
        (Example("to rome", "fly", entities=(ROME, Annotation("x", 0, 2))), Example("hi", "hi", entities=()))
    )
    read = jsonl_rows.read if data_format == "jsonl" else rasa_json.read
    again = read(written(dataset, data_format).decode(), "x").examples

    assert [set(one.entities or ()) for one in again] == [set(one.entities or ()) for one in dataset.examples]
    assert all(one.entities is not None for one in again)


def test_a_version_keeps_marks_and_writes_what_has_none_as_before() -> None:
    kept = jsonl((Example("to rome", "fly", entities=(ROME,)), Example("hi", "hi"))).decode()

    assert kept.splitlines()[1] == '{"text": "hi", "intent": "hi"}'
    assert jsonl_rows.read(kept, "x").examples[0].entities == (ROME,)
