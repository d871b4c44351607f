"""
One battery for all families: what was saved comes back the same, and any input gets an answer or None.

That each export computes what its trained network does is held by tests/training/test_parity.py.
"""

import dataclasses
import gc
import weakref
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from app.domain.prediction import FallbackReason
from app.families.catalogue import family_named, family_names
from app.families.contract import Features, alone
from app.families.model_config import resolve
from app.pipeline.artifacts import OPTIONAL_FILES, SERVED_FILES, PipelineParts, load_pipeline
from app.pipeline.intent_pipeline import IntentPipeline
from app.registry.model_registry import ModelRegistry
from tests.families.inputs import as_input, as_inputs, least_settings

TEXTS = [
    "hello there",
    "will it rain tomorrow",
    "don't book a table",
    "a table for two, please",
    "how much is it",
    "the bill",
    "wie wird das Wetter",
    "привет как дела",
    "今日の天気は",
    "hello 👋🏽",
]

SCRIPTS = {
    "Arabic": "مرحبا كيف حالك",
    "Armenian": "բարեւ ձեզ",
    "Chinese": "你好吗",
    "combining": "e\u0301\u0323\u0301 hello",
    "control": "hel\x00lo\x1b[31m",
    "Devanagari": "नमस्ते आप कैसे हैं",
    "emoji": "👩‍👩‍👧‍👦 🏳️‍🌈 👋🏽",
    "Greek": "γειά σου ΣΑΣ",
    "Hangul": "안녕하세요",
    "Hebrew": "שָׁלוֹם",
    "Japanese": "こんにちは ｶﾞ",
    "lone surrogate": "hello \ud83d",
    "mathematical": "𝓱𝓮𝓵𝓵𝓸 ①②③ ﬁ",
    "right to left marks": "\u202ehello\u202c \u200f",
    "Thai": "สวัสดีครับ",
    "Turkish": "İYİ GÜNLER ıi",
    "zero width": "he\u200bllo\ufeff",
}


@pytest.fixture(params=family_names())
def family(request) -> str:
    return str(request.param)


@pytest.fixture
def features(family: str) -> Features[Any]:
    """Features that learned the texts above."""
    return learned(family, TEXTS)


@pytest.fixture
def pipeline(family: str, family_models: ModelRegistry) -> IntentPipeline:
    """A trained model of the family."""
    return loaded(family_models, family)


def loaded(registry: ModelRegistry, name: str, version: int = 1) -> IntentPipeline:
    stored = registry.load(name, version, SERVED_FILES)
    return load_pipeline(name, stored.folder, stored.files)


def learned(name: str, texts: Sequence[str]) -> Features[Any]:
    """Give features with default settings that learned texts."""
    family = family_named(name)
    config = resolve(family.config, least_settings(name), name)
    return family.features.learn(config, as_inputs(family.features, texts))


def restored(name: str, state: dict[str, Any]) -> Features[Any]:
    """Give features with default settings from a saved state."""
    family = family_named(name)
    return family.features.restore(resolve(family.config, least_settings(name), name), state)


def same(one: Any, other: Any) -> bool:
    """Compare two encodings to the last bit."""
    if one is None or other is None:
        return one is other
    return one.keys() == other.keys() and all(
        one[name].dtype == other[name].dtype and np.array_equal(one[name], other[name]) for name in one
    )


def is_plain(value: object) -> bool:
    if isinstance(value, dict):
        return type(value) is dict and all(is_plain(item) for pair in value.items() for item in pair)
    if isinstance(value, list | tuple):
        return type(value) in (list, tuple) and all(map(is_plain, value))
    return type(value) in (str, bytes, int, float, bool, type(None))


def test_features_that_were_saved_come_back_the_same(family, features):
    again = restored(family, features.state())

    assert again.state() == features.state()
    assert all(same(again.encode(as_input(again, text)), features.encode(as_input(again, text))) for text in TEXTS)


def test_a_state_is_plain_builtins_only(features):
    assert is_plain(features.state())


