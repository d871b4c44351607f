"""Each input is answered as if it were alone, with a true confidence and an honest fallback."""

import dataclasses
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app.domain.abstention import Abstention
from app.domain.errors import UnknownIntentError
from app.domain.prediction import FallbackReason, Prediction
from app.pipeline.artifacts import SERVED_FILES, load_pipeline
from app.pipeline.calibration import Calibration
from app.pipeline.intent_pipeline import IntentPipeline
from app.registry.model_registry import ModelRegistry

INTENTS = {"bill", "booking", "greeting", "weather"}
TEXTS = [
    "hello",
    "will it rain tomorrow",
    "a table for four",
    "the bill please, i would like to pay by card",
    "hi there",
    "is it cold",
    "book",
]


@pytest.fixture(params=["tiny", "tinyseq"])
def pipeline(request, tiny_models: Path) -> IntentPipeline:
    """A trained model of each family in turn."""
    stored = ModelRegistry(tiny_models).load(request.param, 1, SERVED_FILES)
    return load_pipeline(request.param, stored.folder, stored.files)


def asking_for(pipeline: IntentPipeline, min_confidence: float) -> IntentPipeline:
    """Give the same pipeline with another minimum confidence."""
    return dataclasses.replace(
        pipeline, calibration=Calibration(pipeline.calibration.temperature, Abstention(min_confidence))
    )


def one(pipeline: IntentPipeline, text: str, top_k: int = 4) -> Prediction:
    [prediction] = pipeline.predict([text], top_k=top_k)
    return prediction


@pytest.mark.parametrize(
    ("text", "intent"),
    [("good morning", "greeting"), ("will it snow today", "weather"), ("table for four please", "booking")],
)
def test_a_text_it_was_trained_on_is_known_again(pipeline, text, intent):
    assert one(pipeline, text).intent == intent


def test_a_ranking_names_every_intent_once(pipeline):
    assert sorted(place.intent for place in one(pipeline, "hello").ranking) == sorted(INTENTS)


def test_a_ranking_falls_from_place_to_place_and_sums_to_1(pipeline):
    confidences = [place.confidence for place in one(pipeline, "hello").ranking]

    assert confidences == sorted(confidences, reverse=True)
    assert sum(confidences) == pytest.approx(1.0, abs=1e-5)


def test_the_confidence_is_that_of_the_first_place(pipeline):
    prediction = one(pipeline, "will it rain")

    assert prediction.confidence == prediction.ranking[0].confidence
    assert prediction.best == prediction.ranking[0].intent


@pytest.mark.parametrize(("top_k", "places"), [(1, 1), (2, 2), (4, 4), (1000, 4)])
def test_a_ranking_has_the_places_asked_for_where_there_are_so_many(pipeline, top_k, places):
    assert one(pipeline, "hello", top_k).ranking == one(pipeline, "hello").ranking[:places]


def test_restricted_intents_are_ranked_alone_with_the_confidences_they_have(pipeline):
    whole = {place.intent: place.confidence for place in one(pipeline, "hello").ranking}

    [prediction] = pipeline.predict(["hello"], top_k=4, intents=["weather", "bill", "weather"])

    assert {place.intent: place.confidence for place in prediction.ranking} == {
        "weather": whole["weather"],
        "bill": whole["bill"],
    }
    assert prediction.confidence == max(whole["weather"], whole["bill"])


def test_a_restricted_answer_is_held_to_the_same_minimum(pipeline):
    [prediction] = pipeline.predict(["good morning"], top_k=1, intents=["bill"])

    assert prediction.intent is None
    assert prediction.fallback is FallbackReason.LOW_CONFIDENCE
    assert prediction.best == "bill"


def test_intents_that_the_model_has_not_are_refused_by_name(pipeline):
    with pytest.raises(UnknownIntentError) as refusal:
        pipeline.predict(["hello"], top_k=1, intents=["greeting", "farewell", "tip"])

    assert str(refusal.value) == f"model {pipeline.name} has no intent 'farewell', 'tip'"


def test_unknown_intents_are_refused_even_where_nothing_is_asked(pipeline):
    with pytest.raises(UnknownIntentError):
        pipeline.predict([], top_k=1, intents=["farewell"])


@pytest.mark.parametrize("text", ["", " ", "\n\t", "...", "?!", "ქართული", "\u200b", "\x00"])
def test_a_text_of_which_nothing_is_known_is_not_guessed_at(pipeline, text):
    assert one(pipeline, text) == Prediction(None, 0.0, FallbackReason.NO_KNOWN_WORDS, ())


def test_below_the_minimum_no_intent_is_named_and_all_else_stays(pipeline):
    sure = one(pipeline, "hello")
    unsure = one(asking_for(pipeline, 1.0), "hello")

    assert (unsure.intent, unsure.fallback) == (None, FallbackReason.LOW_CONFIDENCE)
    assert (unsure.confidence, unsure.ranking, unsure.best) == (sure.confidence, sure.ranking, sure.best)


def test_without_a_minimum_the_first_place_is_always_named(pipeline):
    prediction = one(asking_for(pipeline, 0.0), "it it it hello rain bill")

    assert prediction.intent == prediction.ranking[0].intent
    assert prediction.fallback is None


def test_answers_keep_the_order_of_the_inputs(pipeline):
    bests = [one(pipeline, text).best for text in TEXTS]

    assert [prediction.best for prediction in pipeline.predict(TEXTS, top_k=1)] == bests


def test_unknown_inputs_among_known_ones_move_no_answer(pipeline):
    mixed = [text for known in TEXTS for text in (known, "", "ქართული")]

    predictions = pipeline.predict(mixed, top_k=4)

    assert [prediction.best for prediction in predictions[::3]] == [one(pipeline, text).best for text in TEXTS]
    assert all(prediction.best is None for prediction in predictions[1::3] + predictions[2::3])


def test_no_inputs_have_no_answers(pipeline):
    assert pipeline.predict([], top_k=3) == []


def test_more_text_than_goes_through_the_network_at_once_is_answered_whole(pipeline):
    long = " ".join(TEXTS * 10)  # 600 of these are more elements than one run takes

    predictions = pipeline.predict([long] * 600, top_k=1)

    assert len(predictions) == 600
    assert {prediction.best for prediction in predictions} == {one(pipeline, long).best}


@pytest.mark.parametrize("text", ["HELLO", "  hello ", "Hello!", "hello?!…", "ｈｅｌｌｏ"])
def test_case_blanks_and_final_marks_decide_nothing(pipeline, text):
    assert one(pipeline, text) == one(pipeline, "hello")


def test_threads_that_ask_at_once_get_what_each_would_get_alone(pipeline):
    alone = [one(pipeline, text) for text in TEXTS]

    with ThreadPoolExecutor(8) as threads:
        together = list(threads.map(lambda text: one(pipeline, text), TEXTS * 30))

    assert together == alone * 30
