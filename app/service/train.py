"""
A training that somebody asks for: what of it is wrong is told at once, the rest becomes a job.

The examples that come along change the draft of the model (domain/draft.py) once the job is queued, and the job
carries a snapshot of what it learns from: whoever edits the draft meanwhile changes nothing about it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, BinaryIO, Protocol

import msgspec

from ..data.lint import check_size
from ..data.reader import DataFormat, read_dataset_text
from ..data.snapshot import to_bytes
from ..data.text_file import decoded
from ..domain.damage_errors import DamagedModelError
from ..domain.errors import (
    AliasNotFoundError,
    ConfigurationError,
    InvalidRequestError,
    ModelNotFoundError,
    ParleyError,
)
from ..domain.example import Dataset, Example, Input, text_of
from ..domain.job import Activation, Job, TrainingMode, TrainingOrder
from ..domain.model_reference import check_model_name
from ..domain.training_errors import UnreadableDataError, UntrainableOrderError
from ..families.model_config import ModelConfig
from ..planning.check import check_data
from ..planning.inherited import changed_config
from ..planning.inputs import fitted
from ..planning.merge import merge
from ..planning.plan import settle_config

_WHERE = "the request"


class Queue(Protocol):
    """Where jobs are queued; see jobs.py."""

    def submit(  # noqa: D102
        self, order: TrainingOrder, caller: str, snapshot: bytes, warnings: Sequence[str], idempotency_key: str | None
    ) -> tuple[Job, bool]: ...
    def cancel(self, job_id: str, caller: str) -> Job: ...  # noqa: D102


class Drafts(Protocol):
    """What models learn from next."""

    def replace(self, model: str, dataset: Dataset, source: str, caller: str) -> object: ...  # noqa: D102
    def add(self, model: str, dataset: Dataset, source: str, caller: str) -> object: ...  # noqa: D102
    def snapshot(self, model: str) -> Dataset: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Versions:
    """What is known of models that there are."""

    config: Callable[[str], Mapping[str, Any]]
    """Gives the configuration that a model would be trained with, or nothing of a new one."""
    dataset: Callable[[str], Dataset | None]
    """Gives what the active version of a model was trained on; None where it keeps no dataset."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody asks for; what is None is as it was."""

    model: str
    mode: TrainingMode = TrainingMode.FULL
    activate: Activation = Activation.YES
    family: str | None = None
    config: Mapping[str, Any] = field(default_factory=dict)
    callback_url: str | None = None
    idempotency_key: str | None = None


