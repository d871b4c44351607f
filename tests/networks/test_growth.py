"""A network that has grown answers what the smaller one knew as that did, before it learns anything."""

from typing import Any

import numpy as np
import pytest

from app.domain.training_errors import CannotContinueError
from app.families.catalogue import family_named
from app.families.contract import Features
from app.families.model_config import resolve
from app.networks.growth import Beginning
from app.networks.network_plan import NetworkPlan
from app.networks.trained_network import TrainedNetwork

TEXTS = ["hello there", "will it rain tomorrow", "book a table for two", "the bill please"]
ADDED = ["zorblax quibbling", "frobnicate the zorblax"]
# Keras 3.15 asks numpy 2 for what it has given another name
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

GROWING = ["bow", "hybrid", "lstm", "lstm_attention"]


def plan_of(family: str, features: Features[Any], n_outputs: int) -> NetworkPlan:
    return NetworkPlan("m", resolve(family_named(family).config, {}, family), features, n_outputs)


def grown(family: str, columns: list[int], n_before: int = 3) -> tuple[Any, Any]:
    """Give the scores of the texts by an untrained network of three outputs, and by one grown from it."""
    config = resolve(family_named(family).config, {}, family)
    features = family_named(family).features.learn(config, TEXTS)
    extension = features.extended([*TEXTS, *ADDED], ADDED)
    before, now = plan_of(family, features, n_before), plan_of(family, extension.features, len(columns))
    network = TrainedNetwork(before.build(serving=False), lambda serving: before.build(serving=serving))
    beginning = Beginning(1, before, network.weights()[1], extension.origins, np.array(columns))
    larger = now.build(serving=False)
    beginning.filler()(larger)
    after = TrainedNetwork(larger, lambda serving: now.build(serving=serving))
    return (
        network.scores([features.encode(text) or {} for text in TEXTS]),
        after.scores([extension.features.encode(text) or {} for text in TEXTS]),
    )


@pytest.mark.parametrize("family", GROWING)
def test_scores_of_old_outputs_follow_their_intents(family):
    was, now = grown(family, [1, -1, 0, -1, 2])
    difference = now[:, [2, 0, 4]] - was

    # a hybrid's scores are logarithms of probabilities, which new outputs take something from, alike for all
    np.testing.assert_allclose(difference, np.broadcast_to(difference[:, :1], difference.shape), atol=1e-5)
    if family != "hybrid":
        np.testing.assert_allclose(difference, 0.0, atol=1e-5)


@pytest.mark.parametrize("family", ["bow", "lstm"])
def test_a_new_output_begins_as_the_average_of_the_old(family):
    was, now = grown(family, [0, 1, 2, -1])

    np.testing.assert_allclose(now[:, 3], was.mean(axis=1), atol=1e-5)


@pytest.mark.parametrize("weights", [b"", b"no weights", None])
def test_weights_of_another_network_are_refused_with_the_version(weights):
    config = resolve(family_named("bow").config, {}, "bow")
    features = family_named("bow").features.learn(config, TEXTS)
    plan, other = plan_of("bow", features, 3), plan_of("bow", features, 4)
    if weights is None:
        network = TrainedNetwork(other.build(serving=False), lambda serving: other.build(serving=serving))
        weights = network.weights()[1]
    beginning = Beginning(7, plan, weights, {"terms": np.arange(9)}, np.arange(3))

    with pytest.raises(CannotContinueError, match=r"^model 'm' version 7 .*: its weights are not of its"):
        beginning.filler()
