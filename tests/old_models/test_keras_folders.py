"""A folder of a Keras network answers here what the network itself computes, whichever layers it is made of."""

import shutil
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

from tests.old_models.old_folders import ASKED, TEXTS, Tokenizer, keras_2_yaml, write_pickles

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::UserWarning"),
]

LABELS = sorted(TEXTS)
ALL = [text for texts in TEXTS.values() for text in texts]


def disturbed(network: Any) -> Any:
    """Give every weight a value of chance, so that nothing is right by being zero."""
    chance = np.random.default_rng(5)
    network.set_weights(
        [
            chance.uniform(0.05, 0.9, w.shape) * np.sign(chance.normal(size=w.shape) + (w.ndim == 1) * 9)
            for w in network.get_weights()
        ]
    )
    return network


def parity(pipeline: Any, scores: np.ndarray, texts: list[str] = ASKED) -> None:
    answers = pipeline.predict(texts, top_k=len(LABELS))
    for text, answer, row in zip(texts, answers, scores, strict=True):
        assert answer.best == LABELS[int(row.argmax())], text
        assert {place.intent: place.confidence for place in answer.ranking} == pytest.approx(
            dict(zip(LABELS, row, strict=True)), abs=1e-4
        )


def write(
    folder: Path, network: Any, layers: list[tuple[str, dict[str, Any]]], shape: str, tokenizer: Tokenizer
) -> Path:
    folder.mkdir()
    (folder / "bot_architecture.yaml").write_text(keras_2_yaml(layers, shape))
    network.save(folder / "bot_weights.h5")
    write_pickles(folder, tokenizer, LABELS)
    return folder


def dense(name: str, units: int, activation: str, **more: Any) -> tuple[str, dict[str, Any]]:
    return "Dense", {"name": name, "units": units, "activation": activation, "use_bias": True, **more}


@pytest.fixture(scope="module")
def bag(tmp_path_factory) -> tuple[Path, Any, Tokenizer]:
    """A folder with a network of the shape that the old system had, smaller, its network and its tokenizer."""

    tokenizer = Tokenizer(num_words=24).fit(ALL)
    network = disturbed(keras.Sequential([
        keras.Input((24,)),
        layers.Dense(30, activation="relu", name="dense_1"),
        layers.Dropout(0.2, name="dropout_1"),
        layers.Dense(20, name="dense_2"),
        layers.Activation("relu", name="activation_1"),
        layers.BatchNormalization(name="batch_1"),
        layers.Dense(4, activation="sigmoid", name="dense_3"),
    ]))  # fmt: skip
    described = [
        dense("dense_1", 30, "relu", batch_input_shape="SHAPE"),
        ("Dropout", {"name": "dropout_1", "rate": 0.2, "noise_shape": None}),
        dense("dense_2", 20, "linear"),
        ("Activation", {"name": "activation_1", "activation": "relu"}),
        ("BatchNormalization", {"name": "batch_1", "axis": -1, "epsilon": 0.001, "center": True, "scale": True}),
        dense("dense_3", 4, "sigmoid"),
    ]
    return (
        write(tmp_path_factory.mktemp("old") / "bot", network, described, "[null, 24]", tokenizer),
        network,
        tokenizer,
    )


def test_the_command_publishes_a_version_that_answers_as_the_network_did(bag, command, published):
    folder, network, tokenizer = bag

    told = command(folder, "--matrix", "binary")

    assert told == {"name": "old", "version": 1, "configuration": None, "notes": told["notes"]}
    parity(published(1), network.predict(tokenizer.matrix(ASKED, "binary"), verbose=0))


def test_a_network_of_dense_layers_answers_as_it_did_known_words_or_not(bag, bring):
    folder, network, tokenizer = bag

    parity(bring(folder), network.predict(tokenizer.matrix(ASKED), verbose=0))


@pytest.mark.parametrize("matrix", ["binary", "freq", "tfidf"])
def test_a_text_is_counted_as_the_command_says(bag, bring, matrix):
    folder, network, tokenizer = bag

    parity(
        bring(folder, matrix=matrix),
        network.predict(tokenizer.matrix(ASKED[:-2] + ASKED[-1:], matrix), verbose=0),
        ASKED[:-2] + ASKED[-1:],
    )


