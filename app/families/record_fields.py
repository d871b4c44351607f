"""The fields of a record model: what each is declared as, and what a record holds in them."""

import re
from collections.abc import Mapping
from enum import StrEnum
from itertools import chain
from typing import Final, NamedTuple

from ..domain.example import Input, record_of
from ..text.analyzer import TextConfig
from .contract import Remark
from .fields import category, datetime, email, number, text, url
from .fields.contract import UNKNOWN, FieldReader, Presence, Reading

MOST_FIELDS: Final = 100
_MOST_MOMENTS: Final = 12
"""Fields that are compared with each other."""
_NAME: Final = re.compile(r"[\w.-]{1,64}")
_NAMED: Final = 20
"""Fields that a model has not, in remarks."""


class FieldType(StrEnum):
    """What a field can be declared as."""

    TEXT = "text"
    CATEGORY = "category"
    NUMBER = "number"
    DATETIME = "datetime"
    EMAIL = "email"
    URL = "url"


_READERS: Final = {
    FieldType.CATEGORY: category.READER,
    FieldType.NUMBER: number.READER,
    FieldType.DATETIME: datetime.READER,
    FieldType.EMAIL: email.READER,
    FieldType.URL: url.READER,
}
"""Of all types but text, whose reader depends on the configuration."""


class FieldReadings(NamedTuple):
    """What a record holds, field by field in the order of their names."""

    of_fields: Mapping[str, Reading]
    numbers: list[float]
    """Of all fields, then those of moments beside each other: always as many, not a number where there is none."""


class RecordFields:
    """Reads records; immutable. Fields are in the order of their names, so that none depends on a file's."""

    def __init__(self, types: Mapping[str, FieldType], config: TextConfig) -> None:
        self.types = {name: types[name] for name in sorted(types)}
        self._readers = {name: _reader(field_type, config) for name, field_type in self.types.items()}
        moments = [name for name, field_type in self.types.items() if field_type is FieldType.DATETIME]
        self._moments = moments[:_MOST_MOMENTS]
        n_pairs = len(self._moments) * (len(self._moments) - 1) // 2
        self.n_numbers = sum(len(reader.numbers) for reader in self._readers.values()) + n_pairs

    def read(self, record: Mapping[str, object]) -> FieldReadings:
        """Read a record; whatever stands in it."""
        readings = {name: reader.read(record.get(name)) for name, reader in self._readers.items()}
        numbers = list(
            chain.from_iterable(
                reading.numbers or [UNKNOWN] * len(self._readers[name].numbers) for name, reading in readings.items()
            )
        )
        numbers += datetime.differences([readings[name].seconds for name in self._moments])
        return FieldReadings(readings, numbers)

    def is_informative(self, name: str, reading: Reading) -> bool:
        """Say whether something stands in a field that says more than words can, which may all be unknown."""
        return reading.presence is not Presence.MISSING and self.types[name] is not FieldType.TEXT

    def remarks(self, model_input: Input) -> tuple[Remark, ...]:
        """Say what of a record cannot be read, and which fields are none of the model's."""
        record = record_of(model_input)
        if record is None:
            return (Remark("", "not a record: an object of fields"),)
        found = []
        for name, reader in self._readers.items():
            if (reading := reader.read(record.get(name))).problem:
                found.append(Remark(name, reading.problem))
        unknown = [name for name in record if name not in self._readers]
        found += [Remark(name[:64], "not a field of this model; it is ignored") for name in unknown[:_NAMED]]
        return tuple(found)


def problem_of_fields(types: Mapping[str, FieldType]) -> str | None:
    """Say why a model cannot have such fields, or None where it can."""
    if len(types) > MOST_FIELDS:
        return f"{len(types)} fields; the limit is {MOST_FIELDS}"
    for name in types:
        if not _NAME.fullmatch(name):
            return f"{name!r} is no name of a field: 1 to 64 letters, digits, dots, dashes and underscores"
    return None


def _reader(field_type: FieldType, config: TextConfig) -> FieldReader:
    return text.reader_of(config) if field_type is FieldType.TEXT else _READERS[field_type]
