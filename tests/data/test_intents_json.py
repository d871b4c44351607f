"""Files of the chatbot tutorials give examples and replies, and every wrong place is named with its line."""

import json

import pytest

from app.data.formats import intents_json
from app.domain.example import Example, Reply
from app.domain.training_errors import UnreadableDataError

WHOLE = """{
  "intents": [
    {
      "tag": "greeting",
      "patterns": ["hello",
                   "hi there"],
      "responses": ["Hello!", "Hi."],
      "context_set": "met"
    },
    {"patterns": [" pay \\u0022now\\u0022 "], "tag": " bill "}
  ]
}
"""


def read(text):
    return intents_json.read(text, "desk.json")


def problems(text):
    with pytest.raises(UnreadableDataError) as caught:
        read(text)
    return list(caught.value.problems)


def with_intent(item):
    """Put one intent, as it stands, on the third line of a file."""
    return f'{{\n"intents": [\n{item}\n]}}\n'


def test_patterns_are_examples_of_their_tag_each_with_its_own_line():
    assert read(WHOLE).examples == (
        Example("hello", "greeting", 5),
        Example("hi there", "greeting", 6),
        Example('pay "now"', "bill", 10),
    )


def test_examples_and_replies_hold_plain_texts_only():
    # a text that knew its line would be refused where models are stored
    dataset = read(WHOLE)

    texts = [text for reply in dataset.replies.values() for text in (*reply.texts, reply.context_set)]
    texts += [text for example in dataset.examples for text in (str(example.input), example.intent)]
    assert {type(text) for text in texts} == {str}
    assert {type(example.input) for example in dataset.examples} == {str}


def test_responses_are_replies_of_intents_that_have_some():
    assert read(WHOLE).replies == {"greeting": Reply(("Hello!", "Hi."), "met")}


def test_empty_responses_are_no_replies():
    assert read(with_intent('{"tag": "a", "patterns": ["x"], "responses": ["", " "]}')).replies == {}


@pytest.mark.parametrize("more", ['"context": [""]', '"context_filter": "met"', '"context_set": null'])
def test_other_keys_of_the_tutorials_are_accepted(more):
    assert read(with_intent(f'{{"tag": "a", "patterns": ["x"], {more}}}')).examples == (Example("x", "a", 3),)


def test_an_intent_may_have_no_pattern_yet():
    assert read(with_intent('{"tag": "a", "patterns": []}')).examples == ()


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("", 1, 1),
        ('{"intents": [\n  {"tag": "a",, "patterns": []}\n]}', 2, 15),
        ('{"intents": [\n  {"tag": "a\n', 2, 13),
        ('{\n"intents": []\n}\n}', 4, 1),
        ('{"intents": [],\n "x": \'\'}', 2, 7),
    ],
    ids=["empty", "comma", "unclosed", "more", "quotes"],
)
def test_a_syntax_error_is_named_with_its_line_and_column(text, line, column):
    ((found, problem),) = problems(text)

    assert found == line
    assert problem.startswith("not JSON: ")
    # many such files are one line
    assert f"column {column}" in problem


@pytest.mark.parametrize(
    "text", ["[]", '"x"', "3", "null", "{}", '{"intents": {}}', '{"intents": "x"}', '[{"tag": "a"}]']
)
def test_anything_but_an_object_with_a_list_of_intents_is_refused(text):
    assert problems(text) == [(1, "expected an object with a list `intents`")]


@pytest.mark.parametrize(
    "text", ["[" * 100_000, '{"a":' * 100_000, "[" * 100_000 + "]" * 100_000], ids=["[", "{", "[]"]
)
def test_deep_nesting_is_refused(text):
    assert problems(text) == [(None, "not an intents file: nested too deeply")]


@pytest.mark.parametrize("depth", [50, 100, 200, 300, 400, 800])
def test_nesting_of_any_depth_is_refused_where_a_text_should_be(depth):
    assert problems(with_intent('{"tag": "a", "patterns": ' + "[" * depth + "1" + "]" * depth + "}"))


def test_an_empty_pattern_is_named_with_its_own_line():
    assert problems('{"intents": [{"tag": "a", "patterns": ["x",\n"",\n"y",\n"  "]}]}') == [
        (2, "intent 'a': the text is empty"),
        (4, "intent 'a': the text is empty"),
    ]


@pytest.mark.parametrize(
    ("item", "line", "problem"),
    [
        ('{\n"patterns": ["x"]}', 4, "`tag` is missing or empty: the intent has no name"),
        ('{\n"tag": " ", "patterns": ["x"]}', 4, "`tag` is missing or empty: the intent has no name"),
        ('{\n"tag": 3, "patterns": ["x"]}', 4, "`tag` is missing or empty: the intent has no name"),
        ('{"tag": "a", "patterns": "x"}', 3, "`patterns` is not a list of texts"),
        ('{"tag": "a", "patterns": ["x", 3]}', 3, "`patterns` is not a list of texts"),
        ('{"tag": "a", "patterns": ["x"], "responses": "y"}', 3, "`responses` is not a list of texts"),
        ('{"tag": "a", "patterns": ["x"], "response": ["y"]}', 3, "unknown key 'response'"),
        ('"a"', 3, "expected an object"),
    ],
)
def test_a_wrong_intent_is_named_with_its_number_and_line(item, line, problem):
    assert problems(with_intent(item)) == [(line, f"intent 1: {problem}")]


def test_an_intent_without_patterns_is_named_with_its_line():
    ((line, problem),) = problems(with_intent('{"tag": "a", "responses": ["y"]}'))

    assert line == 3
    assert "`patterns`" in problem


def test_a_context_that_is_not_a_text_is_named_with_its_line():
    ((line, problem),) = problems(
        with_intent('{"tag": "a", "patterns": ["x"], "responses": ["y"], "context_set": ["z"]}')
    )

    assert line == 3
    assert "`context_set`" in problem


@pytest.mark.parametrize("key", ["patterns", "responses"])
def test_half_a_character_is_named_with_its_line(key):
    # programs that cut texts at a number of UTF-16 units write such halves; no file of a model can hold one
    item = json.dumps({"tag": "a", "patterns": ["x"]} | {key: ["hi \ud83d"]})

    assert [line for line, _ in problems(with_intent(item))] == [3]


def test_a_number_too_long_to_read_is_refused():
    assert problems('{"intents": [], "version": ' + "1" * 5_000 + "}")


def test_all_problems_are_named_at_once_in_order_of_lines():
    items = [
        '{"tag": "a", "patterns": [""]}',
        '{"patterns": ["x"]}',
        '{"tag": "b", "patterns": ["y"], "text": ""}',
        "[]",
    ]

    found = problems(with_intent(",\n".join(items)))

    assert [line for line, _ in found] == [3, 4, 5, None]
