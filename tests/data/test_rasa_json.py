"""Files of Rasa NLU give examples; what is not about intents is left out and counted, and wrong places are named."""

import json

import pytest

from app.data.formats import rasa_json
from app.data.reader import DataFormat, read_dataset_text, recognised
from app.domain.entity import Annotation
from app.domain.example import Example
from app.domain.training_errors import UnreadableDataError

WHOLE = """{
  "rasa_nlu_data": {
    "common_examples": [
      {"text": "a window seat please", "intent": "seat",
       "entities": [{"start": 2, "end": 8, "value": "window", "entity": "place"}]},
      {
        "intent": " meal ",
        "text": " anything without nuts? "
      }
    ],
    "entity_synonyms": [{"value": "window", "synonyms": ["by the glass"]}],
    "regex_features": []
  }
}
"""


def problems(text):
    with pytest.raises(UnreadableDataError) as caught:
        rasa_json.read(text, "desk.json")
    return list(caught.value.problems)


def with_example(item):
    return f'{{"rasa_nlu_data": {{"common_examples": [\n{{"text": "hello", "intent": "greet"}},\n{item}\n]}}}}'


def test_common_examples_are_examples_each_with_the_line_of_its_text():
    assert rasa_json.read(WHOLE, "desk.json").examples == (
        Example("a window seat please", "seat", 4, (Annotation("place", 2, 8, "window"),)),
        Example("anything without nuts?", "meal", 8),
    )


def test_what_is_not_about_intents_is_left_out_and_counted():
    assert rasa_json.read(WHOLE, "desk.json").notes == ("1 synonyms left out: intents are learned, nothing else",)


@pytest.mark.parametrize("start", ["", '{"language": "en", "version": 2, "kept": null, '])
def test_the_format_is_recognised_by_its_first_key_that_is_no_plain_value(start):
    text = start + WHOLE.removeprefix("{") if start else WHOLE

    assert recognised(text) is DataFormat.RASA_JSON
    assert len(read_dataset_text(text, "desk.json").examples) == 2


@pytest.mark.parametrize(
    ("item", "problem"),
    [
        ('{"text": "", "intent": "greet"}', "the text is empty"),
        ('{"text": "hi", "intent": " "}', "the intent is empty"),
        ('{"text": "hi"}', "`intent` is missing or not a text"),
        ('{"intent": "greet"}', "`text` is missing or not a text"),
        ('{"text": 3, "intent": "greet"}', "`text` is missing or not a text"),
        ('{"text": "hi", "intent": "greet", "entities": 3}', "`entities` is not a list"),
        (json.dumps({"text": "hi \ud83d", "intent": "greet"}), "`text` holds half a character (a lone surrogate)"),
        ('["hi"]', "expected an object"),
    ],
)
def test_a_wrong_example_is_named_with_its_number_and_line(item, problem):
    assert problems(with_example(item)) == [(3, f"example 2: {problem}")]


@pytest.mark.parametrize("data", ["3", "{}", '{"common_examples": {}}'])
def test_anything_but_a_list_of_examples_is_refused(data):
    assert problems(f'{{"rasa_nlu_data": {data}}}') == [
        (1, "expected an object `rasa_nlu_data` with a list `common_examples`")
    ]


def test_a_syntax_error_is_named_with_its_line():
    ((line, problem),) = problems('{"rasa_nlu_data": {\n"common_examples": [,]}}')

    assert line == 2
    assert problem.startswith("not JSON: ")
