"""
Look at data before anything is learned from it.

Errors make a training pointless and end it; warnings are told and kept.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from ..domain.example import Dataset, Example, text_of
from ..domain.training_errors import UnreadableDataError, UnusableDatasetError
from ..text.analyzer import TextAnalyzer, TextConfig
from ..text.normalization import same_form

LONGEST_INTENT: Final = 200
LONGEST_TEXT: Final = 10_000
MOST_ROWS: Final = 2_000_000
_MOST_TOLD: Final = 1_000
"""Of the warnings of a kind; the rest are counted."""
# as a spreadsheet would take it: what begins so, and is no number or name with a sign before it
_FORMULA: Final = re.compile(r"=\s*[\w@+\"'-]|[+@-][^\s]*[(|]")


@dataclass(frozen=True, slots=True)
class DataWarning:
    """Something that a person should look at; `line` is where it was found."""

    source: str
    line: int | None
    message: str

    def __str__(self) -> str:
        """Write it as compilers do."""
        place = self.source if self.line is None else f"{self.source}:{self.line}"
        return f"{place}: {self.message}"


def check_training(dataset: Dataset, text: TextConfig, known: Dataset | None = None) -> list[DataWarning]:
    """
    Check examples to learn from; those of `known` have been learned already, and are added to.

    Raises:
        UnreadableDataError: texts or names of intents that are too long, each with its line.
        UnusableDatasetError: too many rows, fewer than two intents, or no text with a word in it.
    """
    check_size(dataset)
    intents = dataset.intents()
    if known is not None:
        if not dataset.examples and not dataset.out_of_scope:
            raise UnusableDatasetError(dataset.source, "no example")
        intents = sorted({*intents, *known.intents()})
    if len(intents) < 2:  # noqa: PLR2004
        found = f"only the intent {intents[0]!r}" if intents else "no example"
        raise UnusableDatasetError(dataset.source, f"{found}; a model needs examples of two intents or more")
    analyzer = TextAnalyzer(text)
    wordless = [example for example in dataset.examples if not analyzer.words(text_of(example.input))]
    if dataset.examples and len(wordless) == len(dataset.examples):
        raise UnusableDatasetError(dataset.source, "no text has a usable word in it")
    source = dataset.source
    warnings = [DataWarning(source, None, note) for note in dataset.notes]
    warnings += _told(source, (DataWarning(source, e.line, "the text has no usable word") for e in wordless))
    warnings += _told(source, _formulas(dataset))
    warnings += _told(source, _repeated(dataset))
    if known is not None:
        warnings += _told(source, _given_another_intent(dataset, known))
    warnings += _told(source, _nearly_the_same(dataset.source, intents))
    counts = Counter(example.intent for part in (dataset, known) if part for example in part.examples)
    warnings += [
        DataWarning(
            dataset.source,
            None,
            f"intent {intent!r} has one example; it is trained on it and never validated",
        )
        for intent in dataset.intents()
        if counts[intent] == 1
    ]
    return warnings


def check_size(dataset: Dataset) -> None:
    """
    Refuse what is larger than any training data are.

    Raises:
        UnreadableDataError: texts or names of intents that are too long, each with its line.
        UnusableDatasetError: too many rows.
    """
    n_rows = len(dataset.examples) + len(dataset.out_of_scope)
    if n_rows > MOST_ROWS:
        raise UnusableDatasetError(dataset.source, f"{n_rows:,} rows; the limit is {MOST_ROWS:,}")
    problems: list[tuple[int | None, str]] = []
    for example in dataset.examples:
        if len(example.intent) > LONGEST_INTENT:
            n_chars = len(example.intent)
            problems.append((example.line, f"the intent has {n_chars:,} characters; the limit is {LONGEST_INTENT}"))
        if problem := _too_long(text_of(example.input)):
            problems.append((example.line, problem))
    problems += [(None, f"out of scope: {problem}") for text in dataset.out_of_scope if (problem := _too_long(text))]
    if problems:
        raise UnreadableDataError(dataset.source, problems)


def check_test(test: Dataset, training: Dataset) -> list[DataWarning]:
    """
    Check examples to measure with against those that were learned from.

    Raises:
        UnreadableDataError, UnusableDatasetError: there is none, or too much.
    """
    check_size(test)
    if not test.examples:
        raise UnusableDatasetError(test.source, "no example")
    known = set(training.intents())
    unseen = Counter(example.intent for example in test.examples if example.intent not in known)
    warnings = [
        DataWarning(
            test.source, None, f"intent {intent!r} ({count} example{'s' * (count != 1)}) is not in the training data"
        )
        for intent, count in sorted(unseen.items())
    ]
    learned = {same_form(example.input) for example in training.examples} - {""}
    known_texts = (
        DataWarning(test.source, example.line, "the text is in the training data too: it measures memory")
        for example in test.examples
        if same_form(example.input) in learned
    )
    return warnings + _told(test.source, known_texts)


def check_out_of_scope(texts: Sequence[str], source: str, training: Dataset) -> list[DataWarning]:
    """Check texts that no intent is meant for against those that have one."""
    intent_of = {same_form(example.input): example.intent for example in training.examples}
    intent_of.pop("", None)  # without a word they are alike for no reason
    claimed = (
        DataWarning(source, None, f"{text!r} is out of scope here and {intent!r} in the training data")
        for text in texts
        if (intent := intent_of.get(same_form(text)))
    )
    return _told(source, claimed)


def _told(source: str, warnings: Iterator[DataWarning]) -> list[DataWarning]:
    """Keep as many as anybody reads; a file may be wrong in each of a million lines."""
    told = list(islice(warnings, _MOST_TOLD))
    if n_more := sum(1 for _ in warnings):
        told.append(DataWarning(source, None, f"and {n_more:,} more like the last one"))
    return told


def _too_long(text: str) -> str | None:
    return f"the text has {len(text):,} characters; the limit is {LONGEST_TEXT:,}" if len(text) > LONGEST_TEXT else None


def _formulas(dataset: Dataset) -> Iterator[DataWarning]:
    for example in dataset.examples:
        for what, value in (("text", text_of(example.input)), ("intent", example.intent)):
            if _FORMULA.match(value):
                message = f"the {what} begins as a formula does: a spreadsheet that opens an export may run it"
                yield DataWarning(dataset.source, example.line, message)


def _given_another_intent(dataset: Dataset, known: Dataset) -> Iterator[DataWarning]:
    intent_of = {same_form(example.input): example.intent for example in known.examples}
    for example in dataset.examples:
        before = intent_of.get(same_form(example.input), example.intent)
        if before != example.intent:
            message = f"the text is {example.intent!r} here; the model has learned it as {before!r}, and no longer will"
            yield DataWarning(dataset.source, example.line, message)


def _nearly_the_same(source: str, intents: Iterable[str]) -> Iterator[DataWarning]:
    """Tell intents that are another by small and capital letters alone: two to a model, one to who reads them."""
    seen: dict[str, str] = {}
    for intent in intents:
        first = seen.setdefault(intent.casefold(), intent)
        if first != intent:
            yield DataWarning(source, None, f"intents {first!r} and {intent!r} are written alike but for capitals")


def _repeated(dataset: Dataset) -> Iterator[DataWarning]:
    by_text: dict[str, list[Example]] = defaultdict(list)
    for example in dataset.examples:
        by_text[same_form(example.input)].append(example)
    by_text.pop("", None)  # without a word they are alike for no reason
    for examples in by_text.values():
        first, *others = examples
        for other in others:
            if other.intent == first.intent:
                message = f"the text stands in line {first.line} already"
            else:
                message = f"the text is {other.intent!r} here and {first.intent!r} in line {first.line}"
            yield DataWarning(dataset.source, other.line, message)