def test_a_text_of_which_nothing_is_known_is_not_answered_where_that_is_wanted(bag, bring):
    [answer] = bring(bag[0], abstain_unknown=True).predict(["never-seen words only"], top_k=1)

    assert (answer.intent, answer.fallback) == (None, "no_known_words")


@pytest.mark.parametrize(
    "module", ["keras.preprocessing.text", "keras_preprocessing.text", "keras.src.legacy.preprocessing.text"]
)
def test_the_tokenizer_of_any_keras_is_read(bag, bring, tmp_path, module):
    folder, network, tokenizer = bag
    shutil.copytree(folder, tmp_path / "copy")
    write_pickles(tmp_path / "copy", tokenizer, LABELS, module)

    parity(bring(tmp_path / "copy"), network.predict(tokenizer.matrix(ASKED), verbose=0))


Described = tuple[str, dict[str, Any]]


def embedding(**more: Any) -> Described:
    return "Embedding", {"name": "e", "input_dim": 40, "output_dim": 6, "batch_input_shape": "SHAPE", **more}


def lstm(name: str, units: int, activation: str = "tanh", **more: Any) -> Described:
    gates = {"activation": activation, "recurrent_activation": "sigmoid"}
    return "LSTM", {"name": name, "units": units, **gates, **more}


def sequence(shape: str) -> tuple[list[Any], list[Described]]:
    """Give layers, and how they were described."""
    last = layers.Dense(4, activation="softmax", name="d"), dense("d", 4, "softmax")
    made: dict[str, tuple[list[Any], list[Described]]] = {
        "masked": (
            [layers.Embedding(40, 6, mask_zero=True, name="e"), layers.LSTM(7, activation="relu", name="l")],
            [embedding(mask_zero=True), lstm("l", 7, "relu")],
        ),
        "stacked": (
            [
                layers.Embedding(40, 6, name="e"),
                layers.LSTM(5, return_sequences=True, name="l"),
                layers.LSTM(6, name="m"),
            ],
            [embedding(), lstm("l", 5, return_sequences=True), lstm("m", 6)],
        ),
        "flat": (
            [layers.Embedding(40, 6, name="e"), layers.Flatten(name="f")],
            [embedding(), ("Flatten", {"name": "f"})],
        ),
    }
    first, described = made[shape]
    return [*first, last[0]], [*described, last[1]]


@pytest.mark.parametrize(
    ("shape", "side"), [("masked", "pre"), ("stacked", "pre"), ("stacked", "post"), ("flat", "pre"), ("flat", "post")]
)
def test_a_network_of_words_in_order_answers_as_it_did(bring, tmp_path, shape, side):

    made, described = sequence(shape)
    tokenizer = Tokenizer(num_words=40, oov_token="<new>").fit(ALL)
    network = disturbed(keras.Sequential([keras.Input((5,)), *made]))
    folder = write(tmp_path / "bot", network, described, "[null, 5]", tokenizer)
    texts = [text for text in ASKED if text]

    pipeline = bring(folder, padding=side, truncating=side)

    parity(pipeline, network.predict(tokenizer.padded(texts, 5, side), verbose=0), texts)


def test_a_network_that_keras_3_wrote_is_read_with_its_json_and_its_weights(bring, tmp_path):

    tokenizer = Tokenizer().fit(ALL)
    columns = len(tokenizer.word_index) + 1
    network = disturbed(
        keras.Sequential(
            [
                keras.Input((columns,)),
                layers.Dense(9, activation="tanh"),
                layers.Dropout(0.1),
                layers.Dense(4, activation="softmax"),
            ]
        )
    )
    folder = tmp_path / "bot"
    folder.mkdir()
    (folder / "bot.json").write_text(network.to_json())
    network.save_weights(folder / "bot.weights.h5")
    write_pickles(folder, tokenizer, LABELS)

    parity(bring(folder), network.predict(tokenizer.matrix(ASKED), verbose=0))
