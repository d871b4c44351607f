"""Of data and configurations comes a configuration to train from; what cannot be brought along says why."""

import json
import subprocess
import sys

import h5py
import numpy as np
import pytest
import yaml

from app.domain.errors import InvalidValueError
from app.domain.training_errors import UnimportableModelError
from app.old_models.keras_architecture import read_architecture
from app.old_models.recognised import recognised
from app.planning.plan import make_plan
from tests.old_models.old_folders import keras_2_yaml

SIZES = {"vocab_size": 90, "embedding_dim": 12, "hidden_dim": 8, "output_dim": 2, "dropout_rate": 0.2}
CONFINED = """
import os, socket, subprocess, sys
from app.old_models.confinement import confine
confine()
for attempt in (
    lambda: socket.create_connection(("127.0.0.1", 9)), lambda: socket.socket(), lambda: os.system("true"),
    lambda: subprocess.run(["true"]), lambda: os.fork(), lambda: os.execv("/bin/true", ["true"]),
    lambda: __import__("ctypes").CDLL(None), lambda: bytearray(8 << 30),
):
    try:
        attempt()
    except (PermissionError, MemoryError) as error:
        print(type(error).__name__)
    else:
        print("done")
"""


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "bot"
    made.mkdir()
    return made


def fill(folder, **files):
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text)


def test_sizes_and_tsv_files_become_a_configuration_with_the_same_sizes(folder, command, project):
    fill(folder, ClassifierWithAttention__json=json.dumps(SIZES))
    fill(folder, train__tsv="to oslo\tflight\nhow much\tflight+airfare\n", test__tsv="to rome\tflight\n")
    fill(folder, ood__tsv="sing    <unknown>\n", ood_test__tsv="who won    <unknown>\n")

    told = command(folder)

    assert told["configuration"] == "config/models/old.yaml"
    assert (project / "training_data/old/train.tsv").read_bytes() == (folder / "train.tsv").read_bytes()
    given = yaml.safe_load((project / told["configuration"]).read_text())
    assert make_plan("old", given, project, "old.yaml").config.family == "lstm_attention"
    assert given["network"] == {"embedding_size": 12, "lstm_size": 8, "dropout": 0.2}
    named = {role: given[role] for role in ("data", "test", "out_of_scope", "out_of_scope_test")}
    assert [path.removeprefix("training_data/old/") for path in named.values()] == [
        *("train.tsv", "test.tsv", "ood.tsv", "ood_test.tsv")
    ]


def test_a_csv_becomes_a_configuration(folder, command, project):
    fill(folder, data_desk__csv='order,"a tea, please"\nbill,the bill\n')

    told = command(folder)

    given = yaml.safe_load((project / told["configuration"]).read_text())
    assert given == {"family": "bow", "data": "training_data/old/data_desk.csv"}
    assert "there already" in command(folder)


@pytest.mark.parametrize(
    ("files", "problem"),
    [
        ({}, "nothing in it is a model or data"),
        ({"net__pth": "x"}, "weights of PyTorch without their configuration"),
        ({"sizes__json": json.dumps(SIZES)}, "no training data lie beside it"),
        ({"sizes__json": json.dumps({**SIZES, "layers": 3})}, "'layers' means nothing"),
        ({"a__csv": "x,y\n", "b__csv": "x,y\n"}, "a.csv and b.csv could each be `data`"),
        ({"a__csv": "x,y,z\n"}, "a.csv:1: 3 values"),
        ({"a__pkl": "x", "b__pkl": "x"}, "2 pickles and no weights"),
        ({"chatbot__h5": "x", "intents__json": "{}"}, "vocabulary.json and labels.json did not come along"),
        ({"a__h5": "x", "a_tok__pkl": "x", "a_enc__pkl": "x"}, "not an HDF5 file"),
        (
            {"a__h5": "x", "a_tok__pkl": "x", "a_enc__pkl": "x", "a__yaml": "class_name: Model"},
            "Sequential network, not 'Model'",
        ),
    ],
)
def test_what_cannot_be_brought_says_why(folder, bring, files, problem):
    fill(folder, **files)

    with pytest.raises(UnimportableModelError, match=problem):
        bring(folder)


