"""
What of a text looks like a date.

dateparser reads far more than people mean ("may", "on", "sat"); it is asked only about:

1. figures: `2026-05-01`, with or without a time, `1.5.2026`, `5/1/2026`;
2. a month's name with a day or a year, or both, in any order that is written, perhaps after a weekday;
3. a weekday written out, alone or with words like "next" beside it;
4. words for days, weeks, months and years seen from today ("tomorrow", "next week"), and counts of them ("in 3 days").

A time ("at 5 pm") or a part of the day directly behind one of these belongs to it. A month, a time or a year alone is
none, and neither is a short weekday ("sat").

Names and words are those of dateparser's own tables of the language; what those lack stands below.
"""

import importlib
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

_MONTHS: Final = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
_WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_PARTS_OF_DAY: Final = ("early_morning", "morning", "afternoon", "evening", "night")
_SPANS: Final = ("day", "week", "month", "year")
_COUNTED: Final = (*_SPANS, "hour", "minute")
_LETTERS_OF_A_WEEKDAY: Final = 5
_LETTERS_OF_A_UNIT: Final = 3


class _Words(NamedTuple):
    """What dateparser's tables do not tell of a language."""

    before: tuple[str, ...] = ()
    """Words before a weekday that say which."""
    after: tuple[str, ...] = ()
    of: tuple[str, ...] = ()
    """Between a day, its month and its year, and before a weekday's day."""
    at: tuple[str, ...] = ()
    more: tuple[str, ...] = ()
    """Further words for days seen from today."""
    not_behind: Mapping[str, tuple[str, ...]] = {}
    """Words that mean a day seen from today, but not behind these."""
    no_weekdays: tuple[str, ...] = ()
    """Names of weekdays that mostly mean something else."""


_MORNING: Final = {
    "morgen": ("guten ", "schönen ", "am ", "jeden ", "heute ", "gestern ", "goede ", "elke ", "van ", "der ")
}
_OF_LANGUAGES: Final[Mapping[str, _Words]] = {
    "en": _Words(("next", "last", "this", "coming", "past", "every"), (), ("of", "the"), ("at", "@"), ("tonight",)),
    "de": _Words(
        ("nächste[nrms]?", "kommende[nrms]?", "letzte[nrms]?", "vorige[nrms]?", "diese[nrms]?", "jede[nrms]?"),
        (), ("den", "dem", "der"), ("um", "gegen"), (), _MORNING,
    ),
    "es": _Words(
        ("próximo", "pasado", "este", "cada"), ("próximo", "pasado", "que viene"), ("de", "del", "el"),
        ("a las", "a la"), (), {"mañana": ("la ", "esta ", "cada ", "buena ")},
    ),
    "fr": _Words((), ("prochain", "dernier"), ("le", "de"), ("à", "vers")),
    "it": _Words(
        ("prossimo", "scorso", "questo", "ogni"), ("prossimo", "scorso"), ("il", "di", "del"), ("alle", "all'"),
    ),
    "nl": _Words(("volgende", "vorige", "komende", "deze", "elke"), (), ("de", "van"), ("om",), (), _MORNING),
    "pt": _Words(
        ("próxima", "passada", "esta", "cada"), ("próxima", "passada", "que vem"), ("de", "do"), ("às", "as"),
        no_weekdays=("Segunda", "Terça", "Quarta", "Quinta", "Sexta"),
    ),
}  # fmt: skip

_BLANK: Final = r"\s{1,3}"
_DAY: Final = r"(?:[12]\d|3[01]|0?[1-9])(?:st|nd|rd|th|er|º|\.)?(?!\d)"
_YEAR: Final = r"(?:19|20|21)\d\d(?!\d)"
_CLOCK: Final = r"(?:[01]?\d|2[0-3])"
_TIME: Final = (
    rf"(?:{_CLOCK}(?:[:.][0-5]\d)?\s?(?:am|pm|a\.m\.|p\.m\.|uhr)(?!\w)"
    rf"|{_CLOCK}\s?h(?:[0-5]\d)?(?!\w)|{_CLOCK}:[0-5]\d(?!\d))"
)
_ISO: Final = r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:?\d\d)?)?"
_FIGURES: Final = r"(?:[12]\d|3[01]|0?[1-9])([./-])(?:[12]\d|3[01]|0?[1-9])\1(?:19|20|21)\d\d"
_ORDINAL_BEHIND: Final = r"(?!,?\s{1,3}(?:the\s{1,3})?\d{1,2}(?:st|nd|rd|th)\b)"


