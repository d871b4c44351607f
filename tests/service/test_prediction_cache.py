"""An answer is given again only by the version that gave it, to the same question, while there is room."""

import gc
from pathlib import Path
from weakref import ref

import pytest

from app.domain.prediction import Prediction
from app.registry.model_registry import ModelRegistry
from app.service.loaded_models import LoadedModels
from app.service.model_state import LoadedModel
from app.service.prediction_cache import PredictionCache


class Asking:
    """Counts what it is asked."""

    def __init__(self) -> None:
        self.n = 0

    def __call__(self) -> Prediction:
        self.n += 1
        return Prediction("weather", 0.9, None, ())


@pytest.fixture
def model(tiny_models: Path) -> LoadedModel:
    return LoadedModels(ModelRegistry(tiny_models), "tiny").load_one("tiny")


def test_the_same_question_is_answered_once(model: LoadedModel) -> None:
    cache, predict = PredictionCache(10), Asking()

    answers = {cache.answer(model, ("hello", 3, None), predict) for _ in range(5)}

    assert (len(answers), predict.n, cache.n_hits, cache.n_misses) == (1, 1, 4, 1)


@pytest.mark.parametrize("other", [("hallo", 3, None), ("hello", 1, None), ("hello", 3, ("weather",))])
def test_another_question_is_another_one(model: LoadedModel, other: tuple[str, int, tuple[str, ...] | None]) -> None:
    cache, predict = PredictionCache(10), Asking()
    cache.answer(model, ("hello", 3, None), predict)

    cache.answer(model, other, predict)

    assert predict.n == 2


def test_another_version_answers_for_itself(model: LoadedModel, tiny_models: Path) -> None:
    cache, predict = PredictionCache(10), Asking()
    cache.answer(model, ("hello", 3, None), predict)

    cache.answer(LoadedModels(ModelRegistry(tiny_models), "tiny").load_one("tiny@1"), ("hello", 3, None), predict)

    assert predict.n == 2


def test_what_was_asked_longest_ago_makes_room(model: LoadedModel) -> None:
    cache, predict = PredictionCache(2), Asking()
    for text in ("a", "b", "a", "c"):
        cache.answer(model, (text, 3, None), predict)
    assert predict.n == 3

    cache.answer(model, ("a", 3, None), predict)
    assert predict.n == 3
    cache.answer(model, ("b", 3, None), predict)
    assert predict.n == 4


@pytest.mark.parametrize(("max_texts", "text"), [(0, "hello"), (10, "x" * 201)])
def test_nothing_is_kept_where_that_is_not_wanted_or_not_worth_it(
    model: LoadedModel, max_texts: int, text: str
) -> None:
    cache, predict = PredictionCache(max_texts), Asking()
    for _ in range(2):
        cache.answer(model, (text, 3, None), predict)

    assert predict.n == 2


def test_a_version_that_is_let_go_is_not_kept_by_its_answers(tiny_models: Path) -> None:
    cache = PredictionCache(10)
    model = LoadedModels(ModelRegistry(tiny_models), "tiny").load_one("tiny")
    cache.answer(model, ("hello", 3, None), Asking())

    gone = ref(model)
    del model
    gc.collect()

    assert gone() is None


def test_what_is_kept_of_a_version_is_counted_and_no_more_than_that(model: LoadedModel) -> None:
    cache, predict = PredictionCache(10), Asking()
    assert cache.bytes_of(model) == 0
    cache.answer(model, ("hello", 3, None), predict)
    of_one = cache.bytes_of(model)

    for number in range(100):
        cache.answer(model, (f"hello {number}", 3, None), predict)

    assert 0 < of_one * 10 == cache.bytes_of(model)
