"""The tokens equal NLTK's but for the two documented differences, and no text is slow to split."""

import csv
import json
import os
import re
import string
import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import product
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.text.tokenizer import TOKEN, tokenize

TRAINING_DATA: Final = Path(__file__).resolve().parents[2] / "training_data"

TYPED_QUOTES: Final = str.maketrans(
    {"\u2019": "'", "\u2018": "'", "\u02bc": "'", "\u201c": '"', "\u201d": '"', "\u201e": '"'}
)

# How the Unicode names of characters begin in the scripts written without blanks.
LONE_SCRIPTS: Final = (
    *("CJK UNIFIED IDEOGRAPH", "CJK COMPATIBILITY IDEOGRAPH", "IDEOGRAPHIC ", "HANGZHOU "),
    *("VERTICAL IDEOGRAPHIC ", "HIRAGANA ", "HENTAIGANA ", "KATAKANA"),
    *("COMBINING KATAKANA-HIRAGANA ", "THAI ", "LAO ", "KHMER ", "MYANMAR "),
)

# The limits that the module states.
NOT_FOLLOWED: Final = re.compile(r"[:,]{8}|(?:cannot|d'ye|gimme|gonna|gotta|lemme|more'n|wanna)'t(?:is|was)")

EXAMPLES: Final = {
    "i cannot, gonna, wanna, gotta": "i can not , gon na , wan na , got ta",
    "gimme or lemme, d'ye, more'n": "gim me or lem me , d 'ye , more 'n",
    "cannot-do wanna-be cannots": "can not -do wanna-be cannots",
    "'tis so, it 'twas": "' tis so , it ' twas",
    "don't can't isn't n't x'n't": "do n't ca n't is n't n't x'n't",
    "what's i'm he'd we'll they're i've": "what 's i 'm he 'd we 'll they 're i 've",
    "couldn't've o'clock rock'n'roll": "couldn't 've o'clock rock'n'roll",
    "the 'dogs' of 'john's' and 'john's'": "the ' dogs ' of ' john 's ' and ' john's '",
    'he said "no" ("yes")': 'he said " no " ( " yes " )',
    "two `` and one ` and ''that''": "two `` and one ` and '' that ''",
    "\u00abcafé\u00bb and a\u2014b": "\u00ab café \u00bb and a \u2014 b",
    "one--two---three well-known": "one -- two -- -three well-known",
    "wait... what.. no.": "wait ... what .. no .",
    "u.s. and e.g. this.": "u.s. and e.g. this .",
    "it ended.') ": "it ended . ' )",
    'it ended. "': 'it ended. "',
    "3,000 at 10:30, or 3.5: yes": "3,000 at 10:30 , or 3.5 : yes",
    "foo::bar a:::b a::::b a,,1 a,,,1": "foo : :bar a : : : b a : : : :b a , ,1 a , ,,1",
    "a:::::b a::::::b a:::::::b": "a : : : : : b a : : : : : :b a : : : : : : : b",
    "me@home.org costs $5 & 7% #1; *": "me @ home.org costs $ 5 & 7 % # 1 ; *",
    "why?! [a](b){c}<d>": "why ? ! [ a ] ( b ) { c } < d >",
    "and/or c++ a_b ~x \U0001f600": "and/or c++ a_b ~x \U0001f600",
}

FRAGMENTS: Final = (
    *("a", "s", "n", "dogs", "james", "well-known", "straße", "éa", "u.s.", "e.g", "c++", "and/or"),
    *("cannot", "d'ye", "gimme", "gonna", "gotta", "lemme", "more'n", "wanna", "'tis", "'twas"),
    *("n't", "'s", "'m", "'d", "'ll", "'re", "'ve", "'t", "don't", "can't", "o'clock", "'n'"),
    *("1", "3,000", "3.5", "10:30", "$5", "'90s", "\u0663"),
    *('"', "'", "''", "`", "``", "\u00ab", "\u00bb", "\u201c", "\u201d"),
    *("(", ")", "[", "]", "{", "}", "<", ">", ".", "..", "...", "-", "--", "---", "\u2014"),
    *(",", ":", ";", "?", "!", "*", "/", "+", "_", "@", "#", "%", "&"),
    *("\u6f22", "\u304b", "\u30fc", "\u0e01", "\u0e31", "\u1780\u17d2", "\u1000\u102c"),
    *("\u0939\u093f", "e\u0323\u0301", "\U0001f600"),
)


