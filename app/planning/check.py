"""Read and check the data of a plan, before anything is learned."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from ..data.lint import DataWarning, check_out_of_scope, check_test, check_training
from ..data.reader import read_dataset
from ..data.texts import read_texts
from ..domain.example import Dataset, Example
from ..pipeline.artifacts import config_yaml, replies_json
from ..registry.verified_files import sha256
from .plan import TrainingPlan


@dataclass(frozen=True, slots=True)
class CheckedPlan:
    """A plan whose data were read and found fit to learn from."""

    plan: TrainingPlan
    training: Dataset
    test: Dataset | None
    warnings: tuple[DataWarning, ...] = ()
    out_of_scope: tuple[str, ...] = ()
    """Texts to learn "none of these" from."""
    out_of_scope_test: tuple[str, ...] = ()

    def hashes(self) -> dict[str, str | None]:
        """Give the digests of everything that decides what training comes to."""
        return {
            "config": sha256(config_yaml(self.plan.config)),
            "dataset": sha256(jsonl(self.training.examples)),
            "replies": sha256(replies_json(self.training.replies)),
            "test": sha256(jsonl(self.test.examples)) if self.test else None,
            "out_of_scope": sha256("\n".join(self.out_of_scope).encode()) if self.out_of_scope else None,
            "out_of_scope_test": sha256("\n".join(self.out_of_scope_test).encode()) if self.out_of_scope_test else None,
        }


def check_plan(plan: TrainingPlan) -> CheckedPlan:
    """
    Read and check the data of a plan.

    Raises:
        DatasetError: they cannot be used.
    """
    training = read_dataset(plan.data, plan.data_format, header=plan.header)
    warnings = check_training(training, plan.config.text)
    test = None
    if plan.test is not None:
        # a test file need not be of the training file's format: its own content says what it is, heading included
        test = read_dataset(plan.test)
        warnings += check_test(test, training)
    out_of_scope = read_texts(plan.out_of_scope) if plan.out_of_scope else ()
    warnings += check_out_of_scope(out_of_scope, str(plan.out_of_scope), training)
    out_of_scope_test = read_texts(plan.out_of_scope_test) if plan.out_of_scope_test else ()
    warnings += check_out_of_scope(out_of_scope_test, str(plan.out_of_scope_test), training)
    return CheckedPlan(plan, training, test, tuple(warnings), out_of_scope, out_of_scope_test)


def jsonl(examples: Sequence[Example]) -> bytes:
    """Write examples one a line, as a version keeps them."""
    lines = [json.dumps({"text": e.input, "intent": e.intent}, ensure_ascii=False) for e in examples]
    return ("\n".join(lines) + "\n").encode()