def date_pattern(language: str) -> re.Pattern[str]:
    """Give what finds candidates in a language: the group `core`, and with a time or a part of the day all of it."""
    info: dict[str, Any] = importlib.import_module(f"dateparser.data.date_translation_data.{language}").info
    words = _OF_LANGUAGES[language]
    month = rf"{_any(name for key in _MONTHS for name in info[key])}(?!\w)\.?"
    weekdays = [name for key in _WEEKDAYS for name in info[key] if name not in words.no_weekdays]
    weekday = _any(name for name in weekdays if len(name) >= _LETTERS_OF_A_WEEKDAY)
    of = rf"(?:{_any(words.of)}{_BLANK})?"
    # a short one is no candidate, and yet belongs to the day of a month that follows it
    any_weekday = rf"(?:{_any(weekdays)}(?!\w)\.?,?{_BLANK}{of})?"
    year = rf"(?:,?{_BLANK}{of}{_YEAR})?"
    before = rf"(?:{_either(words.before)}{_BLANK})?" if words.before else ""
    after = rf"(?:{_BLANK}{_any(words.after)}(?!\w))?" if words.after else ""
    core = [
        _ISO,
        _FIGURES,
        rf"{any_weekday}{_DAY}{_BLANK}{of}{month}{year}",
        rf"{any_weekday}{month}{_BLANK}{of}{_DAY}(?!\w){year}",
        rf"{month}{_BLANK}{of}{_YEAR}",
        *_counted(info),
        _seen_from_today(info, words),
        rf"{before}{weekday}(?!\w){after}{_ORDINAL_BEHIND}",
    ]
    parts = [name for key in _PARTS_OF_DAY for name in info.get(key, ())]
    at = rf",?(?:{_BLANK}{_any(words.at)})?{_BLANK}(?P<time>{_TIME})"
    tail = rf"(?:{at}|{_BLANK}{_any(parts)})?" if parts else rf"(?:{at})?"
    return re.compile(rf"(?<![\w.,:/-])(?P<core>{_numbered(core)}){tail}(?!\w|[-/]\w|[.:]\d)", re.IGNORECASE)


def _seen_from_today(info: Mapping[str, Any], words: _Words) -> str:
    """Match "tomorrow" and "next week", and what a weekday is called by with "next" before it."""
    phrases = [
        phrase
        for meaning, ways in info["relative-type"].items()
        if any(re.search(rf"\d {span}\b", meaning) for span in _SPANS)
        for phrase in ways
    ]
    plain = [phrase for phrase in (*phrases, *words.more) if phrase not in words.not_behind]
    guarded = [
        "".join(rf"(?<!{re.escape(bad)})" for bad in behind) + re.escape(phrase)
        for phrase, behind in words.not_behind.items()
    ]
    return rf"(?:{_either([_any(plain), *guarded])})(?!\w)"


def _counted(info: Mapping[str, Any]) -> Iterable[str]:
    """Match "in 3 days" and "two weeks ago", as dateparser's own expressions do, but with units written out."""
    small = [word for one in info.get("simplifications") or () for word, figure in one.items() if figure.isdigit()]
    count = rf"(?:\d{{1,4}}|{_any(word for word in small if word.isalpha())})" if small else r"\d{1,4}"
    for meaning, ways in info["relative-type-regex"].items():
        if not any(meaning.removeprefix("in ").startswith(rf"\1 {unit}") for unit in _COUNTED):
            continue
        for way in ways:
            said = re.sub(r"\((?:\\d|\\.|[^()])*\)", "#", way)
            letters = re.findall(r"#\s?([^\W\d_]+)", said.replace(r"\s*", " "))
            if "#" in said and letters and len(letters[0]) >= _LETTERS_OF_A_UNIT and "\\" not in said:
                yield re.escape(said).replace("\\ ", _BLANK).replace("\\#", "#").replace("#", count) + r"(?!\w)"


def _any(words: Iterable[str]) -> str:
    """Match any of these words, the longest first."""
    return _either([re.escape(word).replace("\\ ", _BLANK) for word in sorted(set(words), key=len, reverse=True)])


def _either(patterns: Sequence[str]) -> str:
    return f"(?:{'|'.join(patterns)})"


def _numbered(patterns: Sequence[str]) -> str:
    """Join alternatives; the one with a group of its own gets the number that the group has among all."""
    return _either(patterns).replace(r"\1", r"\2")
