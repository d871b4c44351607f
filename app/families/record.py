"""
Records of named fields: what stands in each, what it looks like, and how the moments among them lie to each other.

Each field is read by its type (`fields/`) into terms, of which a vector each is summed as in `bow`, and into numbers,
each on a ladder of its own. That a field is missing or malformed is a feature as well: nothing of it is an error.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Final, Self

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from ..domain.example import Input, InputKind, record_of
from ..text.vocabulary import Vocabulary
from .bow_terms import BowFeaturesConfig, Learned, learned, learned_further
from .contract import Encoding, Extension, Family, Features, Remark, State
from .fields.contract import Presence, Reading
from .ladders import Ladders
from .model_config import Fraction, ModelConfig
from .record_fields import FieldReadings, FieldType, RecordFields, problem_of_fields

_ANY_RECORD: Final = 1  # every record has it, so that none is without a term; 0 pads
_FIRST_ID: Final = 2
_FLAGS: Final = 2  # of each field: missing, malformed


class RecordFeaturesConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is learned of fields."""

    min_count: Annotated[int, Meta(ge=1, le=1_000_000)] | None = None
    """A term must stand in this many training records; absent: 1, and 2 from 2,000 records on."""
    max_terms: Annotated[int, Meta(ge=1, le=500_000)] = 8_000
    """Of all fields together, at the most: the most frequent ones."""
    steps: Annotated[int, Meta(ge=1, le=64)] = 8
    """Of the ladder that each number stands on."""


class RecordNetworkConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The network above the fields."""

    bag_size: Annotated[int, Meta(ge=1, le=4_096)] = 32
    """Numbers that the terms of a record are summed up in."""
    hidden: Annotated[int, Meta(ge=1, le=4_096)] = 32
    """Size of the layer that sees terms and numbers together."""
    term_dropout: Fraction = 0.5
    """Share of a record's terms that a step of training leaves out."""
    dropout: Fraction = 0.3


