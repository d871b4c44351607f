"""Large tables are exported in half the bytes, and what is computed with them stays the same."""

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from app.networks.half_tables import half, with_half_tables
from app.runtime.session import NetworkSession

SIZE = 64
LARGE, SMALL = (1 << 18) // SIZE, (1 << 18) // SIZE - 1
"""Rows of a table that is just large enough to be halved, and of one that is not."""


def table_of(rows: int) -> NDArray[np.float32]:
    return half(np.random.default_rng(1).normal(0, 0.3, (rows, SIZE)).astype(np.float32))


def network(table: NDArray[np.float32], *more: onnx.NodeProto, scores: str = "rows") -> bytes:
    """A network that gathers a row of `table`, and what else is given."""
    nodes = [helper.make_node("Gather", ["table", "ids"], ["rows"], axis=0, name="gather"), *more]
    graph = helper.make_graph(
        nodes,
        "test",
        [helper.make_tensor_value_info("ids", TensorProto.INT32, ["texts"])],
        [helper.make_tensor_value_info(scores, TensorProto.FLOAT, ["texts", SIZE])],
        [numpy_helper.from_array(table, "table")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)], ir_version=8)
    return bytes(model.SerializeToString())


def stored(exported: bytes) -> int:
    """Type that the table is stored in."""
    [table] = onnx.load_from_string(exported).graph.initializer
    return int(table.data_type)


@pytest.mark.parametrize(
    ("value", "rounded"),
    [
        (0.0, 0.0),
        (0.5, 0.5),
        (-3.25, -3.25),
        (1 + 2**-11, 1.0),
        (1 + 2**-10, 1 + 2**-10),
        (1e-9, 0.0),
        (65_504.0, 65_504.0),
        (70_000.0, 65_504.0),
        (-1e30, -65_504.0),
    ],
)
def test_a_number_becomes_the_nearest_that_half_precision_holds(value, rounded):
    assert half(np.array([value], dtype=np.float64)).tolist() == [rounded]


def test_rounding_gives_single_precision_and_changes_nothing_the_second_time():
    once = half(np.random.default_rng(2).normal(0, 3, 1_000))

    assert once.dtype == np.float32
    assert np.array_equal(half(once), once)


def test_a_table_of_halves_is_stored_in_half_the_bytes_and_computes_the_same():
    plain = network(table_of(LARGE))
    ids = {"ids": np.arange(LARGE, dtype=np.int32)}

    smaller = with_half_tables(plain)

    onnx.checker.check_model(onnx.load_from_string(smaller))
    assert stored(smaller) == TensorProto.FLOAT16
    assert len(smaller) < len(plain) / 2 + 1_000
    found = NetworkSession(smaller, "halves").scores(ids)
    assert found.dtype == np.float32
    assert np.array_equal(found, NetworkSession(plain, "plain").scores(ids))


def test_a_table_that_two_nodes_gather_from_is_widened_for_both():
    again = helper.make_node("Gather", ["table", "ids"], ["others"], axis=0, name="again")
    both = helper.make_node("Add", ["rows", "others"], ["sums"])
    plain = network(table_of(LARGE), again, both, scores="sums")
    ids = {"ids": np.array([0, 7, LARGE - 1], dtype=np.int32)}

    smaller = with_half_tables(plain)

    assert stored(smaller) == TensorProto.FLOAT16
    assert np.array_equal(NetworkSession(smaller, "halves").scores(ids), NetworkSession(plain, "plain").scores(ids))


def test_a_small_table_stays_as_it_is():
    assert stored(with_half_tables(network(table_of(SMALL)))) == TensorProto.FLOAT


def test_a_table_with_a_number_that_is_no_half_stays_as_it_is():
    table = table_of(LARGE)
    table[5, 5] = np.float32(0.1)

    assert stored(with_half_tables(network(table))) == TensorProto.FLOAT


def test_a_table_that_something_else_reads_too_stays_as_it_is():
    other = helper.make_node("ReduceSum", ["table"], ["total"], keepdims=0)
    added = helper.make_node("Add", ["rows", "total"], ["sums"])

    assert stored(with_half_tables(network(table_of(LARGE), other, added, scores="sums"))) == TensorProto.FLOAT


def test_a_table_that_nothing_gathers_from_stays_as_it_is():
    square = half(np.random.default_rng(3).normal(0, 1, (512, 512)))
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["texts", "table"], ["scores"])],
        "test",
        [helper.make_tensor_value_info("texts", TensorProto.FLOAT, ["n", 512])],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["n", 512])],
        [numpy_helper.from_array(square, "table")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)], ir_version=8)

    assert stored(with_half_tables(model.SerializeToString())) == TensorProto.FLOAT
