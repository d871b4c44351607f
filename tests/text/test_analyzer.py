"""A text of any script has words, and the same ones however it is typed."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.text.analyzer import TextAnalyzer, TextConfig
from app.text.normalization import normalize

WORDS = {
    "english": ("I can't book 2 tables", "i ca n't book 2 tables"),
    "greek": ("Γειά σου Κόσμε", "γειά σου κόσμε"),
    "russian": ("Где моя карта", "где моя карта"),
    "arabic": ("أين بطاقتي", "أين بطاقتي"),
    "hebrew": ("איפה הכרטיס שלי", "איפה הכרטיס שלי"),
    "hindi": ("मेरा कार्ड कहाँ है", "मेरा कार्ड कहाँ है"),
    "korean": ("내 카드 어디 있어요", "내 카드 어디 있어요"),
    "chinese": ("我的卡在哪里", "我 的 卡 在 哪 里"),
    "japanese": ("カードはどこ", "カ ー ド は ど こ"),
    "thai": ("บัตรอยู่ที่ไหน", "บั ต ร อ ยู่ ที่ ไ ห น"),
    "mixed": ("我的 SIM 卡", "我 的 sim 卡"),
    "emoji": ("pizza 🍕 👍🏽", "pizza 🍕 👍🏽"),
}


@pytest.fixture(scope="module")
def words():
    return TextAnalyzer(TextConfig()).words


@pytest.mark.parametrize(("text", "expected"), WORDS.values(), ids=WORDS)
def test_a_text_of_any_script_has_words(words, text, expected):
    assert words(text) == expected.split()


@pytest.mark.parametrize(
    ("blank", "end"),
    [("  ", ""), (" ", " !!"), ("\t", "?"), ("\n", "..."), ("\u00a0", "…"), ("\u3000", "。"), (" ", "؟"), (" ", "।?)")],
    ids=ascii,
)
@pytest.mark.parametrize(("text", "expected"), WORDS.values(), ids=WORDS)
def test_case_spacing_and_trailing_marks_do_not_change_the_words(words, text, expected, blank, end):
    typed = blank + blank.join(text.upper().split()) + end + blank

    assert words(typed) == expected.split()


@pytest.mark.parametrize("text", ["", " ", "?!", "...", "( - )", "。。。", "؟", "¿?", '"', "\u200b", "-- ,"], ids=ascii)
def test_a_text_of_bare_punctuation_has_no_words(words, text):
    assert words(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("yes, please", "yes please"),
        ("hi - book: (a) 'table'", "hi book a table"),
        ("你好，世界。好", "你 好 世 界 好"),
        ("hello... you", "hello you"),
        ("hello? how are you", "hello how are you"),
        # most texts of a help desk are more than one sentence
        ("Hello. I lost my card. Please help.", "hello i lost my card please help"),
        ("a u.s. flight.", "a u.s. flight"),
    ],
)
def test_punctuation_between_words_is_no_word(words, text, expected):
    assert words(text) == expected.split()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("مرحبا، كيف حالك", "مرحبا كيف حالك"),
        ("مرحبا؟ كيف", "مرحبا كيف"),
        ("नमस्ते। कैसे हो", "नमस्ते कैसे हो"),
        ("բարեւ։ ինչպես", "բարեւ ինչպես"),
        ("ሰላም። እንዴት", "ሰላም እንዴት"),
        ("ကား။ ကား", "ကား ကား"),
        ("ខ។ ខ", "ខ ខ"),
        ("hola, ¿dónde está", "hola dónde está"),
        ("¡hola amigo", "hola amigo"),
    ],
    ids=["arabic_comma", "arabic_question", "hindi", "armenian", "ethiopic", "burmese", "khmer", "question", "cry"],
)
def test_punctuation_of_any_script_is_neither_a_word_nor_part_of_one(words, text, expected):
    assert words(text) == expected.split()


@pytest.mark.parametrize(
    ("text", "expected"),
    [("5 $ or 5%", "5 $ or 5 %"), ("c++ or c#", "c++ or c #"), ("a & b", "a & b"), ("why 😀", "why 😀")],
)
def test_symbols_that_say_something_are_words(words, text, expected):
    assert words(text) == expected.split()


def test_an_emoji_is_the_same_word_in_both_its_styles(words):
    assert words("i \u2764\ufe0f you") == words("i \u2764 you")


@settings(database=None, deadline=None)
@given(st.text(st.characters()))
def test_no_word_of_any_text_is_empty_or_holds_a_blank(words, text):
    assert all(word and not any(character.isspace() for character in word) for word in words(text))


@settings(database=None, deadline=None)
@given(st.text(st.characters()))
def test_a_text_kept_in_its_normal_form_keeps_its_words(words, text):
    assert words(normalize(text)) == words(text)


def test_tokenising_does_not_import_nltk(python):
    done = python(
        "-c",
        "import sys\n"
        "from app.text.analyzer import TextAnalyzer, TextConfig\n"
        "print(TextAnalyzer(TextConfig()).words('Hello there, you!'), 'nltk' in sys.modules)",
    )

    assert done.stdout == "['hello', 'there', 'you'] False\n"
