"""A pipeline is the same after it was written and read, and no file is taken for what it is not."""

import dataclasses
import pickle
from collections import OrderedDict
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from app.domain.damage_errors import DamagedModelError, UnreadableFileError, UnsafePickleError
from app.domain.example import Reply
from app.pipeline.artifacts import OPTIONAL_FILES, SERVED_FILES, PipelineParts, config_yaml, load_pipeline, replies_json
from app.pipeline.intent_pipeline import IntentPipeline
from app.registry.model_registry import ModelRegistry

TEXTS = ["hello", "will it rain", "a table for four please", "zzz qqq", "", "how much is it"]

Files = dict[str, bytes]


@pytest.fixture(params=["tiny", "tinyseq"])
def either(request, tiny_models: Path) -> Files:
    """The files of a model, of each family in turn."""
    return dict(ModelRegistry(tiny_models).load(request.param, 1, SERVED_FILES).files)


@pytest.fixture
def files(tiny_models: Path) -> Files:
    """The files of a `bow` model."""
    return dict(ModelRegistry(tiny_models).load("tiny", 1, SERVED_FILES).files)


def parts_of(pipeline: IntentPipeline, **changes: Any) -> PipelineParts:
    parts = PipelineParts(
        config=pipeline.config,
        features=pipeline.features,
        label_encoder=pipeline.label_encoder,
        calibration=pipeline.calibration,
        replies=pipeline.replies,
    )
    return dataclasses.replace(parts, **changes)


def test_what_was_loaded_is_written_byte_for_byte_as_it_was(either):
    written = parts_of(load_pipeline("tiny", "tiny/1", either)).to_files()

    assert {**written, "model.onnx": either["model.onnx"]} == either


def test_a_pipeline_answers_the_same_after_it_was_written_and_read(either):
    pipeline = load_pipeline("tiny", "tiny/1", either)

    again = load_pipeline("tiny", "tiny/1", {**parts_of(pipeline).to_files(), "model.onnx": either["model.onnx"]})

    assert again.predict(TEXTS, top_k=4) == pipeline.predict(TEXTS, top_k=4)


def test_a_model_without_replies_has_no_file_for_them(files):
    assert "responses.json" not in parts_of(load_pipeline("tiny", "tiny/1", files)).to_files()


def test_replies_are_read_as_they_were_written(files):
    replies = {"greeting": Reply(("Hello!", "Grüß dich"), "greeted"), "bill": Reply(("Coming.",))}
    files |= parts_of(load_pipeline("tiny", "tiny/1", files), replies=replies).to_files()

    assert load_pipeline("tiny", "tiny/1", files).replies == replies


def test_the_order_of_replies_does_not_change_their_file():
    first, second = Reply(("a",)), Reply(("b",))

    assert replies_json({"x": first, "y": second}) == replies_json({"y": second, "x": first})


def test_a_configuration_file_names_every_hyper_parameter(files):
    config = load_pipeline("tiny", "tiny/1", files).config

    assert config_yaml(config) == files["config.yaml"]
    for section in ("features", "network", "training", "text"):
        for key in getattr(config, section).__struct_fields__:
            assert f"  {key}: ".encode() in files["config.yaml"]


@pytest.mark.parametrize("file", sorted(SERVED_FILES - OPTIONAL_FILES))
def test_a_file_that_is_not_there_is_refused_by_name(files, file):
    del files[file]

    with pytest.raises(DamagedModelError, match=rf"^tiny/1/{file} "):
        load_pipeline("tiny", "tiny/1", files)


