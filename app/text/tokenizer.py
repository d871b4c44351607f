"""
Split normalised text into words, numbers and marks.

The tokens are those of NLTK's `NLTKWordTokenizer`, which follows the Penn Treebank, but they come
from one regular expression. NLTK rewrites the text some thirty times, which costs about 93
microseconds for a sentence of ten words, and importing NLTK is slow; so it is not imported here.
One expression reads the text once, in time that grows with the length of the text and no faster.

Two differences are wanted:

1. NLTK rewrites a double quote to two backticks or two apostrophes, and an opening pair of
   apostrophes to two backticks. Here a token keeps the characters typed.
2. Scripts written without blanks: to NLTK a whole sentence is one token, which no model can learn.
   Here each letter of the Han, Hiragana, Katakana, Thai, Lao, Khmer and Myanmar scripts, with the
   marks that combine with it, is a token. Digits of these scripts stay numbers, as in NLTK.

The text must be normalised: NFKC, case-folded, single blanks between words, none at the ends.
Where NLTK is not followed, because one expression cannot or need not:

- NLTK pairs colons and commas in a row from the left; here those from the eighth on stand alone.
- NLTK takes `'tis` and `'twas` apart when glued to the end of a contraction (`cannot'tis`); here
  they stay whole there. Elsewhere both give `'` and `tis`.
- Whether an apostrophe stands inside a word is to NLTK a question of the newest Unicode; here of
  this Python's letters and of the combining marks listed below. Rare signs beside one may differ.
"""

import re
from typing import Final

# --- Characters -----------------------------------------------------------------------------------

# Letters of the scripts written without blanks, and the marks that combine with them.
_LONE_LETTERS: Final = (
    r"\u3005-\u3007\u3021-\u3029\u303b\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"  # Han
    r"\U00020000-\U0003ffff"  # Han, rare
    r"\u3041-\u3096\u309d-\u309f"  # Hiragana
    r"\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\U0001aff0-\U0001b16f"  # Katakana; kana, historic
    r"\u0e01-\u0e30\u0e32\u0e33\u0e40-\u0e46"  # Thai
    r"\u0e81-\u0eb0\u0eb2\u0eb3\u0ebd-\u0ec6\u0edc-\u0edf"  # Lao
    r"\u1780-\u17b3\u17d7\u17dc"  # Khmer
    r"\u1000-\u102a\u103f\u1050-\u1055\u105a-\u105d\u1061\u1065\u1066\u106e-\u1070"  # Myanmar
    r"\u1075-\u1081\u108e\ua9e0-\ua9e4\ua9e6-\ua9ef\ua9fa-\ua9fe\uaa60-\uaa76\uaa7a\uaa7e\uaa7f"
)
_LONE_MARKS: Final = (
    r"\u302a-\u302f\u3099\u309a"  # tones of Han, voicing of Hiragana and Katakana
    r"\u0e31\u0e34-\u0e3a\u0e47-\u0e4e"  # Thai
    r"\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ece"  # Lao
    r"\u17b4-\u17d3\u17dd"  # Khmer
    r"\u102b-\u103e\u1056-\u1059\u105e-\u1060\u1062-\u1064\u1067-\u106d\u1071-\u1074"  # Myanmar
    r"\u1082-\u108d\u108f\u109a-\u109d\ua9e5\uaa7b-\uaa7d"
)

# Letters and digits of all other scripts.
_LETTER: Final = rf"[^\W{_LONE_LETTERS}]"

# What makes an apostrophe stand inside a word rather than open a quotation. `\w` lacks the marks
# that combine with letters, so those are named.
_WORDLIKE: Final = (
    r"[\w"
    r"\u0300-\u036f\u0483-\u0489"  # accents; Cyrillic titles
    r"\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7"  # points of Hebrew
    r"\u0610-\u061a\u064b-\u065f\u0670"  # vowels of Arabic
    r"\u0900-\u0963\u0966-\u0dff"  # vowel signs of the Indian scripts
    r"\u200c\u200d\u20d0-\u20f0\ufe00-\ufe0f"  # joiners, key caps, emoji style
    rf"{_LONE_MARKS}]"
)

# Marks that are tokens wherever they stand. NLTK cuts the early ones off before it looks for an
# apostrophe at the end of a word and the late ones after; `_AFTER_S` needs the difference.
_EARLY: Final = r";@#$%&?!\u00ab\u2018\u201c\u201e\u2012-\u2015"
_LATE: Final = r"\[\](){}<>*\"\u00bb\u2019\u201d"

# --- Where a word ends ----------------------------------------------------------------------------

# A period is cut off if nothing but closing marks follows it in the text. A quote behind a blank
# opens, so it is no closing mark. Possessive quantifiers keep the search linear.
_CLOSING: Final = r"[\])}>'\"\u00bb\u2019\u201d]*+"
_LAST_PERIOD: Final = rf"\.(?={_CLOSING}(?:\s++(?!\"|''){_CLOSING})*\Z)"

