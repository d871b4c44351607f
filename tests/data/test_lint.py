"""Data from which nothing can be learned are refused; what a person should look at is told with its line."""

from dataclasses import replace

import pytest

from app.data.lint import DataWarning, check_test, check_training
from app.domain.example import Dataset, Example
from app.domain.training_errors import UnreadableDataError, UnusableDatasetError
from app.text.analyzer import TextConfig


def dataset(*rows, source="train.tsv"):
    """Number rows of text and intent as lines of a file."""
    return Dataset(tuple(Example(text, intent, line) for line, (text, intent) in enumerate(rows, 1)), source=source)


def warned(*rows):
    return [str(warning) for warning in check_training(dataset(*rows), TextConfig())]


def warned_of_test(test_rows, training_rows):
    training = dataset(*training_rows)
    return [str(warning) for warning in check_test(dataset(*test_rows, source="test.tsv"), training)]


GOOD = (("hello", "greeting"), ("Good morning", "greeting"), ("can i pay", "bill"), ("the bill please", "bill"))


def test_good_data_give_no_warning():
    assert warned(*GOOD) == []


@pytest.mark.parametrize(
    ("rows", "found"),
    [((), "no example"), ((("hello", "greeting"), ("hi", "greeting")), "only the intent 'greeting'")],
)
def test_fewer_than_two_intents_are_refused(rows, found):
    with pytest.raises(UnusableDatasetError) as caught:
        check_training(dataset(*rows), TextConfig())

    assert str(caught.value) == f"train.tsv: {found}; a model needs examples of two intents or more"


def test_texts_without_any_usable_word_are_refused():
    with pytest.raises(UnusableDatasetError, match=r"^train\.tsv: no text has a usable word in it$"):
        check_training(dataset(("?!", "doubt"), ("...", "pause"), ("", "pause")), TextConfig())


def test_a_text_without_a_usable_word_is_told_with_its_line():
    assert warned(*GOOD, ("?!", "bill")) == ["train.tsv:5: the text has no usable word"]


@pytest.mark.parametrize("again", ["hello", "HELLO", " Hello!", "hello\u200b"], ids=ascii)
def test_a_text_that_stands_twice_is_told_however_it_is_typed(again):
    assert warned(*GOOD, (again, "greeting")) == ["train.tsv:5: the text stands in line 1 already"]


def test_a_text_of_two_intents_is_told_with_both_lines():
    assert warned(*GOOD, ("Good morning!", "bill")) == [
        "train.tsv:5: the text is 'bill' here and 'greeting' in line 2",
    ]


def test_every_repetition_is_told():
    assert warned(*GOOD, ("hello", "greeting"), ("hello", "bill"), ("hello", "bill")) == [
        "train.tsv:5: the text stands in line 1 already",
        "train.tsv:6: the text is 'bill' here and 'greeting' in line 1",
        "train.tsv:7: the text is 'bill' here and 'greeting' in line 1",
    ]


def test_an_intent_of_one_example_is_told():
    assert warned(*GOOD, ("will it rain", "weather")) == [
        "train.tsv: intent 'weather' has one example; it is trained on it and never validated",
    ]


def test_intents_that_differ_in_case_alone_are_told():
    assert warned(*GOOD, ("hi all", "Greeting"), ("dear all", "Greeting")) == [
        "train.tsv: intents 'Greeting' and 'greeting' are written alike but for capitals",
    ]


def test_good_test_data_give_no_warning():
    assert warned_of_test([("hey", "greeting"), ("let me pay", "bill")], GOOD) == []


def test_test_data_without_an_example_are_refused():
    with pytest.raises(UnusableDatasetError, match=r"^test\.tsv: no example$"):
        warned_of_test([], GOOD)


def test_an_intent_that_training_never_saw_is_told_once_with_its_examples_counted():
    told = warned_of_test([("will it rain", "weather"), ("is it sunny", "weather"), ("what day", "date")], GOOD)

    assert [sentence.partition("(")[0] for sentence in told] == [
        "test.tsv: intent 'date' ",
        "test.tsv: intent 'weather' ",
    ]
    assert "(2 examples)" in told[1]


def test_an_intent_with_one_unseen_example_is_told_in_the_singular():
    assert warned_of_test([("will it rain", "weather")], GOOD) == [
        "test.tsv: intent 'weather' (1 example) is not in the training data",
    ]


def test_an_intent_without_test_data_is_no_matter():
    assert warned_of_test([("hey", "greeting")], GOOD) == []


@pytest.mark.parametrize("text", ["good morning", "Good  MORNING!"])
@pytest.mark.parametrize("intent", ["greeting", "bill"])
def test_a_test_text_that_was_trained_on_is_told_whatever_its_intent(text, intent):
    assert warned_of_test([("hey", "greeting"), (text, intent)], GOOD) == [
        "test.tsv:2: the text is in the training data too: it measures memory",
    ]


def test_a_warning_without_a_line_names_the_file_alone():
    assert str(DataWarning("train.tsv", None, "this")) == "train.tsv: this"


def test_names_and_texts_beyond_any_length_are_refused_each_with_its_line():
    with pytest.raises(UnreadableDataError) as caught:
        check_training(dataset(*GOOD, ("hello", "x" * 10_240), ("y" * 10_001, "bill")), TextConfig())

    assert caught.value.problems == (
        (5, "the intent has 10,240 characters; the limit is 200"),
        (6, "the text has 10,001 characters; the limit is 10,000"),
    )


def test_what_is_as_long_as_allowed_is_taken():
    assert warned(*GOOD, ("a" * 10_000, "x" * 200), ("b", "x" * 200)) == []


def test_a_text_out_of_scope_may_not_be_longer_than_another():
    with pytest.raises(UnreadableDataError, match=r"^train\.tsv: out of scope: the text has 10,001 characters"):
        check_training(replace(dataset(*GOOD), out_of_scope=("z" * 10_001,)), TextConfig())


def test_more_rows_than_any_training_takes_are_refused(monkeypatch):
    monkeypatch.setattr("app.data.lint.MOST_ROWS", 4)
    check_training(dataset(*GOOD), TextConfig())

    with pytest.raises(UnusableDatasetError, match=r"^train\.tsv: 5 rows; the limit is 4$"):
        check_training(dataset(*GOOD, ("hey", "greeting")), TextConfig())


@pytest.mark.parametrize(
    "text", ["=cmd|' /C calc'!A0", "= 1+1", "@SUM(A1:A9)", "+cmd|'x'!A1", "-2+3+cmd|'x'"], ids=ascii
)  # fmt: skip
def test_what_a_spreadsheet_would_run_is_told_with_its_line(text):
    assert warned(*GOOD, (text, "bill")) == [
        "train.tsv:5: the text begins as a formula does: a spreadsheet that opens an export may run it",
    ]
    assert any("5: the intent begins as a formula does" in told for told in warned(*GOOD, ("x", text), ("y", text)))


@pytest.mark.parametrize("text", ["+1", "-5 degrees outside", "@john can you help", "+49 170 1234567", "-what is this", "=)"])  # fmt: skip  # noqa: E501
def test_what_people_type_is_no_formula(text):
    assert [told for told in warned(*GOOD, (text, "bill")) if "formula" in told] == []


def test_of_a_file_wrong_in_every_line_a_part_is_told_and_the_rest_counted():
    told = warned(*GOOD, *[("hello", "greeting")] * 1_500)

    assert len(told) == 1_001
    assert told[-1] == "train.tsv: and 500 more like the last one"
