"""An e-mail address: who stands before the @, and which domain behind it. Whether it exists is not asked."""

import math
import re
from typing import Final

from ...text.ngrams import character_ngrams
from .contract import FieldReader, Presence, Reading, malformed, quoted, share
from .hosts import has_labels, suffixes

_LONGEST: Final = 254
_LONGEST_LOCAL: Final = 64
_VOWELS: Final = frozenset("aeiouy")
_NO_VOWELS: Final = re.compile(r"[b-df-hj-np-tv-xz]+")
_CHARACTERS: Final = (2, 3)

NUMBERS: Final = (
    "characters of the local part",
    "share of digits",
    "digits at the end",
    "separators",
    "has a tag",
    "share of vowels",
    "longest run without a vowel",
    "labels of the domain",
    "characters of the domain",
    "digits or hyphens in the domain",
)


def _read(text: str) -> Reading:
    text = text.strip()
    local, at, domain = text.rpartition("@")
    if not at:
        return malformed(f"not an e-mail address, for it lacks an @: {quoted(text)}")
    local, domain = local.casefold(), domain.casefold().rstrip(".")
    if not local or len(local) > _LONGEST_LOCAL or len(text) > _LONGEST or "@" in local or any(map(str.isspace, text)):
        return malformed(f"not an e-mail address: {quoted(text)}")
    if not has_labels(domain):
        return malformed(f"not an e-mail address, for its domain is none: {quoted(text)}")
    of_domain = tuple([f"d {ending}" for ending in suffixes(domain)])
    of_local = tuple([f"c {term}" for term in character_ngrams(local, *_CHARACTERS)])
    return Reading(Presence.HELD, (of_domain, of_local), _looks(local, domain))


def _looks(local: str, domain: str) -> tuple[float, ...]:
    digits = sum(map(str.isdigit, local))
    letters = sum(map(str.isalpha, local))
    return (
        math.log1p(len(local)),
        share(digits, len(local)),
        math.log1p(len(local) - len(local.rstrip("0123456789"))),
        float(sum(map(local.count, "._-"))),
        float("+" in local),
        share(sum(letter in _VOWELS for letter in local), letters),
        float(max(map(len, _NO_VOWELS.findall(local)), default=0)),
        float(domain.count(".") + 1),
        math.log1p(len(domain)),
        float(sum(sign.isdigit() or sign == "-" for sign in domain)),
    )


READER: Final = FieldReader(NUMBERS, _read)
