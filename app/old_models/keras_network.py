"""A Keras network as ONNX: what each layer of the closed list computes."""

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ..domain.training_errors import UnimportableModelError
from .graph import Graph, of_type
from .keras_architecture import Architecture, Layer
from .keras_weights import Weights

_ONNX: Final = {
    "elu": "Elu", "hard_sigmoid": "HardSigmoid", "relu": "Relu", "selu": "Selu", "sigmoid": "Sigmoid",
    "softmax": "Softmax", "softplus": "Softplus", "softsign": "Softsign", "tanh": "Tanh",
}  # fmt: skip
_LAST: Final = frozenset({"sigmoid", "softmax"})
_KERNEL, _TABLE = 2, 2

Arrays = Sequence[NDArray[np.float32]]


def network_of(architecture: Architecture, weights: Weights, n_columns: int, n_labels: int) -> bytes:
    """
    Write the network.

    Args:
        architecture: its layers.
        weights: of each layer.
        n_columns: numbers that a text is given as, or ids that there are.
        n_labels: scores that it has to give.

    Raises:
        UnimportableModelError: weights do not fit, or the last layer gives no confidences.
    """
    reads_ids = architecture.layers[0].kind == "Embedding"
    graph = Graph("ids" if reads_ids else "bag")
    writer = _Writer(graph, n_columns, architecture.input_length, is_keras_3=architecture.is_keras_3)
    for layer in architecture.layers:
        writer.add(layer, weights[layer.name])
    last = [layer for layer in architecture.layers if layer.kind != "Dropout"][-1]
    if last.kind not in ("Dense", "Activation") or last.activation() not in _LAST:
        raise UnimportableModelError(
            last.name, "the last layer gives no confidences: it must end in softmax or sigmoid"
        )
    if writer.size == 1 and n_labels == 2:  # noqa: PLR2004 - one confidence, of the second label
        second = graph.at
        graph.add("Neg")
        graph.add("Add", of_type([[1.0]]))
        graph.add("Concat", second, axis=1)
    elif writer.size != n_labels:
        raise UnimportableModelError(last.name, f"it gives {writer.size} scores, and there are {n_labels} labels")
    return graph.written(n_labels)


