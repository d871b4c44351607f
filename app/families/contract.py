"""
What a family is.

A family module defines `FAMILY`: its configuration type and its features. Features learn from training inputs, and
turn one input into an encoding: named one-dimensional arrays. The value 0 is kept for padding in
every array: training pads with it, serving only what `zeros_may_fill` names, and runs inputs of equal lengths together.
"""

from abc import ABC, abstractmethod
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, NamedTuple, Self, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from ..domain.example import Input, InputKind
from .model_config import ModelConfig

Array: TypeAlias = NDArray[np.generic]
Encoding: TypeAlias = Mapping[str, Array]
State: TypeAlias = dict[str, Any]

ConfigT = TypeVar("ConfigT", bound=ModelConfig)


class Remark(NamedTuple):
    """Something about a field of a record that does not keep it from being answered."""

    field: str
    message: str


class Features(ABC, Generic[ConfigT]):
    """Fitted features of one model; what they answer never changes, and threads may share them."""

    input_kind: ClassVar[InputKind] = InputKind.TEXT
    """What they take; records also as their JSON."""
    zeros_may_fill: ClassVar[frozenset[str]] = frozenset()
    """Arrays to which zeros may be appended without a change of any score, so that more inputs are scored together."""

    @classmethod
    @abstractmethod
    def learn(cls, config: ConfigT, inputs: Sequence[Input]) -> Self:
        """Learn what there is to learn from the training inputs."""

    @classmethod
    @abstractmethod
    def restore(cls, config: ConfigT, state: Mapping[str, Any]) -> Self:
        """
        Come back from a saved state.

        Raises:
            KeyError, TypeError, ValueError: the state is not one that `state` gives.
        """

    @abstractmethod
    def state(self) -> State:
        """Give what `restore` needs: plain builtins only (dict, list, tuple, str, bytes, int, float, bool, None)."""

    @abstractmethod
    def encode(self, model_input: Input) -> Encoding | None:
        """Give the arrays of one input, or None where nothing of it is known."""

    def extended(self, inputs: Sequence[Input], added: Sequence[Input]) -> "Extension[Self]":  # noqa: ARG002 - families may
        """
        Learn also what is new in inputs that were added; nothing unless a family says how.

        Args:
            inputs: all that the model is to know, those added among them.
            added: what these features have not learned from.
        """
        return Extension(self, {})

    @property
    def input_schema(self) -> dict[str, Any]:
        """Describe what they take, as the manifest has it."""
        return {"type": str(self.input_kind)}

    def remarks(self, model_input: Input) -> tuple[Remark, ...]:  # noqa: ARG002 - families may
        """Say what of an input cannot be read; nothing unless a family says."""
        return ()

    @property
    def remembered_bytes(self) -> int:
        """Say how much memory answering has filled with what it may need again, about; nothing unless a family says."""
        return 0

    @abstractmethod
    def probe(self) -> Encoding:
        """Give an encoding with the largest values that any can hold: a network that takes it takes all."""


FeaturesT = TypeVar("FeaturesT", bound=Features[Any])


@dataclass(frozen=True, slots=True)
class Extension(Generic[FeaturesT]):
    """Features that know more than those they came from; what was known is encoded as before, but for its ids."""

    features: FeaturesT
    origins: Mapping[str, NDArray[np.int64]]
    """For tables of `terms` and of `words`, by id: the id whose row it begins with, or -1 for one of zeros."""
    n_left_out: int = 0
    """Terms that there was no room for."""


@dataclass(frozen=True, slots=True)
class Family:
    """A family by name."""

    name: str
    config: type[ModelConfig]
    features: type[Features[Any]]


def alone(encoding: Encoding, zeros_may_fill: Container[str] = ()) -> dict[str, Array]:
    """
    Give the arrays of a batch of one, each of shape (1, length), or longer by a zero where that makes it even.

    Kernels that sum take two terms at a time: so the sums are to the last digit those of the same input among others,
    where it is filled up too.
    """
    arrays = {}
    for name, array in encoding.items():
        if len(array) % 2 and name in zeros_may_fill:
            arrays[name] = np.zeros((1, len(array) + 1), dtype=array.dtype)
            arrays[name][0, :-1] = array
        else:
            arrays[name] = array[np.newaxis]
    return arrays
