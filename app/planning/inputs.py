"""
Give a model inputs of the kind that it takes, wherever they come from.

Drafts, checks and snapshots hold texts only; a record stands there as its JSON. Here those become records again, and
what is of the other kind is refused.
"""

from collections import defaultdict
from dataclasses import replace
from typing import Final

from ..data.lint import DataWarning
from ..domain.example import Dataset, Example, InputKind, record_of, text_of
from ..domain.training_errors import UnreadableDataError, UnusableDatasetError
from ..families.catalogue import family_named
from ..families.model_config import ModelConfig
from ..families.record import RecordConfig
from ..families.record_fields import RecordFields
from .auto_config import AUTO

_FIELDS_TOLD: Final = 50


def kind_of(config: ModelConfig) -> InputKind:
    """Say what a model of that configuration takes."""
    return InputKind.TEXT if config.family == AUTO else family_named(config.family).features.input_kind


def fitted(config: ModelConfig, dataset: Dataset) -> Dataset:
    """
    Give a dataset with inputs of the kind that the model takes; texts that are the JSON of records become those.

    Raises:
        UnreadableDataError: some are of the other kind, each with its line.
        UnusableDatasetError: the configuration of a record model names no field.
    """
    if kind_of(config) is InputKind.TEXT:
        problem = f"a record, where the family {config.family!r} takes texts"
        _refuse(dataset, [(e.line, problem) for e in dataset.examples if not isinstance(e.input, str)])
        return dataset
    if isinstance(config, RecordConfig) and not config.fields:
        raise UnusableDatasetError(dataset.source, "the configuration names no `fields` with their types")
    examples: list[Example] = []
    problems: list[tuple[int | None, str]] = []
    for example in dataset.examples:
        record = record_of(example.input)
        if record is None:
            problems.append((example.line, f"a text, where the family {config.family!r} takes records"))
        else:
            examples.append(example if record is example.input else replace(example, input=record))
    records = [record_of(text) for text in dataset.out_of_scope]
    outside = [text_of(record) for record in records if record is not None]
    if len(outside) < len(records):
        problems.append((None, "out of scope: a text, where the model takes records"))
    _refuse(dataset, problems)
    return replace(dataset, examples=tuple(examples), out_of_scope=tuple(outside))


def check_fields(config: ModelConfig, dataset: Dataset) -> list[DataWarning]:
    """Look at what stands in the fields of records: a warning for each fault of a field, with its first line."""
    if not isinstance(config, RecordConfig):
        return []
    fields = RecordFields(config.fields, config.text)
    found: dict[tuple[str, str], list[int | None]] = defaultdict(list)
    held: set[str] = set()
    for example in dataset.examples:
        record = record_of(example.input) or {}
        held.update(record)
        for field, _ in fields.remarks(record):
            fault = (
                "is none of this model's" if field not in fields.types else f"cannot be read as {fields.types[field]}"
            )
            found[field, fault].append(example.line)
    warnings = [
        DataWarning(dataset.source, lines[0], f"field {field!r}: {fault}, in {len(lines):,} records")
        for (field, fault), lines in sorted(found.items())[:_FIELDS_TOLD]
    ]
    empty = [name for name in fields.types if name not in held] if dataset.examples else []
    return warnings + [
        DataWarning(dataset.source, None, f"field {name!r} stands in no record") for name in empty[:_FIELDS_TOLD]
    ]


def _refuse(dataset: Dataset, problems: list[tuple[int | None, str]]) -> None:
    if problems:
        raise UnreadableDataError(dataset.source, problems)