def test_the_same_inputs_give_the_same_state(family, features):
    assert learned(family, list(TEXTS)).state() == features.state()


def test_the_order_of_inputs_does_not_change_what_is_learned(family, features):
    assert learned(family, TEXTS[::-1]).state() == features.state()


def test_a_pipeline_that_is_done_with_leaves_the_memory_without_the_garbage_collector(family, family_models):
    gc.collect()
    gc.disable()
    try:
        pipeline = loaded(family_models, family)
        pipeline.predict(as_inputs(pipeline.features, TEXTS), top_k=3)
        freed = weakref.ref(pipeline.features), weakref.ref(pipeline.session)

        del pipeline

        assert [ref() for ref in freed] == [None, None]
    finally:
        gc.enable()


def test_what_answering_remembers_is_counted(features):
    before = features.remembered_bytes

    for number in range(100):
        features.encode(as_input(features, f"hello{number} there"))

    assert before == 0
    assert features.remembered_bytes in (
        0,
        101 * 250,
    )  # a hundred words and `there`, where it does


def test_encoding_changes_nothing_that_was_learned(features):
    before = features.state()

    for text in [*TEXTS, "never seen before", *TEXTS]:
        features.encode(as_input(features, text))

    assert features.state() == before


@pytest.mark.parametrize("state", [{}, {"words": 7}, {"words": None, "characters": None, "rarity": None}])
def test_what_is_no_state_is_refused_as_the_contract_says(family, state):
    with pytest.raises((KeyError, TypeError, ValueError)):
        restored(family, state)


@pytest.mark.parametrize("text", ["", " ", "\t\n", "...", "?!", "ქართული", "ɸɸɸ ʘʘ"])
def test_a_text_of_which_nothing_is_known_is_none(features, text):
    assert features.encode(as_input(features, text)) is None


def test_the_arrays_of_an_encoding_are_flat_and_hold_something(features):
    encodings = [encoding for text in TEXTS if (encoding := features.encode(as_input(features, text))) is not None]

    assert len(encodings) == len(TEXTS)
    for encoding in encodings:
        assert {array.ndim for array in encoding.values()} == {1}
        assert any(len(array) for array in encoding.values())


def test_every_encoding_has_the_arrays_of_the_probe_in_their_order(features):
    probe = features.probe()

    for text in TEXTS:
        assert [(name, array.dtype) for name, array in features.encode(as_input(features, text)).items()] == [
            (name, array.dtype) for name, array in probe.items()
        ]


def test_no_encoding_holds_a_number_beyond_the_probe(features):
    probe = features.probe()

    for text in TEXTS:
        for name, array in features.encode(as_input(features, text)).items():
            assert array.dtype != np.int32 or array.max() <= probe[name].max()


def test_every_text_that_was_learned_from_is_encoded_in_finite_numbers(features):
    for text in TEXTS:
        encoding = features.encode(as_input(features, text))
        assert encoding is not None
        assert all(np.isfinite(array).all() for array in encoding.values())


@pytest.mark.parametrize("text", [pytest.param(text, id=script) for script, text in SCRIPTS.items()])
def test_a_text_of_any_script_is_answered(pipeline, text):
    [prediction] = pipeline.predict([as_input(pipeline.features, text)], top_k=4)

    assert 0.0 <= prediction.confidence <= 1.0
    assert (prediction.fallback is FallbackReason.NO_KNOWN_WORDS) == (prediction.ranking == ())


@pytest.mark.parametrize("text", [pytest.param(text, id=script) for script, text in SCRIPTS.items()])
def test_a_text_of_any_script_can_be_learned(family, text):
    features = learned(family, [text])

    assert features.encode(as_input(features, text)) is not None
    assert same(
        restored(family, features.state()).encode(as_input(features, text)), features.encode(as_input(features, text))
    )


@pytest.mark.parametrize(
    "text", ["hello " * 1_666, "a" * 10_000, "hello" * 2_000, "?" * 10_000, "'" * 10_000, "漢" * 10_000, "a." * 5_000]
)
def test_a_very_long_text_is_answered(pipeline, text):
    [prediction] = pipeline.predict([as_input(pipeline.features, text)], top_k=1)

    assert 0.0 <= prediction.confidence <= 1.0


