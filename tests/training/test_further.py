"""A further training learns what is added, keeps what was known, and says what became of both."""

import dataclasses
import hashlib
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from app.domain.example import Dataset, Example, Reply, inputs_of
from app.domain.training_errors import CannotContinueError, NonFiniteLossError, UnusableDatasetError
from app.pipeline.artifacts import SERVED_FILES, load_pipeline
from app.pipeline.intent_pipeline import IntentPipeline
from app.planning.check import check_data
from app.planning.currency import is_current
from app.planning.plan import settle_config
from app.planning.stored_dataset import read_stored_config, read_stored_dataset
from app.registry.model_registry import ModelRegistry
from app.training.base_version import read_base
from app.training.train_model import TrainedModel, train_model
from tests.conftest import TINY

# Keras 3.15 asks numpy 2 for what it has given another name
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

_SLOW = [pytest.param(family, marks=pytest.mark.long) for family in ("hybrid", "lstm")]
FAMILIES = ["bow", "classical", "lstm_attention", *_SLOW]
FEW_STEPS = {"epochs": 30, "batch_size": 8}
KNOWN = tuple(Example(text, intent) for intent, texts in TINY.items() for text in texts)
OUTSIDE = ("sing me a song", "play some music", "who won the match", "tell me a joke")
# of an intent, and of words, that nothing was learned of
PARCELS = [
    "where is my parcel", "track my parcel", "my parcel has not arrived", "parcel tracking number",
    "has my parcel arrived", "the parcel was lost", "when does the parcel arrive", "parcel delivery status",
]  # fmt: skip
MORE = Dataset(tuple(Example(text, "parcel") for text in PARCELS), {"parcel": Reply(("On its way.",))}, "more.csv")


