"""What happens to registries, as tests make it happen."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from app.pipeline.artifacts import NETWORK, SERVED_FILES
from app.registry.manifest import sealed
from app.registry.model_registry import ModelRegistry


def flip_a_bit(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def publish_again(registry: Path, name: str = "tiny", *, like: str = "tiny", **files: bytes) -> int:
    """Publish what version 1 of a model is, as the next one of `name`; `model_onnx=...` puts another file in."""
    store = ModelRegistry(registry)
    stored = store.load(like, 1, SERVED_FILES)
    others = {path.replace("_onnx", ".onnx"): data for path, data in files.items()}
    return store.publish(name, {**stored.files, **others}, stored.manifest.facts).version


def move_alias(registry: Path, name: str, aliases: Mapping[str, int]) -> None:
    """Replace a model's aliases as a hand would: another file, moved into its place."""
    new = registry / name / "aliases.json.mine"
    new.write_bytes(sealed({"aliases": dict(aliases)}))
    new.replace(registry / name / "aliases.json")


def large_network(value: float, n_mb: int) -> bytes:
    """Write a network of so many MB that takes what `bow` gives and answers four scores, the same to everything."""
    inputs = [
        helper.make_tensor_value_info("ids", TensorProto.INT32, ("n", "length")),
        helper.make_tensor_value_info("weights", TensorProto.FLOAT, ("n", "length")),
    ]
    table = np.full((n_mb << 16, 4), value, dtype=np.float32)
    graph = helper.make_graph(
        [
            helper.make_node("Gather", ["table", "ids"], ["rows"]),
            helper.make_node("ReduceSum", ["rows", "axes"], ["y"], keepdims=0),
        ],
        NETWORK,
        inputs,
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ("n", 4))],
        [numpy_helper.from_array(table, "table"), numpy_helper.from_array(np.array([1]), "axes")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    return bytes(model.SerializeToString())


def network_that_gives(value: float, n_scores: int = 4) -> bytes:
    """Write a network that takes what `bow` gives and answers the same to everything."""
    inputs = [
        helper.make_tensor_value_info("ids", TensorProto.INT32, ("n", "length")),
        helper.make_tensor_value_info("weights", TensorProto.FLOAT, ("n", "length")),
    ]
    scores = helper.make_tensor("scores", TensorProto.FLOAT, (1, n_scores), [value] * n_scores)
    nodes = [helper.make_node("Constant", [], ["y"], value=scores)]
    graph = helper.make_graph(
        nodes, NETWORK, inputs, [helper.make_tensor_value_info("y", TensorProto.FLOAT, (1, n_scores))]
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    return bytes(model.SerializeToString())
