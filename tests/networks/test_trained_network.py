"""A network of a large vocabulary is exported in half precision, and its weights are kept whole."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import onnx
import pytest
from onnx import TensorProto

from app.families.catalogue import family_named
from app.families.contract import Encoding, Features
from app.families.model_config import resolve
from app.networks.network_plan import NetworkPlan
from app.networks.trained_network import TrainedNetwork
from app.runtime.session import NetworkSession

TEXTS = [f"word{number} and other{number} of {number % 7}" for number in range(600)]
WITH_BAGS = ["bow", "hybrid"]


@pytest.fixture(scope="module", params=WITH_BAGS)
def network(request) -> "Untrained":
    return Untrained(request.param)


class Untrained:
    """A network with the weights it begins with, of a vocabulary large enough for half precision."""

    def __init__(self, name: str) -> None:
        config = resolve(family_named(name).config, {}, name)
        self.features: Features[Any] = family_named(name).features.learn(config, TEXTS)
        module = NetworkPlan(name, config, self.features, 3).family_module()
        self.build: Callable[[bool], keras.Model] = lambda serving: module.build(
            config, self.features, 3, serving=serving
        )
        self.trained = TrainedNetwork(self.build(False), self.build)
        self.exported = self.trained.onnx(self.encoded(TEXTS[:1])[0])

    def encoded(self, texts: list[str]) -> list[Encoding]:
        return [encoding for text in texts if (encoding := self.features.encode(text)) is not None]


def test_the_table_of_a_large_bag_is_exported_in_half_precision(network):
    types = {
        int(np.prod(tensor.dims)): tensor.data_type
        for tensor in onnx.load_from_string(network.exported).graph.initializer
    }

    assert types[max(types)] == TensorProto.FLOAT16
    assert max(types) >= 1 << 18


def test_the_export_scores_as_the_trained_network_does(network):
    session = NetworkSession(network.exported, "x")
    encodings = network.encoded(TEXTS[::20])

    served = np.concatenate(
        [session.scores({name: array[np.newaxis] for name, array in encoding.items()}) for encoding in encodings]
    )

    assert served == pytest.approx(network.trained.scores(encodings), abs=1e-5)


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras asks numpy in an old way
def test_weights_that_were_kept_score_the_same_in_another_network(network, tmp_path):
    ending, content = network.trained.weights()
    path = tmp_path / f"model.{ending}"
    path.write_bytes(content)
    again = network.build(False)

    again.load_weights(path)

    encodings = network.encoded(TEXTS[::20])
    assert ending == "weights.h5"
    assert TrainedNetwork(again, network.build).scores(encodings) == pytest.approx(network.trained.scores(encodings))


def test_no_encodings_have_no_scores(network):
    assert network.trained.scores([]).shape == (0, 3)
