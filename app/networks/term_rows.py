"""What the classifiers of `classical` share: rows of term weights, and how they are exported and kept."""

import io
from collections.abc import Sequence
from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from scipy import sparse

from ..families.contract import Encoding

# What tf2onnx gives for the other families.
_IR, _OPSET_OF_TREES = 8, 2
OPSET: Final = 15

Rows: TypeAlias = Any  # scipy's sparse matrices are untyped


class Examples(NamedTuple):
    """What a classifier learns from, in the order that scikit-learn takes it."""

    rows: Rows
    labels: NDArray[np.int64]
    weights: NDArray[np.float32]
    """How much each counts."""


def term_rows(encodings: Sequence[Encoding], n_ids: int) -> Rows:
    """Give term weights as a sparse matrix (n_encodings, n_ids) of float32."""
    starts = np.cumsum([0, *(len(encoding["ids"]) for encoding in encodings)])
    ids = np.concatenate([encoding["ids"] for encoding in encodings])
    weights = np.concatenate([encoding["weights"] for encoding in encodings])
    rows = sparse.csr_matrix((weights, ids, starts), shape=(len(encodings), n_ids))
    rows.sum_duplicates()
    return rows


def npz(**arrays: NDArray[Any]) -> bytes:
    """Write arrays by name, compressed."""
    content = io.BytesIO()
    np.savez_compressed(content, **arrays)  # type: ignore[arg-type]  # the stub takes a name for an option
    return content.getvalue()


def network_of(nodes: Sequence[Any], constants: dict[str, NDArray[Any]], n_outputs: int, opset: int = OPSET) -> bytes:
    """
    Put a network together that takes `ids` and `weights` (texts, terms) and gives `scores` (texts, n_outputs).

    Args:
        nodes: its operators, in order.
        constants: what they read beside the inputs, by name.
        n_outputs: scores of a text.
        opset: of the plain operators.
    """
    shape = ["texts", "terms"]
    graph = helper.make_graph(
        nodes,
        "classical",
        [
            helper.make_tensor_value_info("ids", TensorProto.INT32, shape),
            helper.make_tensor_value_info("weights", TensorProto.FLOAT, shape),
        ],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["texts", n_outputs])],
        [numpy_helper.from_array(np.ascontiguousarray(array), name) for name, array in constants.items()],
    )
    opsets = [helper.make_opsetid("", opset), helper.make_opsetid("ai.onnx.ml", _OPSET_OF_TREES)]
    model = helper.make_model(graph, producer_name="parley", opset_imports=opsets, ir_version=_IR)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())