class RecordConfig(ModelConfig, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Configuration of a `record` model."""

    family: str = "record"
    fields: dict[str, FieldType] = {}  # noqa: RUF012 - msgspec copies it
    """The type of each field by its name; a model can only be trained with some."""
    features: RecordFeaturesConfig = RecordFeaturesConfig()
    network: RecordNetworkConfig = RecordNetworkConfig()

    def __post_init__(self) -> None:
        """Refuse fields that cannot be."""
        if problem := problem_of_fields(self.fields):
            raise ValueError(problem)
        if self.entities:
            raise ValueError("`entities` are found in texts, and the family `record` takes none")


class RecordFeatures(Features[RecordConfig]):
    """Terms as `ids` and `weights` of shape (n_terms,), all else as `numbers` of shape (n_numbers,)."""

    input_kind = InputKind.RECORD
    zeros_may_fill = frozenset({"ids", "weights"})

    def __init__(
        self, config: RecordConfig, vocabulary: Vocabulary, rarity: NDArray[np.float32], ladders: Ladders
    ) -> None:
        self.config, self.vocabulary, self.rarity, self.ladders = config, vocabulary, rarity, ladders
        self._fields = RecordFields(config.fields, config.text)
        if len(ladders.rungs) != max(self._fields.n_numbers, 1):
            raise ValueError(f"{len(ladders.rungs)} ladders for {self._fields.n_numbers} numbers")

    @classmethod
    def learn(cls, config: RecordConfig, inputs: Sequence[Input]) -> Self:
        """Learn the terms of the training records, how rare each is, and how numbers are spread."""
        fields = RecordFields(config.fields, config.text)
        readings = [fields.read(record_of(one) or {}) for one in inputs]
        terms = learned([_all_terms(reading) for reading in readings], _bounds(config), _FIRST_ID)
        rarity = np.concatenate([np.ones(_FIRST_ID), terms.rarity]).astype(np.float32)
        rows = [_numbers(reading) for reading in readings]
        ladders = Ladders.learn(rows, max(fields.n_numbers, 1), config.features.steps)
        return cls(config, terms.vocabulary, rarity, ladders)

    @classmethod
    def restore(cls, config: RecordConfig, state: Mapping[str, Any]) -> Self:
        """Come back from a saved state."""
        vocabulary = Vocabulary(state["terms"], first_id=_FIRST_ID)
        rarity = np.frombuffer(state["rarity"], dtype="<f4").astype(np.float32)
        if len(rarity) != _FIRST_ID + len(vocabulary):
            raise ValueError(f"{len(vocabulary)} terms with {len(rarity)} weights")
        rungs = np.frombuffer(state["rungs"], dtype="<f4").astype(np.float32)
        return cls(config, vocabulary, rarity, Ladders(rungs.reshape(-1, config.features.steps + 1)))

    def extended(self, inputs: Sequence[Input], added: Sequence[Input]) -> Extension[Self]:
        """Append terms; how rare the known ones are, and the ladders, stay what they were."""
        known = Learned(self.vocabulary, self.rarity[_FIRST_ID:])
        of_all = [_all_terms(self._fields.read(record_of(one) or {})) for one in inputs]
        of_added = [_all_terms(self._fields.read(record_of(one) or {})) for one in added]
        terms = learned_further(known, of_all, of_added, _bounds(self.config), _FIRST_ID)
        rarity = np.concatenate([self.rarity[:_FIRST_ID], terms.rarity]).astype(np.float32)
        features = type(self)(self.config, terms.vocabulary, rarity, self.ladders)
        origins = np.full(features.n_ids, -1, dtype=np.int64)
        origins[: self.n_ids] = range(self.n_ids)
        return Extension(features, {"terms": origins}, terms.n_left_out)

    def state(self) -> State:
        """Give the terms in id order, and their rarity and the ladders' rungs as little-endian float32."""
        return {
            "terms": list(self.vocabulary.terms),
            "rarity": self.rarity.astype("<f4").tobytes(),
            "rungs": self.ladders.rungs.astype("<f4").tobytes(),
        }

    @property
    def n_ids(self) -> int:
        """Count the ids, padding among them."""
        return len(self.rarity)

    @property
    def n_numbers(self) -> int:
        """Count the numbers of an encoding."""
        return _FLAGS * len(self._fields.types) + self.ladders.n_steps

    @property
    def input_schema(self) -> dict[str, Any]:
        """Name the fields and their types."""
        types = {name: str(field_type) for name, field_type in self._fields.types.items()}
        return {"type": str(InputKind.RECORD), "fields": types}

    def remarks(self, model_input: Input) -> tuple[Remark, ...]:
        """Say what of a record cannot be read, and which fields are none of the model's."""
        return self._fields.remarks(model_input)

    def encode(self, model_input: Input) -> Encoding | None:
        """Give terms and numbers; None where all that a record holds is words that are not known."""
        record = record_of(model_input)
        if record is None:
            return None
        readings = self._fields.read(record)
        ids, weights = [_ANY_RECORD], [1.0]
        is_known = False
        for name, reading in readings.of_fields.items():
            is_known = is_known or self._fields.is_informative(name, reading)
            for group in _terms(name, reading):
                self._weigh(group, ids, weights)
        if not is_known and len(ids) == 1:
            return None
        return {
            "ids": np.array(ids, dtype=np.int32),
            "weights": np.array(weights, dtype=np.float32),
            "numbers": np.concatenate([_flags(readings), self.ladders.climbed(_numbers(readings))]),
        }

    def probe(self) -> Encoding:
        """Give the last id there is, and every number at its highest."""
        return {
            "ids": np.array([self.n_ids - 1], dtype=np.int32),
            "weights": np.ones(1, dtype=np.float32),
            "numbers": np.ones(self.n_numbers, dtype=np.float32),
        }

    def _weigh(self, group: Sequence[str], ids: list[int], weights: list[float]) -> None:
        """Append the known terms of a group, which together have a length of 1."""
        find = self.vocabulary.ids.get
        known = [number for term in group if (number := find(term)) is not None]
        if not known:
            return
        of_group = self.rarity[known].tolist()
        length = math.sqrt(sum(weight * weight for weight in of_group))
        ids += known
        weights += [weight / length for weight in of_group]


def _terms(name: str, reading: Reading) -> Iterator[list[str]]:
    for group in reading.terms:
        yield [f"{name} {term}" for term in group]


def _all_terms(readings: FieldReadings) -> list[str]:
    return [term for name, one in readings.of_fields.items() for group in _terms(name, one) for term in group]


def _numbers(readings: FieldReadings) -> list[float]:
    return readings.numbers or [0.0]  # a model of categories has none, and arrays of no length are trouble


def _flags(readings: FieldReadings) -> NDArray[np.float32]:
    presence = [one.presence for one in readings.of_fields.values()]
    flags = [float(here is kind) for here in presence for kind in (Presence.MISSING, Presence.MALFORMED)]
    return np.array(flags, dtype=np.float32)


def _bounds(config: RecordConfig) -> BowFeaturesConfig:
    return BowFeaturesConfig(min_count=config.features.min_count, max_terms=config.features.max_terms)


FAMILY = Family("record", RecordConfig, RecordFeatures)
