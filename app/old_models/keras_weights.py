"""Weights that Keras wrote into an .h5 file, by layer: as Keras 1 and 2 did, and as Keras 3 does."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import h5py
import numpy as np
from numpy.typing import NDArray

from ..domain.training_errors import UnimportableModelError
from .keras_architecture import Layer

_LARGEST: Final = 1 << 28
"""Numbers of one array."""

Weights = Mapping[str, Sequence[NDArray[np.float32]]]


def read_weights(path: Path, layers: Sequence[Layer]) -> Weights:
    """
    Give the arrays of each layer by its name, in Keras' order.

    Raises:
        UnimportableModelError: it holds no weights, or not those of these layers.
    """
    try:
        with h5py.File(path, "r") as file:
            root = file.get("model_weights", file)
            if "layer_names" in root.attrs:
                return {layer.name: _of_keras_2(root, layer) for layer in layers}
            if "layers" in root:
                return {layer.name: _of_keras_3(root["layers"], layer) for layer in layers}
    except UnimportableModelError:
        raise
    except Exception as error:  # whatever it stumbles over, the file is not what its name says
        raise UnimportableModelError(path.name, f"its weights cannot be read ({type(error).__name__})") from error
    raise UnimportableModelError(path.name, "no weights of Keras stand in it")


def architecture_within(path: Path) -> str | None:
    """Give the architecture that a whole saved model carries in itself, as JSON, or None where it carries none."""
    try:
        with h5py.File(path, "r") as file:
            held = file.attrs.get("model_config")
    except OSError as error:
        raise UnimportableModelError(path.name, "not an HDF5 file that can be read") from error
    if held is None:
        return None
    return held.decode() if isinstance(held, bytes) else str(held)


def _of_keras_2(root: Any, layer: Layer) -> list[NDArray[np.float32]]:  # noqa: ANN401 - h5py is untyped
    if layer.name not in root:
        return []
    group = root[layer.name]
    names = [name.decode() if isinstance(name, bytes) else str(name) for name in group.attrs.get("weight_names", ())]
    return [_array(group[name], layer) for name in names]


def _of_keras_3(root: Any, layer: Layer) -> list[NDArray[np.float32]]:  # noqa: ANN401 - h5py is untyped
    place = f"{layer.path}/cell/vars" if layer.kind == "LSTM" else f"{layer.path}/vars"
    if place not in root or layer.kind == "Dropout":
        return []
    group = root[place]
    return [_array(group[name], layer) for name in sorted(group, key=int)]


def _array(stored: Any, layer: Layer) -> NDArray[np.float32]:  # noqa: ANN401 - h5py is untyped
    if not isinstance(stored, h5py.Dataset) or stored.size > _LARGEST or stored.dtype.kind != "f":
        raise UnimportableModelError(layer.name, "its weights are not numbers, or too many")
    array = np.asarray(stored[()], dtype=np.float32)
    if not np.isfinite(array).all():
        raise UnimportableModelError(layer.name, "its weights are not finite numbers")
    return array