@pytest.fixture(scope="module", params=FAMILIES)
def family(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def trained(once: Callable[..., Path]) -> Callable[[str], Path]:
    """Give a registry with `m` of a family: version 1 knows the tiny data, version 2 the parcels too."""

    def registry_of(family: str) -> Path:
        def make(folder: Path) -> None:
            registry = ModelRegistry(folder)
            config = settle_config({"family": family, "training": FEW_STEPS}, "test")
            train_model(check_data("m", config, Dataset(KNOWN)), registry, lambda _: None)
            further(registry, MORE)

        return once(f"further-{family}", make)

    return registry_of


@pytest.fixture
def registry(trained: Callable[[str], Path], tmp_path: Path) -> ModelRegistry:
    """A copy of the registry of a `bow`, to be written to."""
    return ModelRegistry(Path(shutil.copytree(trained("bow"), tmp_path / "models")))


def further(registry: ModelRegistry, added: Dataset, version: int = 1, **options: Any) -> TrainedModel:
    """Train on from a version of `m`."""
    known = read_stored_dataset(registry, "m", version)
    config = settle_config(
        {**msgspec.to_builtins(read_stored_config(registry, "m", version)), **options.pop("config", {})}, "test"
    )
    checked = check_data("m", config, added, known=known)
    return train_model(checked, registry, lambda _: None, base=read_base(registry, "m", version), **options)


def pipeline(registry: ModelRegistry, version: int) -> IntentPipeline:
    stored = registry.load("m", version, SERVED_FILES)
    return load_pipeline("m", stored.folder, stored.files)


def best(model: IntentPipeline, texts: Sequence[Any]) -> list[str | None]:
    return [prediction.best for prediction in model.predict(texts, top_k=1)]


def listing(folder: Path) -> dict[str, str]:
    files = [path for path in folder.rglob("*") if path.is_file() and path.name != ".lock"]
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def report_of(registry: ModelRegistry, version: int) -> str:
    return registry.load("m", version, {"report.html"}).files["report.html"].decode()


def test_a_new_intent_of_new_words_is_learned(family, trained):
    model = pipeline(ModelRegistry(trained(family)), 2)

    assert best(model, PARCELS) == ["parcel"] * len(PARCELS)
    assert best(model, ["where is the parcel", "my parcel is lost"]) == ["parcel", "parcel"]


def test_what_was_known_is_still_known(family, trained):
    registry = ModelRegistry(trained(family))
    knew = [b == e.intent for e, b in zip(KNOWN, best(pipeline(registry, 1), inputs_of(KNOWN)), strict=True)]
    knows = [b == e.intent for e, b in zip(KNOWN, best(pipeline(registry, 2), inputs_of(KNOWN)), strict=True)]

    assert sum(knew) >= 28
    assert sum(knows) >= sum(knew) - 1


def test_the_new_version_keeps_all_examples_and_names_its_parent(family, trained):
    registry = ModelRegistry(trained(family))
    stored, facts = read_stored_dataset(registry, "m", 2), registry.manifest("m", 2).facts

    assert [(e.input, e.intent) for e in stored.examples] == [
        *((e.input, e.intent) for e in KNOWN), *((text, "parcel") for text in PARCELS)
    ]  # fmt: skip
    assert stored.replies == {"parcel": Reply(("On its way.",))}
    assert (facts.parent, facts.examples, facts.intents) == (1, 40, 5)
    assert registry.manifest("m", 1).facts.parent is None


def test_it_says_what_it_gained_and_forgot(family, trained):
    page = report_of(ModelRegistry(trained(family)), 2)

    assert "continued from version 1: 8 examples new" in page
    assert "new intent 'parcel': 8 of 8 of its new examples are right (0 before)" in page
    assert "forgot: " in page
    assert ("was fitted anew on everything" in page) == (family == "classical")


def test_the_same_training_gives_the_same_weights(registry):
    again = further(registry, MORE)

    assert again.manifest.version == 3
    first, second = (pipeline(registry, version) for version in (2, 3))
    texts = [*inputs_of(KNOWN), *PARCELS]
    np.testing.assert_allclose(
        [p.confidence for p in first.predict(texts, top_k=1)],
        [p.confidence for p in second.predict(texts, top_k=1)],
        atol=1e-5,
    )


def test_an_example_may_be_given_another_intent_and_an_intent_may_go(registry):
    moved = Dataset(tuple(Example(text, "question") for text in TINY["weather"]), source="more")
    report = further(registry, moved, version=2).report
    model = pipeline(registry, 3)

    assert model.label_encoder.intents == ("bill", "booking", "greeting", "parcel", "question")
    assert best(model, TINY["weather"]) == ["question"] * 8
    assert "8 examples were given another intent than before: 8 of 'weather'" in report.notes
    assert "no example is left of 'weather'" in report.notes


def test_texts_out_of_scope_come_and_stay(registry):
    further(registry, Dataset((), source="more", out_of_scope=OUTSIDE))
    further(registry, Dataset((Example("good bye", "farewell"), Example("see you", "farewell"))), version=3)
    model = pipeline(registry, 4)

    assert model.calibration.knows_none
    assert read_stored_dataset(registry, "m", 4).out_of_scope == OUTSIDE
    assert all(prediction.intent is None for prediction in model.predict(OUTSIDE, top_k=1))
    assert best(model, ["good bye", "see you"]) == ["farewell", "farewell"]


def test_many_rounds_stay_finite_and_keep_what_was_learned(registry):
    for number in range(5):
        added = (Example(f"{PARCELS[number]} number {number}", "parcel"), Example(f"hello {number}", "greeting"))
        further(registry, Dataset(added), version=number + 2)
    model = pipeline(registry, 7)

    answers = best(model, inputs_of(KNOWN))
    assert sum(answer == example.intent for example, answer in zip(KNOWN, answers, strict=True)) >= 30
    assert all(0 < p.confidence <= 1 for p in model.predict(inputs_of(KNOWN), top_k=1))
    assert registry.manifest("m", 7).facts.parent == 6


def test_a_version_that_went_on_from_another_is_not_what_a_training_from_nothing_makes(registry):
    known = read_stored_dataset(registry, "m", 2)
    checked = check_data("m", read_stored_config(registry, "m", 2), known)

    assert registry.manifest("m", 2).facts.hashes == checked.hashes()
    assert not is_current(checked, registry)


@pytest.mark.parametrize("version", [1, 2])
def test_nothing_new_is_refused_and_changes_nothing(registry, version):
    before = listing(registry.folder)
    added = dataclasses.replace(MORE, examples=MORE.examples[:2]) if version == 2 else Dataset(KNOWN[:2], source="more")

    with pytest.raises(UnusableDatasetError, match=f"nothing in it is new to version {version}$"):
        further(registry, added, version=version)
    assert listing(registry.folder) == before


def test_a_version_without_dataset_is_refused(registry):
    further(registry, MORE, config={"keep_dataset": False})

    with pytest.raises(CannotContinueError, match=r"version 3 .*it keeps no dataset to rehearse .*; train in full$"):
        further(registry, MORE, version=3)


def test_a_version_without_weights_is_refused(registry):
    stored = registry.load("m", 1, {*SERVED_FILES, "dataset.jsonl.gz"})
    registry.publish("m", stored.files, stored.manifest.facts)

    with pytest.raises(CannotContinueError, match="version 3 cannot be trained further: it keeps no weights"):
        further(registry, MORE, version=3)


@pytest.mark.parametrize(
    ("config", "changed"),
    [
        ({"family": "lstm", "features": {}, "network": {}}, "family"),
        ({"network": {"bag_size": 8}}, "network.bag_size"),
        ({"features": {"word_ngrams": 1}}, "features.word_ngrams"),
        ({"text": {"stemmer": "lancaster"}}, "text.stemmer"),
    ],
)
def test_another_network_than_the_versions_is_refused_by_the_key(registry, config, changed):
    with pytest.raises(CannotContinueError, match=f"the configuration has another {changed};"):
        further(registry, MORE, config=config)


def test_a_larger_vocabulary_may_be_asked_for(registry):
    assert further(registry, MORE, config={"features": {"max_terms": 9_000}}).manifest.version == 3


def test_a_loss_that_is_no_number_publishes_nothing(registry, monkeypatch):
    before = listing(registry.folder)
    monkeypatch.setattr("app.networks.schedule._FURTHER_RATE", 1e30)

    with pytest.raises(NonFiniteLossError, match="try a lower learning_rate"):
        further(registry, MORE)
    assert listing(registry.folder) == before


def test_a_version_may_be_made_without_answering_and_names_its_job(registry):
    manifest = further(registry, MORE, activate=False, job="0190-job").manifest

    assert (manifest.version, manifest.facts.job) == (3, "0190-job")
    assert registry.manifest("m", 3).facts.job == "0190-job"
    assert registry.aliases("m") == {"original": 1, "previous": 1, "active": 2}


def test_who_may_not_publish_any_more_publishes_nothing(registry):
    class LostError(Exception):
        """The job was taken up by somebody else."""

    def allowed() -> None:
        raise LostError

    before = listing(registry.folder)
    with pytest.raises(LostError):
        further(registry, MORE, allowed=allowed)
    assert listing(registry.folder) == before
