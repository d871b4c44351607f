"""A session runs what was exported, refuses what cannot be run, and takes no thread of its own."""

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnx
import psutil
import pytest
from onnx import TensorProto, helper

from app.domain.damage_errors import UnreadableFileError
from app.registry.model_registry import ModelRegistry
from app.runtime.session import NetworkSession

FLOAT, INT64 = TensorProto.FLOAT, TensorProto.INT64


def network(nodes: list[onnx.NodeProto], kind: int = FLOAT, shape: tuple[str | int, ...] = ("n", "length")) -> bytes:
    """Write a network from the input `x` to the output `y`."""
    graph = helper.make_graph(
        nodes,
        "network",
        [helper.make_tensor_value_info("x", kind, shape)],
        [helper.make_tensor_value_info("y", FLOAT, None)],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    return bytes(model.SerializeToString())


ONES = {"x": np.ones((1, 3), dtype=np.float32)}
TWICE = network([helper.make_node("Concat", ["x", "x"], ["y"], axis=1)])


@pytest.fixture(scope="module", params=["tiny", "tinyseq"])
def exported(request, tiny_models: Path) -> bytes:
    """The exported network of each family in turn."""
    return ModelRegistry(tiny_models).load(request.param, 1, {"model.onnx"}).files["model.onnx"]


def probe(network: bytes) -> dict[str, np.ndarray]:
    """Give arrays of length 1 that a network takes."""
    kinds = {FLOAT: np.float32, TensorProto.INT32: np.int32}
    inputs = onnx.load_from_string(network).graph.input
    return {item.name: np.ones((1, 1), dtype=kinds[item.type.tensor_type.elem_type]) for item in inputs}


def test_scores_are_what_the_network_computes():
    x = np.array([[1.0, 2.0], [3.0, 4.0]], dtype=np.float32)

    scores = NetworkSession(TWICE, "network").scores({"x": x})

    assert scores.tolist() == [[1.0, 2.0, 1.0, 2.0], [3.0, 4.0, 3.0, 4.0]]
    assert scores.dtype == np.float32


def test_a_proof_counts_the_scores(exported):
    assert NetworkSession(exported, "network").prove(probe(exported)) == 4


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_network_whose_scores_are_no_numbers_is_refused_by_name(value):
    session = NetworkSession(TWICE, "tiny/1/model.onnx")

    with pytest.raises(UnreadableFileError, match=r"^tiny/1/model\.onnx cannot be used: it gives scores that"):
        session.prove({"x": np.array([[1.0, value]], dtype=np.float32)})


def test_the_bytes_of_the_file_are_not_kept(exported):
    before = sys.getrefcount(exported)

    session = NetworkSession(exported, "network")

    assert sys.getrefcount(exported) == before
    assert session.prove(probe(exported)) == 4


@pytest.mark.parametrize("length", [1, 7, 300])
def test_a_network_takes_inputs_of_any_length(length):
    scores = NetworkSession(TWICE, "network").scores({"x": np.ones((2, length), dtype=np.float32)})

    assert scores.shape == (2, 2 * length)


@pytest.mark.parametrize("data", [b"", b"not a network", TWICE[: len(TWICE) // 2], bytes(1000)])
def test_what_is_no_network_is_refused_by_name(data):
    with pytest.raises(UnreadableFileError, match=r"^tiny/1/model\.onnx cannot be used: not a network that can be run"):
        NetworkSession(data, "tiny/1/model.onnx").prove(ONES)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(network([helper.make_node("ReduceSum", ["x"], ["y"], keepdims=0)]), id="one score for all inputs"),
        pytest.param(network([helper.make_node("Cast", ["x"], ["y"], to=FLOAT)], INT64), id="inputs of another type"),
        pytest.param(network([helper.make_node("Add", ["x", "nowhere"], ["y"])]), id="a graph that leads nowhere"),
        pytest.param(
            network([helper.make_node("Identity", ["x"], ["y"])], shape=("n", 1 << 60)), id="inputs too large to make"
        ),
    ],
)
def test_a_network_that_does_not_run_as_models_are_run_is_refused_by_name(data):
    with pytest.raises(UnreadableFileError, match=r"^tiny/1/model\.onnx cannot be used: "):
        NetworkSession(data, "tiny/1/model.onnx").prove(ONES)


def test_sessions_start_no_threads(exported):
    process = psutil.Process()
    before = process.num_threads()

    sessions = [NetworkSession(exported, "network") for _ in range(20)]

    assert [session.prove(probe(exported)) for session in sessions] == [4] * 20
    assert process.num_threads() == before


def test_threads_that_run_one_session_at_once_get_what_each_would_get_alone():
    session = NetworkSession(TWICE, "network")
    inputs = [np.full((2, 3), number, dtype=np.float32) for number in range(200)]

    with ThreadPoolExecutor(8) as threads:
        scores = list(threads.map(lambda x: session.scores({"x": x}), inputs))

    assert [score.tolist() for score in scores] == [[[number] * 6] * 2 for number in range(200)]