# Cut off too: dots in a row, and a colon or comma unless a digit follows (10:30, 3,000).
_CUT: Final = rf"(?:\.\.|{_LAST_PERIOD}|[:,](?!\d))"

_END: Final = rf"(?:[\s{_EARLY}{_LATE}`]|\Z|''|--|{_CUT})"

# The clitics end where a word ends, or where another clitic or an apostrophe follows that NLTK
# has cut off by then. Its rules for 's 'm 'd run before those for 'll 're 've n't, hence two kinds.
# The quote that closes 'john's' counts for 's only if NLTK sees a blank or an early mark behind it.
_AFTER_S: Final = rf"(?={_END}|'(?:[\s{_EARLY}`]|{_CUT}))"
_S: Final = rf"'[smd]{_AFTER_S}"
_AFTER_LL: Final = rf"(?='?{_END}|{_S})"
_LL: Final = rf"'(?:ll|re|ve){_AFTER_LL}"
_NT: Final = rf"n't{_AFTER_LL}"

# Two words written as one: the first half, where the second follows. The second half is a token of
# its own even if more is glued to it (cannot-do), so it is looked for by what stands before it.
_WHOLE: Final = rf"(?:\b|(?={_NT}))"
_FIRST_HALF: Final = rf"""\b(?=
    (?:cannot|d'ye|gimme|gonna|gotta|lemme|more'n){_WHOLE}
    | wanna(?:'?{_END}|{_S}|{_LL}|{_NT})    # NLTK asks for a blank here: wanna-be stays whole
)(?:can|d|gim|gon|got|lem|more|wan)"""
_SECOND_HALF: Final = r"""(?:
    not(?<=cannot) | 'ye(?<=d'ye) | me(?<=gimme) | na(?<=gonna)
    | ta(?<=gotta) | me(?<=lemme) | 'n(?<=more'n) | na(?<=wanna)
)"""

# --- What a word is made of -----------------------------------------------------------------------

# An apostrophe inside a word or before a clitic (o'clock, 's). Not one that closes a quotation
# because the word ends behind it, nor one that opens a quotation because no word ends before it.
_APOSTROPHE: Final = rf"""'(?!'|{_END})(?:
    (?<={_WORDLIKE}') | (?!{_WORDLIKE}) | (?=(?:re|ve|ll|m|t|s|d|n)(?!{_WORDLIKE}))
)"""

_PIECE: Final = rf"""(?:
    {_LETTER}++(?!')            # letters, if no clitic can follow: the common case, so first
    | {_LETTER}+(?={_NT})       # letters before n't, whose n is a letter too
    | {_LETTER}++               # letters before any other apostrophe
    | {_APOSTROPHE}
    | -(?!-)                    # one hyphen joins, two are a dash
    | (?!{_CUT})[.:,]           # as in 3.5, e.g., 10:30 and 3,000
    | [^\w\s{_EARLY}{_LATE}`'\-.:,]  # other symbols and combining marks: and/or, c++
)"""

# The second of two colons or commas begins a word, for NLTK cuts off the first with a look at its
# neighbour and goes on behind both: foo, :, :bar. The place in the row decides: 2nd, 4th or 6th.
_PAIRED: Final = r"""[:,](?:
    (?<=[:,]{2})(?<![:,]{3}) | (?<=[:,]{4})(?<![:,]{5}) | (?<=[:,]{6})(?<![:,]{7})
)"""

# --- The expression -------------------------------------------------------------------------------

TOKEN: Final = re.compile(
    rf"""(?!\s)(?:                  # a blank fails at once, not in every alternative
    # Contractions first, or the next alternative would take them whole.
    {_FIRST_HALF} | {_SECOND_HALF}
    # Plain words are most of any text: letters with a sure end need no further look.
    | {_LETTER}++(?=[\s{_EARLY}{_LATE}]|\Z|[:,](?!\d))
    # Scripts without blanks: letter by letter, each with its marks.
    | [{_LONE_LETTERS}][{_LONE_MARKS}]*+
    # Marks that never belong to a word. Of backticks, apostrophes and hyphens two make a pair.
    | [{_EARLY}{_LATE}] | ``?+ | '' | -- | \.\.++
    # All other words, piece by piece up to where a clitic or a contraction begins. An n't behind an
    # apostrophe is none (x'n't), as NLTK wants another character before it.
    | (?:{_PAIRED}|{_PIECE})(?:(?!{_S}|{_LL}|(?<!'){_NT}|{_FIRST_HALF}){_PIECE})*
    # Marks that could have been part of a word but are not.
    | [.:,']
    )""",
    re.VERBOSE,
)

WORD: Final = re.compile(rf"[{_LONE_LETTERS}][{_LONE_MARKS}]*+|(?:(?![_{_LONE_LETTERS}]){_WORDLIKE})++")
"""A word of any text: a run of letters, digits and their marks, or a letter that stands for itself."""


def tokenize(text: str) -> list[str]:
    """Give the tokens of a normalised text in order; together they are the text without blanks."""
    return TOKEN.findall(text)
