"""TSV files are read line by line, and every wrong line is named."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.data.formats import tsv_rows
from app.domain.training_errors import UnreadableDataError


def read(text, header=None):
    """Give text, intent and line of each example."""
    examples = tsv_rows.read(text, "desk.tsv", header=header).examples
    return [(example.input, example.intent, example.line) for example in examples]


def problems(text, header=None):
    with pytest.raises(UnreadableDataError) as caught:
        tsv_rows.read(text, "desk.tsv", header=header)
    return list(caught.value.problems)


def test_the_text_comes_first_where_no_heading_says_otherwise():
    assert read("hello\tgreeting\ncan i pay\tbill\n") == [("hello", "greeting", 1), ("can i pay", "bill", 2)]


@pytest.mark.parametrize(
    "text", ["text\tintent\nhello\tgreeting\n", "intent\ttext\ngreeting\thello", "Tag\tPattern\r\ngreeting\thello\r\n"]
)
def test_a_heading_is_recognised_and_says_which_column_is_the_text(text):
    assert read(text) == [("hello", "greeting", 2)]


def test_a_heading_is_recognised_behind_blank_lines():
    assert read("\n\ntext\tintent\nhello\tgreeting\n") == [("hello", "greeting", 4)]


def test_a_stated_heading_is_skipped_whatever_it_says():
    assert read("what\tof it\nhello\tgreeting\n", header=True) == [("hello", "greeting", 2)]


def test_a_heading_stated_absent_is_an_example():
    assert read("text\tintent\n", header=False) == [("text", "intent", 1)]


def test_a_heading_in_a_later_line_is_an_example():
    assert read("hello\tgreeting\ntext\tintent\n") == [("hello", "greeting", 1), ("text", "intent", 2)]


@pytest.mark.parametrize("text", ['"hello" you', 'say "', '"', "hello, you", "'", "a\\tb"])
def test_quotes_commas_and_backslashes_are_part_of_a_text(text):
    assert read(f"{text}\tgreeting\n") == [(text, "greeting", 1)]


@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=ascii)
def test_blank_lines_are_left_out_and_counted(end):
    text = end.join(["", "hello\tgreeting", "  ", "\t", "can i pay\tbill"])

    assert read(text) == [("hello", "greeting", 2), ("can i pay", "bill", 5)]


@pytest.mark.parametrize("mark", ["\u2028", "\u2029", "\u0085", "\x0b", "\x0c", "\x1c"], ids=ascii)
def test_marks_that_only_some_programs_break_lines_at_are_part_of_a_text(mark):
    assert read(f"hello{mark}you\tgreeting\ncan i pay\tbill\n") == [
        (f"hello{mark}you", "greeting", 1),
        ("can i pay", "bill", 2),
    ]


def test_blanks_around_values_go():
    assert read(" hello you \t greeting \n") == [("hello you", "greeting", 1)]


@pytest.mark.parametrize(
    ("line", "problem"),
    [("\tgreeting", "the text is empty"), ("  \tgreeting", "the text is empty"), ("hello\t", "the intent is empty")],
)
def test_an_empty_text_or_intent_is_named_with_its_line(line, problem):
    assert problems(f"text\tintent\n\n{line}\n") == [(3, problem)]


@pytest.mark.parametrize(("line", "n_values"), [("hello", 1), ("hello\tyou\tgreeting", 3)])
def test_a_line_of_another_number_of_values_is_named(line, n_values):
    ((number, problem),) = problems(f"hello\tgreeting\n{line}\n")

    assert number == 2
    assert problem.startswith(f"{n_values} value")


def test_nobody_is_told_to_quote_what_this_format_cannot_quote():
    ((_, problem),) = problems("hello\tyou\tgreeting\n")

    assert "quotes" not in problem


def test_all_problems_are_named_at_once():
    assert [line for line, _ in problems("hello\n\tgreeting\nhello\tgreeting\nhi\t\n")] == [1, 2, 4]


values = st.text(st.characters(exclude_characters="\t\n\r", exclude_categories=["Cs"]), min_size=1).map(str.strip)


@settings(database=None, deadline=None)
@given(st.lists(st.tuples(values.filter(bool), values.filter(bool)), max_size=8))
def test_what_is_written_line_by_line_is_read_back(examples):
    text = "".join(f"{text}\t{intent}\n" for text, intent in examples)

    assert read(text, header=False) == [(*example, line) for line, example in enumerate(examples, 1)]
