"""The checks of models, and versions held against them."""

import logging
import math
from collections.abc import Callable, Sequence
from typing import TypeAlias

from ..domain.damage_errors import DamagedModelError
from ..domain.errors import ModelUnavailableError, NotFoundError, ParleyError
from ..domain.example import Example
from ..domain.prediction import Prediction
from ..domain.version_errors import UnservableVersionError
from ..evaluation.checks import Checks, from_content, to_content
from ..evaluation.difference import AskedText, Difference, differences
from ..evaluation.gate import Answers, Verdict, judge
from ..registry.model_registry import ModelRegistry
from .model_state import LoadedModel

_log = logging.getLogger(__name__)

LoadVersion: TypeAlias = Callable[[str, int], LoadedModel]
"""Verifies, builds and tries a version, for nobody but the caller; raises what `ModelLoader.load` raises."""
RecentTexts: TypeAlias = Callable[[str, int], Sequence[str]]
"""Gives texts that a model was asked lately, at the most so many, the newest first."""


class Gatekeeper:
    """Keeps checks, and judges by them; safe to share between threads."""

    def __init__(self, registry: ModelRegistry, load: LoadVersion) -> None:
        self._registry, self._load = registry, load

    def checks(self, name: str) -> tuple[int, Checks]:
        """
        Give the checks of a model and their number, 0 and empty ones where none were kept.

        Raises:
            InvalidModelNameError, ModelNotFoundError: there is no such model.
            ModelUnavailableError: they cannot be trusted.
        """
        try:
            found = self._registry.read_checks(name)
            return (found[0], from_content(found[1])) if found else (0, Checks())
        except DamagedModelError as error:
            raise ModelUnavailableError(name, str(error)) from error

    def keep(self, name: str, checks: Checks) -> int:
        """
        Keep checks from now on, and give their number.

        Raises:
            InvalidModelNameError, ModelNotFoundError: there is no such model.
            InvalidChecksError: they hold what no file can.
        """
        return self._registry.write_checks(name, to_content(checks))

    def keep_test(self, name: str, examples: Sequence[Example]) -> bool:
        """Make these the test set of a model where they are not, leave all else as it is, and say which was so."""
        _, checks = self.checks(name)
        changed = checks.with_test(examples)
        if changed == checks:
            return False
        self.keep(name, changed)
        return True

    def open(self, name: str, version: int) -> LoadedModel:
        """
        Load a version that is to answer.

        Raises:
            ModelNotFoundError, VersionNotFoundError: there is none.
            UnservableVersionError: it cannot answer.
        """
        try:
            return self._load(name, version)
        except DamagedModelError as error:
            raise UnservableVersionError(name, version, str(error)) from error

    def judge(self, candidate: LoadedModel, active: int | None) -> Verdict | None:
        """
        Hold a version against the checks of its model and the active version; None where there are no checks.

        Raises:
            UnservableVersionError: it answers with what is no number.
            ModelUnavailableError: the checks cannot be trusted.
        """
        _, checks = self.checks(candidate.name)
        if checks.is_empty:
            return None
        answers = _answers(candidate, checks)
        if not all(math.isfinite(answer.confidence) for answer in (*answers.test, *answers.must)):
            problem = "it answers a text of its checks with what is no number"
            raise UnservableVersionError(candidate.name, candidate.version, problem)
        return judge(checks, answers, self._answers_of_active(candidate.name, active, checks))

    def compare(self, name: str, before: int, after: int, live: Sequence[str]) -> tuple[int, list[Difference]]:
        """
        Ask two versions the test set and these texts, and give how many were asked and what they differ in.

        Raises:
            ModelNotFoundError, VersionNotFoundError, UnservableVersionError: there is none that can be asked.
        """
        _, checks = self.checks(name)
        tested = [AskedText(example.text, "test", example.intent) for example in checks.test]
        known = {asked.text for asked in tested}
        asked = tested + [AskedText(text, "live") for text in dict.fromkeys(live) if text not in known]
        texts = [text.text for text in asked]
        answers = [_ask(self.open(name, version), texts) for version in (before, after)]
        return len(asked), differences(asked, *answers)

    def _answers_of_active(self, name: str, active: int | None, checks: Checks) -> Answers | None:
        if active is None:
            return None
        try:
            return _answers(self._load(name, active), checks)
        except (DamagedModelError, NotFoundError) as error:
            _log.warning("model %r: nothing to compare with, for its active version cannot answer: %s", name, error)
            return None


def _answers(model: LoadedModel, checks: Checks) -> Answers:
    must = _ask(model, [case.text for case in checks.must])
    return Answers(_ask(model, [example.text for example in checks.test]), must)


def _ask(model: LoadedModel, texts: Sequence[str]) -> list[Prediction]:
    try:
        return model.pipeline.predict(texts, top_k=1) if texts else []
    except ParleyError:
        raise
    except Exception as error:
        problem = f"it does not answer a text of its checks ({type(error).__name__})"
        raise UnservableVersionError(model.name, model.version, problem) from error
