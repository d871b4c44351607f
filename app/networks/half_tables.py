"""
Keep the large tables of an exported network in half precision.

A table of vectors is most of a model's size, and one prediction reads a few rows of it: half the bytes are half the
memory and half the traffic. The rows are widened as they are read, so that nothing is computed in half precision.
"""

from typing import Any, Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

_LARGE: Final = 1 << 18  # numbers; less is not worth another operator


def half(table: NDArray[Any]) -> NDArray[np.float32]:
    """Round to what half precision can hold; what is beyond its range becomes its largest."""
    largest = float(np.finfo(np.float16).max)
    return np.asarray(np.clip(table, -largest, largest).astype(np.float16).astype(np.float32))


def with_half_tables(network: bytes) -> bytes:
    """Store the tables that hold nothing but halves as such; others stay as they are."""
    model = onnx.load_from_string(network)
    tables = {tensor.name: tensor for tensor in model.graph.initializer if _is_large(tensor)}
    readers = {name: [node for node in model.graph.node if name in node.input] for name in tables}
    for name, tensor in tables.items():
        table = numpy_helper.to_array(tensor)
        gathers = [node for node in readers[name] if node.op_type == "Gather" and node.input[0] == name]
        if not gathers or len(gathers) != len(readers[name]) or not np.array_equal(half(table), table):
            continue
        tensor.CopyFrom(numpy_helper.from_array(table.astype(np.float16), name))
        for node in gathers:
            _widen(model.graph, node)
    return bytes(model.SerializeToString())


def _is_large(tensor: TensorProto) -> bool:
    return bool(tensor.data_type == TensorProto.FLOAT and int(np.prod(tensor.dims)) >= _LARGE)


def _widen(graph: Any, node: Any) -> None:  # noqa: ANN401 - onnx' own messages are untyped
    """Let what reads a node's output read it in single precision."""
    wide = node.output[0]
    node.output[0] = f"{wide}/half"
    cast = helper.make_node("Cast", [node.output[0]], [wide], name=f"{wide}/widen", to=TensorProto.FLOAT)
    graph.node.insert(list(graph.node).index(node) + 1, cast)
