"""
Look at data before anything is learned from it.

Errors make a training pointless and end it; warnings are told and kept.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..domain.example import Dataset, Example
from ..domain.training_errors import UnusableDatasetError
from ..text.analyzer import TextAnalyzer, TextConfig
from ..text.normalization import normalize


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


def check_training(dataset: Dataset, text: TextConfig) -> list[DataWarning]:
    """
    Check examples to learn from.

    Raises:
        UnusableDatasetError: fewer than two intents, or no text with a word in it.
    """
    intents = dataset.intents()
    if len(intents) < 2:  # noqa: PLR2004
        found = f"only the intent {intents[0]!r}" if intents else "no example"
        raise UnusableDatasetError(dataset.source, f"{found}; a model needs examples of two intents or more")
    analyzer = TextAnalyzer(text)
    wordless = [example for example in dataset.examples if not analyzer.words(str(example.input))]
    if len(wordless) == len(dataset.examples):
        raise UnusableDatasetError(dataset.source, "no text has a usable word in it")
    warnings = [DataWarning(dataset.source, example.line, "the text has no usable word") for example in wordless]
    warnings += _repeated(dataset)
    counts = Counter(example.intent for example in dataset.examples)
    warnings += [
        DataWarning(
            dataset.source,
            None,
            f"intent {intent!r} has one example; it is trained on it and never validated",
        )
        for intent, count in sorted(counts.items())
        if count == 1
    ]
    return warnings


def check_test(test: Dataset, training: Dataset) -> list[DataWarning]:
    """
    Check examples to measure with against those that were learned from.

    Raises:
        UnusableDatasetError: there is none.
    """
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
    learned = {normalize(str(example.input)) for example in training.examples} - {""}
    warnings += [
        DataWarning(test.source, example.line, "the text is in the training data too: it measures memory")
        for example in test.examples
        if normalize(str(example.input)) in learned
    ]
    return warnings


def check_out_of_scope(texts: Sequence[str], source: str, training: Dataset) -> list[DataWarning]:
    """Check texts that no intent is meant for against those that have one."""
    intent_of = {normalize(str(example.input)): example.intent for example in training.examples}
    intent_of.pop("", None)  # without a word they are alike for no reason
    return [
        DataWarning(source, None, f"{text!r} is out of scope here and {intent!r} in the training data")
        for text in texts
        if (intent := intent_of.get(normalize(text)))
    ]


def _repeated(dataset: Dataset) -> Iterator[DataWarning]:
    by_text: dict[str, list[Example]] = defaultdict(list)
    for example in dataset.examples:
        by_text[normalize(str(example.input))].append(example)
    by_text.pop("", None)  # without a word they are alike for no reason
    for examples in by_text.values():
        first, *others = examples
        for other in others:
            if other.intent == first.intent:
                message = f"the text stands in line {first.line} already"
            else:
                message = f"the text is {other.intent!r} here and {first.intent!r} in line {first.line}"
            yield DataWarning(dataset.source, other.line, message)
