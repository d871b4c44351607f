"""Read and check data, before anything is learned."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ..data.formats.annotations import annotated
from ..data.lint import DataWarning, check_out_of_scope, check_test, check_training
from ..data.reader import read_dataset
from ..data.texts import read_texts
from ..domain.example import Dataset, Example, record_of, text_of
from ..entities.declaration import entities_json
from ..families.model_config import ModelConfig
from ..pipeline.artifacts import config_yaml, replies_json
from ..registry.verified_files import sha256
from .inputs import check_fields, fitted
from .merge import merge
from .plan import TrainingPlan


@dataclass(frozen=True, slots=True)
class CheckedPlan:
    """A model to be trained, and data that were found fit to learn from, wherever they came from."""

    name: str
    config: ModelConfig
    training: Dataset
    test: Dataset | None = None
    warnings: tuple[DataWarning, ...] = ()
    out_of_scope_test: tuple[str, ...] = ()
    architecture: Path | None = None
    """A Python file whose `build` makes the network, where the family's own is not wanted."""

    def hashes(self) -> dict[str, str | None]:
        """Give the digests of everything that decides what training comes to."""
        out_of_scope, entities = self.training.out_of_scope, self.config.entities
        return {
            "config": sha256(config_yaml(self.config)),
            "dataset": sha256(jsonl(self.training.examples)),
            "replies": sha256(replies_json(self.training.replies)),
            "test": sha256(jsonl(self.test.examples)) if self.test else None,
            "out_of_scope": sha256("\n".join(out_of_scope).encode()) if out_of_scope else None,
            "out_of_scope_test": sha256("\n".join(self.out_of_scope_test).encode()) if self.out_of_scope_test else None,
            **({"entities": sha256(entities_json(entities))} if entities else {}),
        }


def check_plan(plan: TrainingPlan, known: Dataset | None = None) -> CheckedPlan:
    """
    Read and check the data of a plan; `known` as `check_data` takes it.

    Raises:
        DatasetError: they cannot be used.
    """
    training = read_dataset(plan.data, plan.data_format, header=plan.header)
    if plan.out_of_scope:
        training = replace(training, out_of_scope=training.out_of_scope + read_texts(plan.out_of_scope))
    return check_data(
        plan.name,
        plan.config,
        training,
        # a test file need not be of the training file's format: its own content says what it is, heading included
        read_dataset(plan.test) if plan.test else None,
        known=known,
        out_of_scope_test=read_texts(plan.out_of_scope_test) if plan.out_of_scope_test else (),
        out_of_scope_source=str(plan.out_of_scope) if plan.out_of_scope else None,
        out_of_scope_test_source=str(plan.out_of_scope_test) if plan.out_of_scope_test else None,
    )


def check_data(  # noqa: PLR0913 - the sources only name files in warnings
    name: str,
    config: ModelConfig,
    training: Dataset,
    test: Dataset | None = None,
    *,
    known: Dataset | None = None,
    out_of_scope_test: Sequence[str] = (),
    out_of_scope_source: str | None = None,
    out_of_scope_test_source: str | None = None,
) -> CheckedPlan:
    """
    Check data that were read.

    Args:
        name: of the model.
        config: of the model, settled.
        training: what to learn from.
        test: what to measure with; texts out of scope in it are added to those below.
        known: what the version has learned that the training is to continue from, where there is one.
        out_of_scope_test: texts to measure abstention with.
        out_of_scope_source: names the file of the texts out of scope in warnings, where it is one of their own.
        out_of_scope_test_source: the same of those to measure with.

    Raises:
        DatasetError: they cannot be used.
    """
    training = fitted(config, training)
    test = fitted(config, test) if test else None
    warnings = check_training(training, config.text, known) + check_fields(config, training)
    everything = merge(known, training).dataset if known else training
    asked_outside = tuple(out_of_scope_test)
    if test is not None:
        warnings += check_test(test, everything)
        asked_outside += test.out_of_scope
    warnings += check_out_of_scope(training.out_of_scope, out_of_scope_source or training.source, training)
    test_source = out_of_scope_test_source or (test.source if test else "test")
    warnings += check_out_of_scope(asked_outside, test_source, everything)
    return CheckedPlan(name, config, training, test, tuple(warnings), asked_outside)


def jsonl(examples: Sequence[Example], out_of_scope: Sequence[str] = ()) -> bytes:
    """Write examples one a line, as a version keeps them; what no intent is meant for stands after them."""
    are_records = any(not isinstance(example.input, str) for example in examples)
    key = "record" if are_records else "text"
    read = record_of if are_records else text_of
    rows = [{key: read(text_of(e.input)), "intent": e.intent, **annotated(e)} for e in examples]
    rows += [{key: read(text), "intent": None} for text in out_of_scope]
    return ("\n".join([json.dumps(row, ensure_ascii=False) for row in rows]) + "\n").encode()