def test_a_batch_answers_as_each_text_would_be_answered_alone(pipeline):
    texts = [" ".join(TEXTS)[:end] for end in range(0, 120, 3)] + TEXTS * 3

    for text, in_batch in zip(texts, pipeline.predict(as_inputs(pipeline.features, texts), top_k=4), strict=True):
        [alone] = pipeline.predict([as_input(pipeline.features, text)], top_k=4)
        assert dict(in_batch.ranking) == pytest.approx(dict(alone.ranking), abs=1e-5)
        assert in_batch.confidence == pytest.approx(alone.confidence, abs=1e-5)


def test_where_zeros_may_fill_an_array_they_change_no_score(pipeline):
    encoding = pipeline.features.encode(as_input(pipeline.features, TEXTS[3]))
    filled = {
        name: np.pad(array, (0, 13)) if name in pipeline.features.zeros_may_fill else array
        for name, array in encoding.items()
    }

    scores, of_filled = (pipeline.session.scores(alone(one)) for one in (encoding, filled))

    assert pipeline.features.zeros_may_fill <= encoding.keys()
    assert of_filled == pytest.approx(scores, abs=1e-6)


def test_a_model_of_the_family_learns_what_it_was_shown(pipeline):
    shown = {"good morning": "greeting", "will it snow today": "weather", "table for four please": "booking"}

    answers = pipeline.predict(as_inputs(pipeline.features, list(shown)), top_k=1)

    assert [answer.best for answer in answers] == list(shown.values())


@pytest.mark.parametrize("text", ["", " ", "\t\n", "...", "ქართული", "\x00"])
def test_a_text_of_which_nothing_is_known_is_not_guessed_at(pipeline, text):
    [prediction] = pipeline.predict([as_input(pipeline.features, text)], top_k=4)

    assert (prediction.intent, prediction.ranking) == (None, ())
    assert prediction.fallback is FallbackReason.NO_KNOWN_WORDS


def test_a_pipeline_that_was_written_and_read_answers_the_same(pipeline, family, family_models):
    files = family_models.load(family, 1, SERVED_FILES).files
    parts = {field.name: getattr(pipeline, field.name) for field in dataclasses.fields(PipelineParts)}

    written = {**PipelineParts(**parts).to_files(), "model.onnx": files["model.onnx"]}

    assert written == files
    inputs = as_inputs(pipeline.features, TEXTS)
    assert load_pipeline(family, family, written).predict(inputs, top_k=4) == pipeline.predict(
        as_inputs(pipeline.features, TEXTS), top_k=4
    )


def test_the_same_seed_gives_the_same_model(family, family_models):
    decided = SERVED_FILES - {"model.onnx"} - OPTIONAL_FILES | {"report.json"}
    one, other = (family_models.load(family, version, decided).files for version in (1, 2))
    pipelines = [loaded(family_models, family, version) for version in (1, 2)]
    answers, again = (each.predict(as_inputs(each.features, TEXTS), top_k=4) for each in pipelines)

    assert one == other
    assert [dict(answer.ranking) for answer in answers] == [
        pytest.approx(dict(answer.ranking), abs=1e-6) for answer in again
    ]


def test_1000_intents_with_an_example_each_are_all_ranked(family, family_models):
    pipeline = loaded(family_models, f"{family}-thousand")

    [prediction] = pipeline.predict([as_input(pipeline.features, "item 12 of shelf 12")], top_k=1_000)

    assert len({place.intent for place in prediction.ranking}) == 1_000
    assert sum(place.confidence for place in prediction.ranking) == pytest.approx(1.0, abs=0.001)


def test_1024_texts_in_one_call_have_1024_answers(pipeline):
    texts = [f"{TEXTS[number % len(TEXTS)]} {'again ' * (number % 7)}" for number in range(1_024)]

    assert len(pipeline.predict(as_inputs(pipeline.features, texts), top_k=1)) == 1_024