def normalised(text: str) -> str:
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return " ".join(folded.translate(TYPED_QUOTES).split())


@cache
def nltk_tokenize() -> Callable[[str], list[str]]:
    from nltk.tokenize.destructive import NLTKWordTokenizer

    split: Callable[[str], list[str]] = NLTKWordTokenizer().tokenize
    return split


def is_of_lone_script(character: str) -> bool:
    return unicodedata.name(character, "").startswith(LONE_SCRIPTS)


@cache
def is_lone_letter(character: str) -> bool:
    return unicodedata.category(character) in {"Lo", "Lm", "Nl"} and is_of_lone_script(character)


@cache
def is_lone_mark(character: str) -> bool:
    return unicodedata.category(character) in {"Mn", "Mc"} and is_of_lone_script(character)


def as_typed(tokens: Iterable[str], text: str) -> Iterator[str]:
    """Undo NLTK's rewriting of quotes, by looking where in the text each token stands."""
    rest = text
    for token in tokens:
        rest = rest.lstrip()
        typed = token
        if not rest.startswith(token):
            typed = '"' if rest.startswith('"') else "''"
            assert token in {"``", "''"}
            assert rest.startswith(typed)
        rest = rest[len(typed) :]
        yield typed


def letter_by_letter(token: str) -> list[str]:
    """Take a token apart as scripts without blanks want it."""
    parts: list[str] = []
    in_word = False
    for character in token:
        if is_lone_letter(character):
            parts.append(character)
            in_word = False
        elif in_word or (parts and is_lone_mark(character)):
            parts[-1] += character
        else:
            parts.append(character)
            in_word = True
    return parts


def expected(text: str) -> list[str]:
    """Give NLTK's tokens with the two documented differences applied."""
    tokens = as_typed(nltk_tokenize()(text), text)
    return [part for token in tokens for part in letter_by_letter(token)]


def differing(texts: Iterable[str]) -> list[str]:
    forms = sorted({normalised(text) for text in texts})
    return [form for form in forms if tokenize(form) != expected(form)]


