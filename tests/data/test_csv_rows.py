"""CSV files are read as RFC 4180 has them, and every wrong place is named with its line."""

import pytest

from app.data.formats import csv_rows
from app.domain.training_errors import UnreadableDataError


def read(text, header=None):
    """Give intent, text and line of each example."""
    examples = csv_rows.read(text, "desk.csv", header=header).examples
    return [(example.intent, example.input, example.line) for example in examples]


def problems(text, header=None):
    with pytest.raises(UnreadableDataError) as caught:
        csv_rows.read(text, "desk.csv", header=header)
    return list(caught.value.problems)


def test_the_intent_comes_first_where_no_heading_says_otherwise():
    assert read("greeting,hello\nbill,can i pay\n") == [("greeting", "hello", 1), ("bill", "can i pay", 2)]


@pytest.mark.parametrize(
    "text",
    ["intent,text\ngreeting,hello\n", "text,intent\nhello,greeting\n", " Utterance , LABEL \nhello,greeting\n"],
)
def test_a_heading_is_recognised_and_says_which_column_is_the_text(text):
    assert read(text) == [("greeting", "hello", 2)]


def test_a_row_that_only_looks_a_bit_like_a_heading_is_an_example():
    assert read("greeting,text\n") == [("greeting", "text", 1)]


def test_a_stated_heading_is_skipped_whatever_it_says():
    assert read("a,b,c\ngreeting,hello\n", header=True) == [("greeting", "hello", 2)]


def test_a_stated_heading_that_is_known_says_which_column_is_the_text():
    assert read("query,category\nhello,greeting\n", header=True) == [("greeting", "hello", 2)]


def test_a_heading_stated_absent_is_an_example():
    assert read("intent,text\n", header=False) == [("intent", "text", 1)]


def test_a_file_of_a_heading_alone_has_no_examples():
    assert read("intent,text\n") == []


def test_quoted_commas_and_quotes_belong_to_the_text():
    assert read('greeting,"hello, ""you"""\n') == [("greeting", 'hello, "you"', 1)]


@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=ascii)
def test_a_line_break_within_quotes_belongs_to_the_text_and_later_lines_keep_their_numbers(end):
    text = end.join(["intent,text", 'bill,"can i', "", 'pay"', "", "greeting,hello"]) + end

    assert read(text) == [("bill", f"can i{end}{end}pay", 2), ("greeting", "hello", 6)]


def test_a_wrong_row_after_a_line_break_within_quotes_has_the_line_it_begins_on():
    assert [line for line, _ in problems('bill,"can i\npay"\nbill\n"a\nb",\n')] == [3, 4]


@pytest.mark.parametrize("blank", ["", "   ", ",", '" ",""'])
def test_blank_rows_are_left_out_and_counted(blank):
    assert read(f"{blank}\ngreeting,hello\n{blank}\nbill,can i pay") == [
        ("greeting", "hello", 2),
        ("bill", "can i pay", 4),
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=ascii)
def test_any_line_end_divides_rows(end):
    assert read(f"intent,text{end}greeting,hello{end}") == [("greeting", "hello", 2)]


def test_blanks_around_values_go():
    assert read(" greeting ,\thello you \n") == [("greeting", "hello you", 1)]


@pytest.mark.parametrize("mark", ["\u2028", "\u0085", "\x0b", "\x0c"], ids=ascii)
def test_marks_that_only_some_programs_break_lines_at_are_part_of_a_text(mark):
    assert read(f"greeting,hello{mark}you\nbill,can i pay\n") == [
        ("greeting", f"hello{mark}you", 1),
        ("bill", "can i pay", 2),
    ]


def test_a_text_may_be_long():
    assert read(f"greeting,{'x' * 200_000}\n") == [("greeting", "x" * 200_000, 1)]


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("greeting,", "the text is empty"),
        ('greeting,"  "', "the text is empty"),
        (",hello", "the intent is empty"),
    ],
)
def test_a_row_that_is_no_example_is_named_with_its_line(row, problem):
    assert problems(f"intent,text\ngreeting,hello\n\n{row}\n") == [(4, problem)]


@pytest.mark.parametrize(("row", "n_values"), [("hello", 1), ("a,b,c", 3), ('greeting, "hello, you"', 3)])
def test_a_row_of_another_number_of_values_is_named_with_its_line(row, n_values):
    ((line, problem),) = problems(f"intent,text\n\n{row}\n")

    assert line == 3
    assert problem.startswith(f"{n_values} value")


def test_who_wrote_a_comma_into_a_text_is_told_to_quote_it():
    ((_, problem),) = problems("greeting,hello, you\n")

    assert "quotes" in problem


def test_the_heading_decides_which_value_is_called_empty():
    assert problems("text,intent\nhello,\n") == [(2, "the intent is empty")]


def test_a_quote_that_is_not_closed_is_named_with_the_line_it_opens_on():
    ((line, problem),) = problems('greeting,hello\nbill,"can i\npay\ngreeting,hi\n')

    assert line == 2
    assert problem.startswith("not CSV: ")


def test_a_quote_that_closes_too_early_is_named_with_its_line():
    ((line, problem),) = problems('greeting,hello\nbill,"can" i pay\ngreeting,hi\n')

    assert line == 2
    assert problem.startswith("not CSV: ")


def test_all_problems_are_named_at_once_in_order_of_lines():
    lines = [line for line, _ in problems('greeting\n,hello\ngreeting,hello\nbill,\n"a"b,c\n')]

    assert lines == [1, 2, 4, 5]


def test_a_sentence_names_twenty_problems_and_counts_the_rest():
    with pytest.raises(UnreadableDataError) as caught:
        csv_rows.read("greeting\n" * 1_523, "desk.csv", header=None)

    sentences = str(caught.value).splitlines()
    assert [sentence.split(": ")[0] for sentence in sentences[:20]] == [f"desk.csv:{line}" for line in range(1, 21)]
    assert sentences[20:] == ["desk.csv: and 1,503 more like these"]
