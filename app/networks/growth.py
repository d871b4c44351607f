"""
Begin a network with the weights of a smaller one: tables have more rows by now, and layers of scores more columns.

Layers find each other by name. What grows with the vocabulary is a `Bag` (by terms) or an `Embedding` (by words); what
grows with the intents is a dense layer whose name begins with `scores`. Anything else is taken over as it is.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import keras
import numpy as np
from keras import layers
from numpy.typing import NDArray

from ..domain.training_errors import CannotContinueError
from .bag import Bag
from .network_plan import NetworkPlan
from .trained_network import with_weights

SCORES: Final = "scores"

_Weights: TypeAlias = Mapping[str, list[NDArray[Any]]]
"""Of each layer, by its name."""


@dataclass(frozen=True, slots=True)
class Beginning:
    """A version's network, and what a larger one takes over of it."""

    version: int
    plan: NetworkPlan
    """Of that version's network."""
    weights: bytes
    """As `FittedNetwork.weights` gave them."""
    origins: Mapping[str, NDArray[np.int64]]
    """For tables of `terms` and of `words`, the row that each row begins with; -1 for one of zeros."""
    columns: NDArray[np.int64]
    """For each output, that of before; -1 for one that begins as their average."""

    def filler(self) -> Callable[[keras.Model], None]:
        """
        Read the weights, and give what fills the larger network with them.

        Raises:
            CannotContinueError: they are not of that version's network; what is given raises it too.
        """
        network = self.plan.build(serving=False)
        with self._told():
            before = _by_layer(with_weights(network, self.weights))

        def fill(larger: keras.Model) -> None:
            with self._told():
                _fill(larger, before, self.origins, self.columns)

        return fill

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (ValueError, KeyError, OSError, UserWarning) as error:
            problem = f"its weights are not of its network ({type(error).__name__})"
            raise CannotContinueError(self.plan.model, self.version, problem) from error


def outputs_of(network: keras.Model) -> list[keras.Variable]:
    """Give the weights that grow with the intents."""
    return [weights for layer in network.layers if layer.name.startswith(SCORES) for weights in layer.weights]


def _by_layer(network: keras.Model) -> _Weights:
    return {layer.name: layer.get_weights() for layer in network.layers if layer.weights}


def _fill(
    network: keras.Model, before: _Weights, origins: Mapping[str, NDArray[np.int64]], columns: NDArray[np.int64]
) -> None:
    for layer in network.layers:
        if not layer.weights:
            continue
        weights = before[layer.name]
        if isinstance(layer, Bag):
            weights = [_rows(weights[0], origins["terms"]), *weights[1:]]
        elif isinstance(layer, layers.Embedding):
            weights = [_rows(weights[0], origins["words"])]
        elif layer.name.startswith(SCORES):
            weights = [_columns(array, columns) for array in weights]
        layer.set_weights(weights)


def _rows(table: NDArray[Any], origins: NDArray[np.int64]) -> NDArray[Any]:
    return np.where((origins >= 0)[:, np.newaxis], table[origins], 0.0).astype(table.dtype)


def _columns(weights: NDArray[Any], columns: NDArray[np.int64]) -> NDArray[Any]:
    average = weights.mean(axis=-1, keepdims=True)
    return np.where(columns >= 0, weights[..., columns], average).astype(weights.dtype)