@pytest.mark.parametrize("kind", ["Lambda", "Conv1D", "Bidirectional", "GRU", "Masking", "TFOpLambda"])
def test_a_layer_that_is_not_on_the_list_is_refused_by_its_name(kind):
    with pytest.raises(UnimportableModelError, match=f"'{kind}' is not a layer that can be brought along"):
        read_architecture(keras_2_yaml([(kind, {"name": "x"})], "[null]"), "bot.yaml")


@pytest.mark.parametrize("tag", ["!!python/object/apply:os.system [true]", "!!python/name:os.system", "!x y"])
def test_an_architecture_that_would_run_code_is_refused(tag):
    with pytest.raises(UnimportableModelError, match="could not determine a constructor"):
        read_architecture(f"class_name: {tag}", "bot.yaml")


def test_what_does_not_lie_there_is_told(tmp_path):
    with pytest.raises(UnimportableModelError, match="expected a folder"):
        recognised(tmp_path / "nowhere")


def test_the_process_that_reads_can_do_nothing_else(root):
    done = subprocess.run([sys.executable, "-c", CONFINED], cwd=root, capture_output=True, text=True, check=False)

    assert done.stdout.split() == ["PermissionError"] * 7 + ["MemoryError"], done.stderr


def test_the_command_refuses_by_name_and_publishes_nothing(folder, command, project):
    (folder / "bot.pkl").write_bytes(b"cposix\nsystem\n(S'touch /tmp/never'\ntR.")

    refusal = command(folder)

    assert refusal.startswith("bot.pkl: it names posix.system, which is not on the list")
    assert not (project / "models").exists()


def test_a_saved_network_of_stems_is_brought_where_its_vocabulary_came_along(folder, bring):
    layers = [
        {
            "class_name": "Embedding",
            "config": {
                "name": "e",
                "input_dim": 5,
                "output_dim": 2,
                "mask_zero": True,
                "batch_input_shape": [None, 10],
            },
        },
        {
            "class_name": "LSTM",
            "config": {"name": "l", "units": 2, "activation": "relu", "recurrent_activation": "sigmoid"},
        },
        {"class_name": "Dense", "config": {"name": "d", "units": 2, "activation": "softmax"}},
    ]
    weights = {
        "e": {"e": [[0, 0], [0, 0], [3, 0], [0, 3], [0, 0]]},
        "l": {"a": np.ones((2, 8)) * np.tile([1, 1, 1, 1], 2), "b": np.zeros((2, 8)), "c": np.zeros(8)},
        "d": {"a": [[1, -1], [1, -1]], "b": [0, 0]},
    }
    weights["l"]["a"][1] *= -1
    with h5py.File(folder / "chatbot.h5", "w") as file:
        file.attrs["model_config"] = json.dumps({"class_name": "Sequential", "config": {"layers": layers}})
        root = file.create_group("model_weights")
        root.attrs["layer_names"] = list(weights)
        for layer, arrays in weights.items():
            group = root.create_group(layer)
            group.attrs["weight_names"] = list(arrays)
            for name, array in arrays.items():
                group[name] = np.asarray(array, dtype="f4")
    fill(folder, vocabulary__json='{"hello": 2, "bye": 3}', labels__json='["greet", "leave"]')

    answers = bring(folder).predict(["Hello", "hello hello", "bye"], top_k=2)

    assert answers[0].best == "greet"
    assert answers[1].confidence > answers[0].confidence > 0.5


def test_an_imported_model_is_not_trained(tmp_path):
    with pytest.raises(InvalidValueError, match="there is no family 'imported'"):
        make_plan("x", {"family": "imported", "data": "x.csv"}, tmp_path, "x.yaml")