class Train:
    """Makes jobs of wishes; safe to share between threads."""

    def __init__(
        self,
        queue: Queue,
        drafts: Drafts,
        versions: Versions,
        check_callback: Callable[[str], None],
    ) -> None:
        """`check_callback` refuses addresses that are not to be called."""
        self._queue, self._drafts, self._versions = queue, drafts, versions
        self._check_callback = check_callback

    def submit(self, wish: Wish, dataset: Dataset | None, source: str, caller: str) -> Job:
        """
        Queue a training.

        Args:
            wish: what is asked for.
            dataset: the examples that come along; without any, the draft is learned from as it stands.
            source: where they come from, as the draft has it.
            caller: who asks.

        Raises:
            InvalidModelNameError, UntrainableOrderError, DatasetError: nothing can be trained from this; nothing was
                changed.
            QueueFullError: too many wait already.
            StorageUnavailableError: the job cannot be kept.
        """
        check_model_name(wish.model)
        if wish.callback_url is not None:
            self._check_callback(wish.callback_url)
        config = self._config(wish)
        is_full = wish.mode is TrainingMode.FULL
        snapshot, warnings = (self._all if is_full else self._more)(wish.model, config, dataset)
        settings = msgspec.to_builtins(config)
        stored = to_bytes(snapshot, settings.pop("entities"))  # lists of names are no settings that a job is told by
        order = TrainingOrder(wish.model, settings, wish.mode, wish.activate, wish.callback_url)
        job, is_new = self._queue.submit(order, caller, stored, warnings, wish.idempotency_key)
        if is_new and dataset is not None:
            change = self._drafts.replace if is_full else self._drafts.add
            try:
                change(wish.model, dataset, source, caller)
            except ParleyError:  # nothing is to be trained on what could not be kept
                self._queue.cancel(str(job.id), caller)
                raise
        return job

    def _config(self, wish: Wish) -> ModelConfig:
        try:
            return settle_config(changed_config(self._versions.config(wish.model), wish.family, wish.config), _WHERE)
        except ConfigurationError as error:
            raise UntrainableOrderError(str(error), field="config") from None

    def _all(self, model: str, config: ModelConfig, dataset: Dataset | None) -> tuple[Dataset, list[str]]:
        """Give what came along, or the draft."""
        snapshot = self._drafts.snapshot(model) if dataset is None else dataset
        if dataset is None and not snapshot.examples:
            raise UntrainableOrderError(f"model {model!r} has no examples yet; send some", field="examples")
        return snapshot, [str(warning) for warning in check_data(model, config, snapshot).warnings]

    def _more(self, model: str, config: ModelConfig, dataset: Dataset | None) -> tuple[Dataset, list[str]]:
        """Give what came along, or what of the draft the active version has not learned."""
        learned = self._learned(model, config)
        given = fitted(config, self._drafts.snapshot(model) if dataset is None else dataset)
        check_size(given)
        merged = merge(learned, given)
        if merged.is_empty:
            problem = "there is nothing among them that the active version has not learned"
            raise UntrainableOrderError(problem, field="examples")
        fresh = replace(given, examples=merged.added, out_of_scope=merged.added_out_of_scope)
        return fresh, [str(warning) for warning in check_data(model, config, fresh, known=learned).warnings]

    def _learned(self, model: str, config: ModelConfig) -> Dataset:
        try:
            learned = self._versions.dataset(model)
        except (ModelNotFoundError, AliasNotFoundError):
            problem = f"model {model!r} has no active version to continue from; train it in full first"
            raise UntrainableOrderError(problem, field="mode") from None
        except DamagedModelError as error:
            problem = f"the active version of {model!r} cannot be continued from: {error}; train it in full"
            raise UntrainableOrderError(problem, field="mode") from None
        if learned is None:
            problem = f"the active version of {model!r} keeps no dataset to rehearse; train it in full"
            raise UntrainableOrderError(problem, field="mode")
        known = self._versions.config(model)
        if known.get("family") != config.family:
            problem = f"a {known.get('family')} model cannot go on as {config.family}; train it in full"
            raise UntrainableOrderError(problem, field="family")
        return learned


def dataset_of_inputs(inputs: Iterable[tuple[Input, str | None]], source: str) -> Dataset:
    """
    Make a dataset of texts or records and their intents; None is out of scope.

    Raises:
        UnreadableDataError: a text or an intent that is empty, each with its place.
    """
    examples: list[Example] = []
    outside: list[str] = []
    problems: list[tuple[int | None, str]] = []
    for number, (given, intent) in enumerate(inputs, 1):
        one = given.strip() if isinstance(given, str) else given
        if one == "" or (intent is not None and not intent.strip()):
            problems.append((number, "the text is empty" if one == "" else "the intent is empty"))
        elif intent is None:
            outside.append(text_of(one))
        else:
            examples.append(Example(one, intent.strip(), number))
    if problems:
        raise UnreadableDataError(source, problems)
    return Dataset(tuple(examples), source=source, out_of_scope=tuple(outside))


def dataset_of_file(file: BinaryIO, name: str, data_format: str, header: str | None) -> Dataset:
    """
    Read an uploaded file.

    Raises:
        InvalidRequestError: no such format, or `header` is neither true nor false.
        UnreadableDataError: places in it are wrong (each with its line).
    """
    if data_format not in list(DataFormat):
        raise InvalidRequestError(f"format: expected {', '.join(DataFormat)}", field="format")
    if header not in (None, "true", "false"):
        raise InvalidRequestError("header: expected true or false", field="header")
    has_header = None if header is None else header == "true"
    return read_dataset_text(decoded(file.read(), name), name, DataFormat(data_format), header=has_header)