def strings_in(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from strings_in(item)
    elif isinstance(value, dict):
        yield from strings_in(list(value.values()))


def texts_of(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8", newline="") as file:
        if path.suffix == ".json":
            yield from strings_in(json.load(file))
        elif path.suffix == ".csv":
            yield from strings_in(list(csv.reader(file)))
        else:
            yield from (line.split("\t")[0] for line in file)


def test_tokens_equal_nltk_on_the_public_sets() -> None:
    folder = os.environ.get("PARLEY_TEST_DATA")  # noqa: TID251 - a setting of the tests alone
    if not folder:
        pytest.skip("PARLEY_TEST_DATA does not name the folder of the public test sets")
    if not Path(folder).is_dir():
        pytest.skip("the folder that PARLEY_TEST_DATA names does not exist")
    paths = sorted(Path(folder).glob("*/*.tsv"))
    assert paths, "the folder of the public test sets holds no */*.tsv"
    assert differing(text for path in paths for text in texts_of(path)) == []


def test_tokens_equal_nltk_on_the_training_data() -> None:
    paths = [p for p in TRAINING_DATA.rglob("*") if p.suffix in {".tsv", ".csv", ".json"}]
    if not paths:
        pytest.skip("training_data holds no texts")
    assert differing(text for path in paths for text in texts_of(path)) == []


@pytest.mark.parametrize(("text", "tokens"), EXAMPLES.items())
def test_examples_split_as_nltk_splits_them(text: str, tokens: str) -> None:
    text = normalised(text)
    assert tokenize(text) == tokens.split()
    assert expected(text) == tokens.split()


@settings(max_examples=1000, deadline=None, database=None)
@given(st.lists(st.tuples(st.sampled_from(FRAGMENTS), st.sampled_from(["", "", " "])), max_size=12))
def test_tokens_equal_nltk_however_words_and_marks_are_joined(parts: list[tuple[str, str]]) -> None:
    text = normalised("".join(fragment + blank for fragment, blank in parts))
    if not NOT_FOLLOWED.search(text):
        assert tokenize(text) == expected(text)


@settings(max_examples=1000, deadline=None, database=None)
@given(st.text(st.sampled_from(string.printable), max_size=40))
def test_tokens_equal_nltk_on_any_ascii_text(typed: str) -> None:
    text = normalised(typed)
    if not NOT_FOLLOWED.search(text):
        assert tokenize(text) == expected(text)


@settings(database=None)
@given(st.text())
def test_tokens_together_are_the_text_without_blanks(text: str) -> None:
    assert "".join(tokenize(text)) == "".join(text.split())


def test_a_double_quote_stays_the_character_typed() -> None:
    assert nltk_tokenize()('say "yes"') == ["say", "``", "yes", "''"]
    assert tokenize('say "yes"') == ["say", '"', "yes", '"']


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("\u6f22\u5b57\u304b\u306a\u30ab\u30ca", "\u6f22 \u5b57 \u304b \u306a \u30ab \u30ca"),
        ("\u0e17\u0e35\u0e48\u0e19\u0e35\u0e48", "\u0e17\u0e35\u0e48 \u0e19\u0e35\u0e48"),
        ("\u0e97\u0eb5\u0ec8\u0e99", "\u0e97\u0eb5\u0ec8 \u0e99"),
        ("\u1781\u17d2\u1789\u17bb\u17c6", "\u1781\u17d2 \u1789\u17bb\u17c6"),
        ("\u1019\u103c\u1014\u103a", "\u1019\u103c \u1014\u103a"),
        ("wifi\u5bc6\u7801's 2\u4e2a", "wifi \u5bc6 \u7801 's 2 \u4e2a"),
        ("\ud55c\uad6d\uc5b4 \u0939\u093f\u0928\u094d\u0926\u0940", None),
        ("\u0e52\u0e50", None),
    ],
    ids=["han_kana", "thai", "lao", "khmer", "myanmar", "mixed", "with_blanks", "thai_digits"],
)
def test_only_scripts_without_blanks_split_letter_by_letter(text: str, tokens: str | None) -> None:
    assert tokenize(text) == (text if tokens is None else tokens).split()


def test_every_letter_splits_as_its_script_wants() -> None:
    letters = [
        character
        for character in map(chr, range(sys.maxunicode + 1))
        if unicodedata.category(character) in {"Ll", "Lo", "Lm", "Nl"} and normalised(character) == character
    ]
    wrong = [
        f"{ord(letter):04x}"
        for letter in letters
        if (tokenize(f"a{letter}b") == ["a", letter, "b"]) != is_lone_letter(letter)
    ]
    assert wrong == []


def test_every_combining_mark_of_a_script_without_blanks_stays_with_its_letter() -> None:
    marks = [mark for mark in map(chr, range(sys.maxunicode + 1)) if is_lone_mark(mark)]
    lost = [mark for mark in marks if tokenize(f"\u0e01{mark}") != [f"\u0e01{mark}"]]
    assert [f"{ord(mark):04x}" for mark in lost] == []


def test_hostile_texts_come_out_whole() -> None:
    # If any loop could split the same characters in several ways, some of these would never end.
    units = ["'", '"', ".", "-", ",", ")", " ", "`", "n't", "'s", "'ll", "cannot", "a", "\u6f22"]
    for unit, other in product(units, repeat=2):
        body = (unit + other) * (10_000 // len(unit + other))
        for text in (body, f"{body}x", f"x.{body}x", f"{'a' * 10_000}{unit}{other}"):
            assert "".join(tokenize(text)) == "".join(text.split())


def test_the_expression_has_no_groups_so_that_it_finds_whole_tokens() -> None:
    assert TOKEN.groups == 0
