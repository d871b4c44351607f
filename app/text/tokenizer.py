"""
Split normalised text into words, numbers and marks.

The tokens are those of NLTK's `NLTKWordTokenizer`, the tokenizer of the Penn Treebank tradition, but they come from one
regular expression. NLTK rewrites the text thirty times over, which costs some 93 microseconds for a sentence of ten
words, and importing it is slow; so this module does not import it. One expression reads the text once and its time
grows with the length of the text only.

Two differences are wanted:

1. NLTK rewrites a double quote to two backticks or two apostrophes, and an opening pair of apostrophes to two
   backticks. Here a token keeps the characters typed.
2. Scripts written without blanks: NLTK leaves a whole sentence one token, which no model can learn. Here each letter of
   the Han, Hiragana, Katakana, Thai, Lao, Khmer and Myanmar scripts, with the marks that combine with it, is a token.

The text must be normalised before (NFKC, case-folded, single blanks, none at the ends). Three oddities of NLTK are not
followed: beyond six colons and commas in a row it pairs them from the left, here each further one stands alone;
`'tis` and `'twas` are taken apart when glued to the end of a contraction (`cannot'tis`); and it takes a line break
inside the closing marks after the last period for more than a blank.
"""

import re
from typing import Final

# ---------------------------------------------------------------------------------------------------------------------
# Scripts written without blanks
# ---------------------------------------------------------------------------------------------------------------------

_SCRIPT_LETTERS: Final = (
    r"\u3005-\u3007\u3021-\u3029\u303b\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # Han
    r"\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\U0001aff0-\U0001b16f"  # Hiragana, Katakana
    r"\u0e01-\u0e30\u0e32-\u0e33\u0e40-\u0e46"  # Thai
    r"\u0e81-\u0eb0\u0eb2-\u0eb3\u0ebd-\u0ec6\u0edc-\u0edf"  # Lao
    r"\u1780-\u17b3\u17d7\u17dc"  # Khmer
    r"\u1000-\u102a\u103f\u1050-\u1055\u105a-\u105d\u1061\u1065-\u1066\u106e-\u1070\u1075-\u1081\u108e"  # Myanmar
    r"\ua9e0-\ua9e4\ua9e6-\ua9ef\ua9fa-\ua9fe\uaa60-\uaa76\uaa7a\uaa7e-\uaa7f"  # Myanmar, extended
)
_SCRIPT_MARKS: Final = (
    r"\u302a-\u302f\u3099\u309a"  # tones of Han, voicing of Hiragana and Katakana
    r"\u0e31\u0e34-\u0e3a\u0e47-\u0e4e"  # Thai
    r"\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ece"  # Lao
    r"\u17b4-\u17d3\u17dd"  # Khmer
    r"\u102b-\u103e\u1056-\u1059\u105e-\u1060\u1062-\u1064\u1067-\u106d\u1071-\u1074\u1082-\u108d\u108f"  # Myanmar
    r"\u109a-\u109d\ua9e5\uaa7b-\uaa7d"  # Myanmar, extended
)
_LETTER: Final = rf"[^\W{_SCRIPT_LETTERS}]"  # letters, digits and the underscore of all other scripts

# ---------------------------------------------------------------------------------------------------------------------
# Where a word ends
# ---------------------------------------------------------------------------------------------------------------------

# Marks that are tokens by themselves wherever they stand, less those that only the second group holds. The groups
# differ by one rule below: NLTK cuts off the first group before, the second after it looks at an apostrophe.
_EARLY_MARKS: Final = r";@#$%&?!\u00ab\u2018\u201c\u201e\u2012-\u2015"
_LATE_MARKS: Final = r"\[\](){}<>*\"\u00bb\u2019\u201d"

# A period ends the text, and so is a token, if only closing marks follow; a quote after a blank opens, it does not
# close. The possessive quantifiers (`*+`) keep the search from trying the same closing marks twice.
_CLOSERS: Final = r"[\])}>'\"\u00bb\u2019\u201d]*+"
_LAST_PERIOD: Final = rf"\.(?={_CLOSERS}(?:\s++(?!\"|''){_CLOSERS})*\Z)"

# Dots in a row and the last period are cut off; `.` inside `e.g`, `3.5` or before another sentence is not. A colon or
# comma is cut off unless a digit follows (`10:30`, `3,000`).
_CUT: Final = rf"\.\.|{_LAST_PERIOD}|[:,](?!\d)"
_END: Final = rf"(?:[\s{_EARLY_MARKS}{_LATE_MARKS}`]|\Z|''|--|{_CUT})"

# Clitics are cut off where the word ends behind them. An apostrophe behind a clitic ends the word as well, but for 's
# 'm 'd only if an early mark follows it: NLTK cuts those off first, and sees `john's'` before the quote is loose.
_AFTER_S: Final = rf"(?={_END}|'(?:[\s{_EARLY_MARKS}`]|{_CUT}))"
_S: Final = rf"'[smd]{_AFTER_S}"
_AFTER_LL: Final = rf"(?='?{_END}|{_S})"
_NT: Final = rf"n't{_AFTER_LL}"
_CLITIC: Final = rf"(?:{_S}|'(?:ll|re|ve){_AFTER_LL}|(?<!')n't{_AFTER_LL})"

# Contractions without a blank end where a word ends; `wanna` only before a blank or a mark that gets one.
_AFTER_PAIR: Final = rf"(?:\b|(?={_NT}))"
_PAIR: Final = rf"""\b(?:
    can(?=not{_AFTER_PAIR}) | d(?='ye{_AFTER_PAIR}) | gim(?=me{_AFTER_PAIR}) | gon(?=na{_AFTER_PAIR})
    | got(?=ta{_AFTER_PAIR}) | lem(?=me{_AFTER_PAIR}) | more(?='n{_AFTER_PAIR})
    | wan(?=na(?:'?{_END}|{_CLITIC}))
)"""

# ---------------------------------------------------------------------------------------------------------------------
# The expression
# ---------------------------------------------------------------------------------------------------------------------

# What a token is made of when no shorter way applies, one piece at a time.
_PIECE: Final = rf"""(?:
    {_LETTER}++(?!')                # letters that no clitic can follow
    | {_LETTER}+(?={_NT})           # `is` of isn't: the n belongs to the clitic
    | {_LETTER}++
    | [:,](?=\d)                    # 10:30, 3,000
    | -(?!-)                        # well-known
    | {_CUT}(?!)|\.
)"""

TOKEN: Final = re.compile(r"\S+")
