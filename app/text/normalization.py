"""
Bring different ways of typing the same thing to one form.

Unicode NFKC and case-folding (as in the standard's `toNFKC_Casefold`), one kind of quote, single blanks, and nothing
after the last word: case, spacing and trailing punctuation never decide an intent.
"""

import re
import unicodedata
from typing import Final

from ..domain.example import Input, record_of, text_of

_BLANKS = re.compile(r"\s+")

# Sentence-final marks and closers of many scripts; `%`, `#`, `*`, `+` and currency signs carry meaning and stay.
_TRAILING: Final = " .,:;!?\"'`-~_/\\|)]}>…‥·。｡、､،؛؟۔।॥՝՞։፡።፣፤፥፧᙮᠂᠃᠈᠉‚„“”‘’‹›«»‼⁇⁈⁉·¡¿—–‐‑‒―」』】〉》〕〗"

# Typographic quotes become typed ones, marks that no reader sees go, and the marks of other scripts that the tokenizer
# does not know as punctuation become blanks.
_SAME: Final = str.maketrans(
    {"’": "'", "‘": "'", "ʼ": "'", "‛": "'", "´": "'", "“": '"', "”": '"', "„": '"', "‟": '"'}
    | dict.fromkeys("\u00ad\u034f\u061c\u200b\u2060\ufeff\u200e\u200f\u202a\u202b\u202c\u202d\u202e", None)
    | {chr(code): None for code in (*range(0x2066, 0x206A), *range(0xFE00, 0xFE10))}
    | dict.fromkeys("¿¡،؛؟۔।॥՝՞։፡።፣፤፥፧᙮᠂᠃᠈᠉។៕၊။།༎〜", " ")
    | {chr(code): " " for code in range(32) if not chr(code).isspace()}
    | {"\x7f": " "}
)


def normalize(text: str) -> str:
    """Give the one form under which a text is learned and looked up; it may be empty. Idempotent."""
    if text.isascii():
        # NFKC leaves ASCII alone, and lower() is its case-folding.
        if not text.isprintable():
            text = text.translate(_SAME)
        folded = text.lower()
    else:
        folded = unicodedata.normalize("NFKC", text.translate(_SAME))
        folded = unicodedata.normalize("NFKC", folded.casefold()).translate(_SAME)
    return _BLANKS.sub(" ", folded).rstrip(_TRAILING).lstrip()


def same_form(model_input: Input) -> str:
    """
    Give what inputs have in common that are learned as the same; empty for texts without a word.

    Records are the same where they hold the same, be they mappings or their JSON.
    """
    record = record_of(model_input)
    return normalize(str(model_input)) if record is None else text_of(record)
