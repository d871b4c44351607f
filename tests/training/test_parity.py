"""The exported network gives the probabilities of the trained one, for texts of any length, in every family."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.families.catalogue import family_names

# Trains each family, and compares on texts of 1 to 60 words. All but four of the texts trained on are of one length, so
# that the first batches hold no other: what Keras infers from those must not be taken for the shape of all.
COMPARE = """
import json
import sys
import numpy as np
from app.domain.abstention import Abstention
from app.families.catalogue import family_named
from app.families.model_config import resolve
from app.networks.fitting import fit_for
from app.networks.network_plan import LabelledEncodings, NetworkPlan
from app.pipeline.calibration import Calibration
from app.runtime.session import NetworkSession
from tests.families.inputs import as_input, as_inputs, least_settings

WORDS = "will it rain snow or is the sun out book a table for two four please bill pay card now then".split()
chance = np.random.default_rng(3)

def text(n_words):
    return " ".join(chance.choice(WORDS, n_words))

alike = [" ".join(chance.permutation(["rain", "snow", "sun"])) for _ in range(76)]
texts = alike + [text(n) for n in (4, 20, 45, 45)]
labels = np.arange(len(texts)) % 3
told = {}
for name in sys.argv[1:]:
    family = family_named(name)
    config = resolve(family.config, {"training": {"batch_size": 2}, **least_settings(name)}, name)
    features = family.features.learn(config, as_inputs(family.features, texts))
    encodings = [features.encode(item) for item in as_inputs(features, texts)]
    assert all(len({len(item[key]) for item in encodings[:76]}) == 1 for key in encodings[0]), name
    training = LabelledEncodings(encodings, labels)
    network = fit_for(NetworkPlan(name, config, features, 3), training, 2, lambda epoch: None)
    session = NetworkSession(network.onnx(encodings[0]), name)
    probabilities = Calibration(1.0, Abstention()).probabilities

    asked = [features.encode(as_input(features, text(n))) for n in range(1, 61)]
    served = np.concatenate([session.scores({key: a[None] for key, a in item.items()}) for item in asked])
    difference = np.abs(probabilities(served) - probabilities(network.scores(asked)))
    told[name] = {
        "texts": len(asked),
        "differences": difference.max(axis=1).tolist(),
        "spread": float(probabilities(served).std(axis=0).max()),
    }
print(json.dumps(told))
"""

FAMILIES = family_names()


@pytest.fixture(scope="module")
def compared(once: Callable[..., Path], python: Callable[..., Any]) -> dict[str, Any]:
    """What the comparison found, by family."""

    def compare(folder: Path) -> None:
        done = python("-c", COMPARE, *FAMILIES)
        assert done.returncode == 0, done.stderr
        (folder / "found.json").write_text(done.stdout)

    found: dict[str, Any] = json.loads((once("parity", compare) / "found.json").read_text())
    return found


@pytest.mark.parametrize("family", FAMILIES)
def test_the_export_gives_the_probabilities_of_the_trained_network_at_every_length(compared, family):
    differences = compared[family]["differences"]

    assert {n_words: found for n_words, found in enumerate(differences, 1) if not found <= 1e-5} == {}
    assert len(differences) == 60


@pytest.mark.parametrize("family", FAMILIES)
def test_the_texts_compared_are_told_apart(compared, family):
    # were all probabilities alike, parity would say nothing
    assert compared[family]["spread"] > 0.01
