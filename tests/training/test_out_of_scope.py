"""Texts that no intent is meant for teach a model to abstain, and are part of what it was made from."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from app.bootstrap.training import Training, wire_training
from app.domain.prediction import FallbackReason
from app.pipeline.artifacts import SERVED_FILES, load_pipeline
from app.pipeline.intent_pipeline import IntentPipeline
from app.registry.model_registry import ModelRegistry
from app.settings import load_settings

OUTSIDE = [
    "sing me a song", "sing another song", "play some music", "play a song", "music please", "sing some music",
    "who won the match", "who won the cup", "score of the match", "who plays in the cup match", "tell the score",
    "translate this word", "translate a word into french", "say that word in french", "what is french for song",
]  # fmt: skip
ASKED_OUTSIDE = ["sing the song", "who won the match", "play music"]
ASKED_INSIDE = {"good morning": "greeting", "will it snow today": "weather", "bring the bill": "bill"}
SETS = [("training.epochs", 30), ("training.batch_size", 8)]


class Abstaining(NamedTuple):
    """A folder with texts out of scope, and the registry of the model that learned from them."""

    folder: Path
    data: Path

    def training(self) -> Training:
        flags = {"models_dir": self.folder / "models"}
        return wire_training(load_settings(self.folder, environment={}, flags=flags), self.folder)

    def is_current(self, changes: Mapping[str, Any]) -> bool:
        """Say whether the model is what the data, with changes to the plan, would make."""
        files = {"out_of_scope": "outside", "out_of_scope_test": "asked"}
        sets = [(key, value) for key, value in {**files, **changes}.items() if value is not None]
        training = self.training()
        return training.is_current(training.check("x", {"data": str(self.data)}, [*SETS, *sets], self.folder))


@pytest.fixture(scope="module")
def abstaining(once: Callable[..., Path], python: Callable[..., Any], tiny_data: Path) -> Abstaining:
    def train(folder: Path) -> None:
        (folder / "outside").write_text("text\n" + "\n".join(OUTSIDE))
        (folder / "asked").write_text("\n".join(ASKED_OUTSIDE))
        (folder / "others").write_text("\n".join(OUTSIDE[1:]))
        sets = [*SETS, ("out_of_scope_test", folder / "asked")]
        done = python(
            *("train.py", "--model", "x", "--data", tiny_data, "--out-of-scope", folder / "outside"),
            *("--models-dir", folder / "models"),
            *(part for key, value in sets for part in ("--set", f"{key}={value}")),
        )
        assert done.returncode == 0, done.stderr

    return Abstaining(once("out-of-scope", train), tiny_data)


@pytest.fixture
def pipeline(abstaining: Abstaining) -> IntentPipeline:
    stored = ModelRegistry(abstaining.folder / "models").load("x", 1, SERVED_FILES)
    return load_pipeline("x", stored.folder, stored.files)


def test_what_is_like_the_texts_out_of_scope_is_left_without_an_intent(pipeline):
    answers = pipeline.predict(ASKED_OUTSIDE, top_k=1)

    assert [(answer.intent, answer.fallback) for answer in answers] == [
        (None, FallbackReason.FAR_FROM_TRAINING_DATA)
    ] * len(ASKED_OUTSIDE)


def test_what_an_intent_is_meant_for_still_gets_it(pipeline):
    answers = pipeline.predict(list(ASKED_INSIDE), top_k=1)

    assert [answer.intent for answer in answers] == list(ASKED_INSIDE.values())


def test_none_of_these_is_no_intent(pipeline):
    [prediction] = pipeline.predict([ASKED_OUTSIDE[0]], top_k=10)

    assert sorted(place.intent for place in prediction.ranking) == ["bill", "booking", "greeting", "weather"]
    assert sum(place.confidence for place in prediction.ranking) < 0.5


def test_how_many_texts_out_of_scope_get_no_intent_is_measured(abstaining):
    report = json.loads((abstaining.folder / "models" / "x" / "1" / "report.json").read_bytes())

    assert report["out_of_scope"]["examples"] == len(ASKED_OUTSIDE)
    assert report["out_of_scope"]["recall"] == 1.0
    assert report["out_of_scope"]["fallbacks"] == {"far_from_training_data": len(ASKED_OUTSIDE)}


def test_the_same_texts_out_of_scope_leave_the_model_current(abstaining):
    assert abstaining.is_current({})


@pytest.mark.parametrize(
    "changes",
    [{"out_of_scope": "others"}, {"out_of_scope": None}, {"out_of_scope_test": "others"}, {"out_of_scope_test": None}],
)
def test_other_texts_out_of_scope_make_another_model(abstaining, changes):
    assert not abstaining.is_current(changes)


def test_a_text_that_has_an_intent_too_is_told_by_both(abstaining):
    (abstaining.folder / "both").write_text("Sing!\nHello\n")

    checked = abstaining.training().check(
        "x", {"data": str(abstaining.data)}, [("out_of_scope", "both")], abstaining.folder
    )

    told = [str(warning) for warning in checked.warnings]
    assert told == [f"{abstaining.folder / 'both'}: 'Hello' is out of scope here and 'greeting' in the training data"]
