"""Entities are looked for at each request, whatever is remembered of its text, and never hold the event loop up."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from app.data.snapshot import entities_in, from_bytes
from app.domain.entity import Annotation
from app.domain.example import Dataset, Example
from app.domain.patience import MustWaitError
from app.domain.training_errors import UntrainableOrderError
from app.entities.declaration import entities_json, settled
from app.pipeline.artifacts import ENTITIES, SERVED_FILES
from app.registry.model_registry import ModelRegistry
from app.service.loaded_models import LoadedModels
from app.service.predict import Limits, Predict, Question
from app.service.prediction_cache import PredictionCache
from app.service.train import Train, Versions, Wish
from tests.entities.moments import WEDNESDAY

DECLARED: dict[str, dict[str, Any]] = {
    "plain": {},
    "quick": {"city": {"gazetteer": ["rome"]}, "amount": {"number": "en"}},
    "dated": {"when": {"date": "en"}},
}


@pytest.fixture(scope="module")
def models(tiny_models: Path, tmp_path_factory: pytest.TempPathFactory) -> LoadedModels:
    folder = tmp_path_factory.mktemp("entities")
    stored = ModelRegistry(tiny_models).load("tiny", 2, SERVED_FILES)
    for name, declared in DECLARED.items():
        files = {ENTITIES: entities_json(settled(declared, name))} if declared else {}
        ModelRegistry(folder).publish(name, {**stored.files, **files}, stored.manifest.facts)
    models = LoadedModels(ModelRegistry(folder), "plain")
    models.load_all()
    return models


@pytest.fixture
def cache() -> PredictionCache:
    return PredictionCache(10)


@pytest.fixture
def days() -> Iterator[Any]:
    return (WEDNESDAY + timedelta(days=number) for number in range(9))


@pytest.fixture
def predict(models: LoadedModels, cache: PredictionCache, days: Iterator[Any]) -> Predict:
    """A day goes by between two looks at the clock."""
    return Predict(models, Limits(max_text_chars=100, max_texts=3), cache, now=lambda: next(days))


def test_tomorrow_is_another_day_tomorrow_though_the_intent_is_remembered(predict, cache) -> None:
    replies = []
    for _ in range(2):
        model, prediction = predict.one("a table tomorrow", Question("dated"))
        replies.append((prediction.intent, [one.value for one in predict.entities(model, "a table tomorrow").entities]))

    assert replies == [("booking", ["2026-03-19"]), ("booking", ["2026-03-20"])]
    assert (cache.n_hits, cache.n_misses) == (1, 1)


def test_a_model_that_declares_none_looks_for_none_and_not_at_the_clock(predict, days) -> None:
    model, _ = predict.one("rome tomorrow", Question("plain"), may_wait=False)

    assert predict.entities(model, "rome tomorrow") is None
    assert next(days) == WEDNESDAY


def test_what_takes_time_is_asked_again_off_the_event_loop_before_anything_is_done(predict, cache) -> None:
    with pytest.raises(MustWaitError):
        predict.one("hello", Question("dated"), may_wait=False)
    assert (cache.n_hits, cache.n_misses) == (0, 0)

    model, _ = predict.one("two to rome", Question("quick"), may_wait=False)
    assert [one.value for one in predict.entities(model, "two to rome").entities] == [2, "rome"]


class _Kept:
    """A queue that keeps what is submitted, and drafts that nobody changes."""

    def submit(self, order: Any, _: str, snapshot: bytes, *more: object) -> Any:  # noqa: ARG002 - its protocol
        self.order, self.snapshot = order, snapshot
        return SimpleNamespace(id="1"), False


def test_a_training_over_http_learns_with_what_the_active_version_finds_and_its_job_lists_no_names() -> None:
    queue, known = _Kept(), {"family": "bow", "entities": {"city": {"gazetteer": ["rome"]}, "n": {"number": "en"}}}
    nobody: Any = None
    train = Train(cast("Any", queue), nobody, Versions(lambda _: known, nobody), nobody)
    data = Dataset((Example("to rome", "fly", entities=(Annotation("city", 3, 7),)), Example("hi", "greet")))

    train.submit(Wish("m", config={"entities": {"n": None, "when": {"date": "en"}}}), data, "test", "ada")

    assert "entities" not in queue.order.config
    assert entities_in(queue.snapshot) == {"city": {"gazetteer": ["rome"]}, "when": {"date": "en"}}
    assert from_bytes(queue.snapshot).examples == data.examples


def test_a_training_over_http_names_no_file_of_the_server() -> None:
    nobody: Any = None
    train = Train(nobody, nobody, Versions(lambda _: {}, nobody), nobody)
    wish = Wish("m", config={"entities": {"x": {"gazetteer": "/etc/passwd"}}})

    with pytest.raises(UntrainableOrderError, match="a file is read where a model's own file names it"):
        train.submit(wish, Dataset((Example("a", "b"),)), "test", "ada")