class _Writer:
    """Knows how many numbers there are at the end of what was written."""

    def __init__(self, graph: Graph, size: int, length: int | None, *, is_keras_3: bool) -> None:
        self.graph, self.size, self._is_keras_3 = graph, size, is_keras_3
        self._length = length
        self._is_row = True
        self._layers: dict[str, Callable[[Layer, Arrays], None]] = {
            "Activation": lambda layer, _: self._activate(layer.activation()),
            "BatchNormalization": self._normalize,
            "Dense": self._dense,
            "Dropout": lambda *_: None,
            "Embedding": self._embed,
            "Flatten": self._flatten,
            "LSTM": self._lstm,
        }

    def add(self, layer: Layer, arrays: Arrays) -> None:
        """Write one layer."""
        self._layers[layer.kind](layer, arrays)

    def _dense(self, layer: Layer, arrays: Arrays) -> None:
        size = arrays[0].shape[-1] if arrays and arrays[0].ndim == _KERNEL else 0
        has_bias = bool(layer.settings.get("use_bias", True))
        _expect(layer, arrays, [(self.size, size), *([(size,)] if has_bias else [])])
        self.graph.add("MatMul", arrays[0])
        if has_bias:
            self.graph.add("Add", arrays[1])
        self.size = size
        self._activate(layer.activation())

    def _embed(self, layer: Layer, arrays: Arrays) -> None:
        n_ids, size = arrays[0].shape if arrays and arrays[0].ndim == _TABLE else (0, 0)
        _expect(layer, arrays, [(n_ids, size)])
        if n_ids < self.size:
            raise UnimportableModelError(layer.name, f"it knows {n_ids} ids where the vocabulary gives {self.size}")
        ids, table = self.graph.at, arrays[0]
        self.graph.at = self.graph.constant(table)
        self.graph.add("Gather", ids, axis=0)
        self.size, self._is_row = size, False

    def _flatten(self, layer: Layer, _: Arrays) -> None:
        length = 1 if self._is_row else self._length
        if not length:
            raise UnimportableModelError(layer.name, "Flatten needs a fixed length of the input, and none is stated")
        self.graph.add("Flatten", axis=1)
        self.size, self._is_row = self.size * int(length), True

    def _normalize(self, layer: Layer, arrays: Arrays) -> None:
        settings = layer.settings
        parts = [key for key in ("scale", "center") if settings.get(key, True)]
        _expect(layer, arrays, [(self.size,)] * (len(parts) + 2))
        of_part = dict(zip(parts, arrays, strict=False))
        mean, variance = arrays[-2:]
        factor = of_part.get("scale", of_type(1.0)) / np.sqrt(variance + float(settings.get("epsilon", 0.001)))
        self.graph.add("Mul", of_type(factor))
        self.graph.add("Add", of_type(of_part.get("center", of_type(0.0)) - mean * factor))

    def _lstm(self, layer: Layer, arrays: Arrays) -> None:
        """Write ONNX's own operator; it has the gates in another order."""
        settings = layer.settings
        size = arrays[0].shape[-1] // 4 if arrays else 0
        has_bias = bool(settings.get("use_bias", True))
        _expect(layer, arrays, [(self.size, 4 * size), (size, 4 * size), *([(4 * size,)] if has_bias else [])])
        inner = layer.activation("activation", "tanh")
        gates = layer.activation("recurrent_activation", "sigmoid" if self._is_keras_3 else "hard_sigmoid")
        for name in (inner, gates):
            if name in ("linear", "softmax", "selu"):
                raise UnimportableModelError(layer.name, f"LSTM with the activation {name!r} cannot be brought along")
        bias = _gates(arrays[2], size).ravel() if has_bias else np.zeros(4 * size)
        self.graph.add("Transpose", perm=[1, 0, 2])
        steps, last, _ = self.graph.add(
            "LSTM",
            *(of_type(_gates(one.T, size)[np.newaxis]) for one in arrays[:2]),
            of_type(np.concatenate([bias, np.zeros(4 * size)])[np.newaxis]),
            n_outputs=3,
            hidden_size=size,
            activations=[_ONNX[gates], _ONNX[inner], _ONNX[inner]],
            **self._slopes(gates, inner),
        )
        self.graph.at = steps if settings.get("return_sequences") else last
        axis = 1 if settings.get("return_sequences") else 0
        self.graph.add("Squeeze", np.array([axis], dtype=np.int64))
        if settings.get("return_sequences"):
            self.graph.add("Transpose", perm=[1, 0, 2])
        else:
            self._is_row = True
        self.size = size

    def _slopes(self, *names: str) -> dict[str, Any]:
        """Give the numbers that go with activations of an LSTM."""
        gates, inner = names
        alpha = [self._hard["alpha"] if name == "hard_sigmoid" else 1.0 for name in (gates, inner, inner)]
        beta = [self._hard["beta"] if name == "hard_sigmoid" else 0.0 for name in (gates, inner, inner)]
        return {"activation_alpha": alpha, "activation_beta": beta} if "hard_sigmoid" in names else {}

    @property
    def _hard(self) -> dict[str, float]:
        """What a hard sigmoid is: its slope changed with Keras 3."""
        return {"alpha": 1 / 6 if self._is_keras_3 else 0.2, "beta": 0.5}

    def _activate(self, name: str) -> None:
        if name == "linear":
            return
        known: dict[str, dict[str, Any]] = {"softmax": {"axis": -1}, "hard_sigmoid": self._hard}
        self.graph.add(_ONNX[name], **known.get(name, {}))


def _gates(array: NDArray[Any], size: int) -> NDArray[Any]:
    """Put the gates of an LSTM, in rows, into the order of ONNX: input, output, forget, cell."""
    flat = array.reshape(4 * size, -1)
    entry, forget, cell, output = (flat[n * size : (n + 1) * size] for n in range(4))
    return np.concatenate([entry, output, forget, cell])


def _expect(layer: Layer, arrays: Arrays, shapes: Sequence[tuple[int, ...]]) -> None:
    found = [array.shape for array in arrays]
    if found != list(shapes):
        raise UnimportableModelError(layer.name, f"its weights are of shapes {found} where {list(shapes)} are needed")
