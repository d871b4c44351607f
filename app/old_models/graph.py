"""A network as ONNX has it, put together operator by operator."""

from typing import Any, Final

import numpy as np
import onnx
from numpy.typing import ArrayLike, NDArray
from onnx import TensorProto, helper, numpy_helper

# What the networks that are trained here have.
_IR, _OPSET, _OPSET_OF_TREES = 8, 15, 2
_SCORES: Final = "scores"


class Graph:
    """Operators in a row; `at` is the name of what the last one gave."""

    def __init__(self, gives: str) -> None:
        """Begin with an input: `bag` (texts, columns) or `ids` (texts, words)."""
        self.at = gives
        kind = TensorProto.FLOAT if gives == "bag" else TensorProto.INT32
        self._input = helper.make_tensor_value_info(gives, kind, ["texts", "length"])
        self._nodes: list[Any] = []
        self._constants: list[Any] = []

    def add(
        self, operator: str, *others: NDArray[Any] | str, domain: str = "", n_outputs: int = 1, **attributes: object
    ) -> list[str]:
        """Put an operator on what there is; its other inputs are constants, or names of what others gave."""
        inputs = [self.at, *(one if isinstance(one, str) else self.constant(one) for one in others)]
        outputs = [f"{operator}_{len(self._nodes)}_{number}" for number in range(n_outputs)]
        attributes = {**attributes, "domain": domain}
        self._nodes.append(helper.make_node(operator, inputs, outputs, **attributes))  # type: ignore[arg-type]  # its own names first
        self.at = outputs[0]
        return outputs

    def constant(self, array: NDArray[Any]) -> str:
        """Keep an array, and name it."""
        name = f"constant_{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def written(self, n_outputs: int) -> bytes:
        """Give the network, whose last operator gives the scores."""
        self._nodes.append(helper.make_node("Identity", [self.at], [_SCORES]))
        scores = helper.make_tensor_value_info(_SCORES, TensorProto.FLOAT, ["texts", n_outputs])
        graph = helper.make_graph(self._nodes, "imported", [self._input], [scores], self._constants)
        opsets = [helper.make_opsetid("", _OPSET), helper.make_opsetid("ai.onnx.ml", _OPSET_OF_TREES)]
        model = helper.make_model(graph, producer_name="parley", opset_imports=opsets, ir_version=_IR)
        onnx.checker.check_model(model)
        return bytes(model.SerializeToString())


def of_type(values: ArrayLike) -> NDArray[np.float32]:
    """Give numbers as networks compute with them."""
    return np.asarray(values, dtype=np.float32)
