"""
The gate, which judges whether a version is good enough to take the place of the one that answers.

What counts is what a client is told: a text is right where the intent that is named is the right one. A model that has
become shy is worse than one that was not, however it ranks intents.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ..domain.prediction import Prediction
from ..domain.quotation import shortened
from .checks import Checks

_TEXTS_SHOWN: Final = 3
_A_FEW: Final = 2  # examples of an intent that have to be wrong before it counts
_ROUNDING: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Answers:
    """What a version answers to the texts of the checks, in their order."""

    test: Sequence[Prediction]
    must: Sequence[Prediction]


@dataclass(frozen=True, slots=True)
class Regression:
    """Something that is worse than allowed; the sentence quotes texts of the checks."""

    intent: str | None
    """The intent that it is about, where it is about one."""
    sentence: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the gate found."""

    regressions: tuple[Regression, ...] = ()
    accuracy: float | None = None
    """The share of the test set that the version answers rightly; None without a test set."""
    accuracy_before: float | None = None
    """That of the active version; None where none is."""

    @property
    def is_better(self) -> bool:
        """Whether the version does better on the test set than the active one, and nothing speaks against it."""
        if self.regressions or self.accuracy is None:
            return False
        return self.accuracy_before is None or self.accuracy > self.accuracy_before + _ROUNDING

    @property
    def sentences(self) -> tuple[str, ...]:
        """Give what is worse, a sentence each."""
        return tuple([regression.sentence for regression in self.regressions])


def judge(checks: Checks, candidate: Answers, active: Answers | None) -> Verdict:
    """Hold a version against the checks, and on the test set against the active one, where there is one."""
    broken = _broken_cases(checks, candidate.must)
    if not checks.test:
        return Verdict(tuple(broken))
    right = _right(checks, candidate.test)
    accuracy = sum(right) / len(right)
    if active is None:
        return Verdict(tuple(broken), accuracy)
    right_before = _right(checks, active.test)
    before = sum(right_before) / len(right_before)
    worse = _worse_intents(checks, candidate.test, right, right_before)
    if before - accuracy > checks.allowance.accuracy + _ROUNDING:
        sentence = (
            f"{sum(right)} of {len(right)} test texts are answered rightly ({accuracy:.1%}), {sum(right_before)} by "
            f"the active version ({before:.1%}); at most {checks.allowance.accuracy:.1%} less is allowed"
        )
        worse = [Regression(None, sentence), *worse]
    return Verdict((*broken, *worse), accuracy, before)


def _broken_cases(checks: Checks, answers: Sequence[Prediction]) -> list[Regression]:
    return [
        Regression(
            case.intent,
            f"{shortened(case.text)} must {_always(case.intent)}, and is answered {_told(answer.intent)}",
        )
        for case, answer in zip(checks.must, answers, strict=True)
        if answer.intent != case.intent
    ]


def _always(intent: str | None) -> str:
    return "not be answered" if intent is None else f"be {intent!r}"


def _told(intent: str | None) -> str:
    return "by no intent" if intent is None else f"{intent!r}"


def _right(checks: Checks, answers: Sequence[Prediction]) -> list[bool]:
    return [example.intent == answer.intent for example, answer in zip(checks.test, answers, strict=True)]


def _worse_intents(
    checks: Checks, answers: Sequence[Prediction], right: Sequence[bool], right_before: Sequence[bool]
) -> list[Regression]:
    rows_of = defaultdict(list)
    for row, example in enumerate(checks.test):
        rows_of[example.intent].append(row)
    worse = []
    for intent, rows in sorted(rows_of.items()):
        now, before = sum(right[row] for row in rows), sum(right_before[row] for row in rows)
        if before - now >= _A_FEW and (before - now) / len(rows) > checks.allowance.intent + _ROUNDING:
            lost = [row for row in rows if right_before[row] and not right[row]]
            changed = ", ".join(
                f"{shortened(checks.test[row].text)} is now {_told(answers[row].intent)}" for row in lost[:_TEXTS_SHOWN]
            )
            sentence = f"intent {intent!r}: {now} of {len(rows)} test texts are right, {before} before; {changed}"
            worse.append(Regression(intent, sentence))
    return worse
