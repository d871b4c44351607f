"""A trained network: its scores, its weights, and its export for serving."""

import tempfile
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from ..families.contract import Encoding
from .bag import tables_of
from .batches import padded
from .half_tables import half, with_half_tables
from .heads import averaged

_SCORED_AT_ONCE = 256


def with_weights(network: keras.Model, weights: bytes) -> keras.Model:
    """
    Fill a network with weights as `TrainedNetwork.weights` gave them.

    Raises:
        ValueError, OSError, UserWarning: they are of another network, or no weights.
    """
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)  # of layers that it would leave as they are
        path = Path(folder) / "model.weights.h5"
        path.write_bytes(weights)
        network.load_weights(path)
    return network


class TrainedNetwork:
    """Trained weights in the network that training used, with its twin for serving."""

    def __init__(self, network: keras.Model, build: Callable[[bool], keras.Model]) -> None:
        """Take the network, and what builds one like it: for serving or, given False, for training."""
        self._network, self._build = network, build
        for table in tables_of(network):  # rounded here, so that the export computes the same to the last digit
            table.assign(half(np.asarray(table)))

    def scores(self, encodings: Sequence[Encoding]) -> NDArray[np.float32]:
        """Compute the scores of shape (n_encodings, n_outputs) as training does, padded and masked."""
        if not encodings:
            return np.zeros((0, self._network.output_shape[-1]), dtype=np.float32)
        parts = [
            np.asarray(averaged(self._network(padded(encodings[start : start + _SCORED_AT_ONCE]), training=False)))
            for start in range(0, len(encodings), _SCORED_AT_ONCE)
        ]
        return np.concatenate(parts).astype(np.float32)

    def weights(self) -> tuple[str, bytes]:
        """Give the weights as Keras saves them, without the optimiser's memory, which is twice their size."""
        copy = self._build(False)
        copy.set_weights(self._network.get_weights())
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "model.weights.h5"
            copy.save_weights(path)
            return "weights.h5", path.read_bytes()

    def onnx(self, example: Encoding) -> bytes:
        """Export the serving twin with these weights; `example` is an input that it can be traced with."""
        twin = self._build(True)
        twin.set_weights(self._network.get_weights())
        twin(padded([example]))  # export needs a network that was called
        with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # tf2onnx asks numpy for names that it no longer has
            path = Path(folder) / "model.onnx"
            twin.export(path, format="onnx", verbose=False)
            return with_half_tables(path.read_bytes())
