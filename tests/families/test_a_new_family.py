"""A family is two files: put beside the others, it is trained and served without touching anything else."""

import shutil
import subprocess
import sys
from pathlib import Path

FEATURES = '''
"""A toy: how often each of a few letters stands in a text."""

import msgspec
import numpy as np

from .contract import Family, Features
from .model_config import ModelConfig, TrainingConfig


class ToyFeaturesConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    letters: str = "abcdefghijklmnopqrstuvwxyz"


class ToyNetworkConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    size: int = 32


class ToyConfig(ModelConfig, frozen=True, forbid_unknown_fields=True, kw_only=True):
    family: str = "toy"
    features: ToyFeaturesConfig = ToyFeaturesConfig()
    network: ToyNetworkConfig = ToyNetworkConfig()
    training: TrainingConfig = TrainingConfig(learning_rate=0.02, epochs=30)
    min_confidence: float = 0.0


class ToyFeatures(Features[ToyConfig]):
    def __init__(self, letters):
        self.letters = letters

    @classmethod
    def learn(cls, config, inputs):
        return cls(config.features.letters)

    @classmethod
    def restore(cls, config, state):
        return cls(state["letters"])

    def state(self):
        return {"letters": self.letters}

    def encode(self, model_input):
        counts = np.array([model_input.count(letter) for letter in self.letters], dtype=np.float32)
        return {"counts": counts} if counts.any() else None

    def probe(self):
        return {"counts": np.ones(len(self.letters), dtype=np.float32)}


FAMILY = Family("toy", ToyConfig, ToyFeatures)
'''

NETWORK = '''
"""The network of the toy."""

import keras
from keras import layers


def build(config, features, n_outputs, serving):
    counts = keras.Input((len(features.letters),), dtype="float32", name="counts")
    hidden = layers.Dense(config.network.size, activation="relu", name="hidden")(counts)
    return keras.Model({"counts": counts}, layers.Dense(n_outputs, name="scores")(hidden))
'''


def test_a_family_of_two_files_is_trained_and_served(root: Path, tiny_data: Path, start_server, tmp_path: Path):
    for name in ("app", "config"):
        shutil.copytree(root / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("train.py", "serve_tornado.py"):
        shutil.copy(root / name, tmp_path)
    (tmp_path / "app/families/toy.py").write_text(FEATURES)
    (tmp_path / "app/networks/toy.py").write_text(NETWORK)

    trained = subprocess.run(
        [sys.executable, "train.py", "--model", "letters", "--family", "toy", "--data", tiny_data, "--json"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert trained.returncode == 0, trained.stderr
    server = start_server(tmp_path / "models", script=tmp_path / "serve_tornado.py", PARLEY_DEFAULT_MODEL="letters")
    reply = server.post("/predict", {"text": "what is the weather like"})

    assert reply.status == 200
    assert reply.json()["ranking"][0]["intent"] in {"greeting", "weather", "booking", "bill"}
    assert server.get("/models/letters").json()["family"] == "toy"
    assert server.post("/predict", {"text": "12345"}).json()["fallback"] == "no_known_words"