@pytest.mark.parametrize(
    ("file", "data"),
    [
        ("config.yaml", b""),
        ("config.yaml", b"- bow"),
        ("config.yaml", b"family: ["),
        ("config.yaml", b"text: {}"),
        ("config.yaml", b"family: ../bow"),
        ("config.yaml", b"family: contract"),
        ("config.yaml", b"family: bow\ntraining: {epochs: 0}"),
        ("config.yaml", b"family: bow\nsurprise: 1"),
        ("config.yaml", b"family: bow\ntext: {stemmer: klingon}"),
        ("config.yaml", b"!!python/object/apply:os.getcwd []"),
        ("tokenizer.pkl", b""),
        ("tokenizer.pkl", b"\x80\x04K"),
        ("tokenizer.pkl", pickle.dumps(["hello"])),
        ("tokenizer.pkl", pickle.dumps({})),
        ("tokenizer.pkl", pickle.dumps({"words": None, "characters": [], "rarity": b""})),
        ("tokenizer.pkl", pickle.dumps({"words": ["a"], "characters": [], "rarity": b"\0" * 4})),
        ("label_encoder.pkl", pickle.dumps(4)),
        ("label_encoder.pkl", pickle.dumps(["a", "b", "c", 4])),
        ("label_encoder.pkl", pickle.dumps(["a", "b", "c", "c"])),
        ("label_encoder.pkl", pickle.dumps("abcd")),
        ("calibration.json", b"{}"),
        ("calibration.json", b'{"temperature": "warm", "abstention": {"min_confidence": 0.5}}'),
        ("calibration.json", b'{"temperature": 0.0, "abstention": {"min_confidence": 0.5}}'),
        ("calibration.json", b'{"temperature": -1.0, "abstention": {"min_confidence": 0.5}}'),
        ("calibration.json", b'{"temperature": 1.0, "abstention": {"min_confidence": 7.0}}'),
        ("responses.json", b"[]"),
        ("responses.json", b'{"greeting": {"texts": "hello"}}'),
        ("model.onnx", b""),
        ("model.onnx", b"not a network"),
    ],
)
def test_a_file_that_does_not_hold_what_it_should_is_refused_by_name(files, file, data):
    with pytest.raises(UnreadableFileError) as refusal:
        load_pipeline("tiny", "tiny/1", {**files, file: data})

    assert str(refusal.value).startswith(f"tiny/1/{file} cannot be used: ")


def test_a_configuration_that_is_wrong_says_which_key(files):
    with pytest.raises(UnreadableFileError, match=r"unknown key 'surprise'"):
        load_pipeline("tiny", "tiny/1", {**files, "config.yaml": b"family: bow\nsurprise: 1"})


def test_labels_for_another_number_of_intents_are_refused_with_both_numbers(files):
    sentence = r"^tiny/1/model\.onnx cannot be used: it gives 4 scores where 2 are needed$"
    with pytest.raises(UnreadableFileError, match=sentence):
        load_pipeline("tiny", "tiny/1", {**files, "label_encoder.pkl": pickle.dumps(["a", "b"])})


def test_the_network_of_another_family_is_refused(files, tiny_models):
    other = ModelRegistry(tiny_models).load("tinyseq", 1, {"model.onnx"}).files

    with pytest.raises(UnreadableFileError, match=r"^tiny/1/"):
        load_pipeline("tiny", "tiny/1", {**files, **other})


def test_a_tokenizer_with_more_terms_than_its_network_is_refused(files):
    state = pickle.loads(files["tokenizer.pkl"])  # noqa: S301 - trained by this very run
    state["characters"].append("\x02never seen")
    state["rarity"] += np.ones(1, dtype="<f4").tobytes()

    with pytest.raises(UnreadableFileError, match=r"^tiny/1/"):
        load_pipeline("tiny", "tiny/1", {**files, "tokenizer.pkl": pickle.dumps(state)})


@pytest.mark.parametrize("file", ["tokenizer.pkl", "label_encoder.pkl"])
@pytest.mark.parametrize(
    ("value", "named"),
    [
        pytest.param(print, "builtins.print", id="a function"),
        pytest.param([OrderedDict()], "collections.OrderedDict", id="a harmless class"),
        pytest.param({"words": np.arange(3)}, "numpy", id="an array"),
        pytest.param(msgspec.UNSET, "msgspec", id="a marker"),
        pytest.param(bytearray(b"bytes"), "builtins.bytearray", id="a builtin that is not plain"),
    ],
)
def test_a_pickle_that_names_anything_is_refused(files, file, value, named):
    with pytest.raises(UnsafePickleError) as refusal:
        load_pipeline("tiny", "tiny/1", {**files, file: pickle.dumps(value, protocol=4)})

    assert str(refusal.value).startswith(f"tiny/1/{file} names {named}")


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_no_protocol_of_pickle_gets_past(files, protocol):
    with pytest.raises(UnsafePickleError):
        load_pipeline("tiny", "tiny/1", {**files, "label_encoder.pkl": pickle.dumps(eval, protocol=protocol)})
