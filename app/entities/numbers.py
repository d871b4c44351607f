"""
Numbers in figures and in words; words are read by text2num.

In figures: alone, with the marks of the language between thousands and before decimals. What is glued to letters or to
other figures (`B737`, `10:30`, `2026-05-01`, `555-1234`), or begins with a 0, is a name and no number. Of words, the
first number alone (`one`, `ein`, `une`) is mostly an article, and ordinals count nothing: neither is found.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from ..domain.entity import EntityValue
from .asked import SPANS_AT_MOST, Asked, Found, Span

_TOKEN: Final = re.compile(r"[^\W\d_]+|\d+|[^\w\s]")
_FIGURES: Final = r"(?<![\w.,:/#−-])(?P<sign>[-−])?(?P<whole>[1-9]\d{{0,2}}(?:[{between}]\d{{3}})+|0|[1-9]\d{{0,14}})(?:[{before}](?P<part>\d{{1,9}}))?(?![\w]|[.,:/−-]\d)"  # noqa: E501 - one expression
_POINT: Final = re.compile(_FIGURES.format(between=",\u00a0\u202f", before="."))
_COMMA: Final = re.compile(_FIGURES.format(between=".\u00a0\u202f", before=","))
_MINUS: Final = {"en": "minus", "de": "minus", "fr": "moins", "es": "menos", "it": "meno", "nl": "min", "pt": "menos"}
_HUNDRED: Final = 100


class _Token:
    """A word as text2num wants it."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def text(self) -> str:
        return self._text

    def nt_separated(self, previous: "_Token") -> bool:  # noqa: ARG002 - its protocol
        return False

    def not_a_number_part(self) -> bool:
        return False


class NumberFinder:
    """Finds numbers in the languages given; figures are read as the first of them writes them."""

    takes_time = False

    def __init__(self, languages: Sequence[str]) -> None:
        from text_to_num import find_numbers  # noqa: PLC0415 - only where numbers are looked for

        self._languages, self._find_numbers = tuple(languages), find_numbers
        self._figures = _POINT if languages[0] == "en" else _COMMA

    def find(self, asked: Asked) -> Found:
        """Find them; in figures where both would do."""
        spans = list(self._in_figures(asked.text))
        taken = {span.start for span in spans}
        tokens = list(_TOKEN.finditer(asked.text))
        for language in self._languages:
            for span in self._in_words(asked.text, tokens, language):
                if span.start not in taken:
                    taken.add(span.start)
                    spans.append(span)
        spans.sort(key=lambda span: (span.start, -span.end))
        spans = list(_times(spans, asked.text))
        return Found(spans[:SPANS_AT_MOST], is_complete=len(spans) <= SPANS_AT_MOST)

    def _in_figures(self, text: str) -> Iterator[Span]:
        for match in self._figures.finditer(text):
            whole = int("".join(filter(str.isdigit, match["whole"])))
            value: int | float = float(f"{whole}.{match['part']}") if match["part"] else whole
            yield Span(match.start(), match.end(), -value if match["sign"] else value)

    def _in_words(self, text: str, tokens: Sequence[re.Match[str]], language: str) -> Iterator[Span]:
        for found in self._find_numbers([_Token(token[0]) for token in tokens], language, threshold=0):
            first, last = tokens[found.start], tokens[found.end - 1]
            words = text[first.start() : last.end()]
            is_one = found.value == 1 and found.end - found.start == 1
            if found.is_ordinal or is_one or any(map(str.isdigit, words)):
                continue
            value = int(found.value) if float(found.value).is_integer() else float(found.value)
            start, before = first.start(), tokens[found.start - 1] if found.start else None
            if before is not None and before[0].lower() == _MINUS[language]:
                start, value = before.start(), -value
            yield Span(start, last.end(), value)


def _times(spans: Sequence[Span], text: str) -> Iterator[Span]:
    """Read figures before a word as `5 million`, and give none that overlaps the one before it."""
    before: Span | None = None
    for span in spans:
        if before is not None and span.start < before.end:
            continue
        between = text[before.end : span.start] if before is not None else ""
        if before is not None and between.isspace() and text[before.end - 1].isdigit() and _is_factor(span, text):
            before = Span(before.start, span.end, _product(before.value, span.value))
            continue
        if before is not None:
            yield before
        before = span
    if before is not None:
        yield before


def _is_factor(span: Span, text: str) -> bool:
    return text[span.start].isalpha() and isinstance(span.value, int) and span.value >= _HUNDRED


def _product(one: EntityValue, other: EntityValue) -> int | float:
    product = round(float(one) * float(other), 6)
    return int(product) if product.is_integer() else product
