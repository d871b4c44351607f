"""One text or many are answered by one version, within the limits, with a reply where the data have one."""

from pathlib import Path

import pytest

from app.domain.errors import (
    InputTooLongError,
    ModelNotFoundError,
    TooManyInputsError,
    UnknownIntentError,
)
from app.domain.example import Reply
from app.domain.prediction import FallbackReason, Prediction
from app.pipeline.artifacts import RESPONSES, SERVED_FILES, replies_json
from app.registry.model_registry import ModelRegistry
from app.service.loaded_models import LoadedModels
from app.service.predict import Limits, Predict, Question, response_to
from app.service.prediction_cache import PredictionCache

LIMIT = 40


@pytest.fixture
def registry(tiny_models: Path, tmp_path: Path) -> Path:
    """The tiny model with replies to greetings, as `replying`."""
    stored = ModelRegistry(tiny_models).load("tiny", 2, SERVED_FILES)
    replies = replies_json({"greeting": Reply(("Hello!", "Hi."))})
    ModelRegistry(tmp_path).publish("replying", {**stored.files, RESPONSES: replies}, stored.manifest.facts)
    ModelRegistry(tmp_path).publish("silent", stored.files, stored.manifest.facts)
    return tmp_path


@pytest.fixture
def models(registry: Path) -> LoadedModels:
    models = LoadedModels(ModelRegistry(registry), "replying")
    models.load_all()
    return models


@pytest.fixture
def predict(models: LoadedModels) -> Predict:
    return Predict(models, Limits(max_text_chars=LIMIT, max_texts=3), PredictionCache(10))


def test_a_text_is_answered_by_the_model_asked_for(predict: Predict) -> None:
    model, prediction = predict.one("hello there", Question(model="silent"))

    assert (model.name, model.version) == ("silent", 1)
    assert prediction.intent == "greeting"


def test_a_question_without_a_model_means_the_default_one(predict: Predict) -> None:
    model, _ = predict.one("hello there", Question())

    assert model.name == "replying"


def test_texts_are_answered_in_order_as_each_would_be_alone(predict: Predict) -> None:
    texts = ["will it rain", "", "hello there"]

    _, answers = predict.many(texts, Question())

    assert answers == [predict.one(text, Question())[1] for text in texts]


def test_no_texts_have_no_answers(predict: Predict) -> None:
    _, answers = predict.many([], Question())

    assert answers == []


def test_a_text_of_the_longest_length_is_answered(predict: Predict) -> None:
    _, prediction = predict.one("hello".ljust(LIMIT), Question())

    assert prediction.intent == "greeting"


def test_the_length_of_a_text_is_counted_in_characters_not_bytes(predict: Predict) -> None:
    _, prediction = predict.one("hello " + "🙂" * (LIMIT - 6), Question())

    assert isinstance(prediction, Prediction)


def test_a_text_one_character_too_long_is_refused(predict: Predict) -> None:
    with pytest.raises(InputTooLongError) as refused:
        predict.one("x" * (LIMIT + 1), Question())

    assert (refused.value.n_chars, refused.value.limit, refused.value.field) == (LIMIT + 1, LIMIT, "text")


def test_a_text_too_long_among_others_is_refused_alone(predict: Predict) -> None:
    _, [first, second, third] = predict.many(["hello", "x" * (LIMIT + 1), "will it rain"], Question())

    assert isinstance(second, InputTooLongError)
    assert second.field == "texts[1]"
    assert [answer.intent for answer in (first, third) if isinstance(answer, Prediction)] == ["greeting", "weather"]


def test_texts_that_are_all_too_long_are_each_refused(predict: Predict) -> None:
    _, answers = predict.many(["x" * (LIMIT + 1)] * 2, Question())

    assert [type(answer) for answer in answers] == [InputTooLongError] * 2


def test_more_texts_than_allowed_are_refused_together(predict: Predict) -> None:
    with pytest.raises(TooManyInputsError) as refused:
        predict.many(["hello"] * 4, Question())

    assert (refused.value.n_inputs, refused.value.limit, refused.value.field) == (4, 3, "texts")


@pytest.mark.parametrize("texts", [["hello"], [""], []])
def test_an_unknown_intent_is_refused_whatever_the_texts(predict: Predict, texts: list[str]) -> None:
    with pytest.raises(UnknownIntentError, match="'farewell'"):
        predict.many(texts, Question(intents=["greeting", "farewell"]))


def test_an_unknown_model_is_told(predict: Predict) -> None:
    with pytest.raises(ModelNotFoundError):
        predict.one("hello", Question(model="nobody"))


def test_a_reply_is_one_of_those_the_data_have_for_the_intent(predict: Predict) -> None:
    model, prediction = predict.one("hello there", Question())

    assert response_to(model, prediction) in ("Hello!", "Hi.")


def test_an_intent_without_replies_gets_none(predict: Predict) -> None:
    model, prediction = predict.one("will it rain", Question())

    assert response_to(model, prediction) is None


def test_a_fallback_gets_no_reply_of_the_intent_it_did_not_name(predict: Predict) -> None:
    model, prediction = predict.one("will it rain", Question(intents=["greeting"]))

    assert (prediction.best, prediction.fallback) == ("greeting", FallbackReason.LOW_CONFIDENCE)
    assert response_to(model, prediction) is None
