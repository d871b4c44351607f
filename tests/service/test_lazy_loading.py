"""A model that is not in memory is loaded by who asks for it first, once, and holds nobody up who asks for another."""

import threading
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from app.domain.errors import ModelNotReadyError, ModelUnavailableError, ParleyError, VersionNotFoundError
from app.domain.patience import MustWaitError
from app.registry.model_registry import ModelRegistry
from app.registry.stored_models import StoredVersion
from app.service.loaded_models import LoadedModels
from app.service.model_state import ModelState
from app.service.preload import Preload
from tests.registries import flip_a_bit, network_that_gives, publish_again
from tests.workers import until

ENOUGH_MB = 1000


class SlowRegistry(ModelRegistry):
    """Gives the versions of one model only when it is let."""

    def __init__(self, folder: Path, slow: str) -> None:
        super().__init__(folder)
        self.slow, self.asked, self.go_on = slow, threading.Event(), threading.Event()

    def load(self, name: str, version: int, wanted: Collection[str]) -> StoredVersion:
        if name == self.slow:
            self.asked.set()
            self.go_on.wait()
        return super().load(name, version, wanted)


def lazy(registry: ModelRegistry | Path, **options: Any) -> LoadedModels:
    """Know a registry and have none of its models in memory."""
    models = LoadedModels(
        registry if isinstance(registry, ModelRegistry) else ModelRegistry(registry),
        "nobody",
        preload=Preload.parse("default"),
        **options,
    )
    models.load_all()
    return models


def states(models: LoadedModels) -> dict[str, str]:
    return {status.name: status.state for status in models.statuses()}


def ask(models: LoadedModels, reference: str, n: int, threads: int = 8) -> list[Any]:
    """Ask many times at once, and give what came of each."""
    begin = threading.Barrier(threads)

    def one(number: int) -> Any:
        if number < threads:
            begin.wait()
        try:
            return models.get(reference)
        except ParleyError as error:
            return error

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(one, range(n)))


def test_a_model_that_nobody_asked_for_is_available_in_the_version_that_would_answer(registry: Path) -> None:
    models = lazy(registry)

    status = models.status("tiny")

    assert models.is_ready
    assert (status.state, status.version, status.loaded) == (ModelState.AVAILABLE, 2, None)
    assert models.figures().n_in_memory == 0


def test_a_model_is_ready_once_somebody_has_asked_for_it(registry: Path) -> None:
    models = lazy(registry)

    assert models.get("tiny").version == 2
    assert states(models) == {"tiny": "ready", "tinyseq": "available"}


def test_who_cannot_wait_is_told_so_and_is_answered_once_it_is_loaded(registry: Path) -> None:
    models = lazy(registry)

    with pytest.raises(MustWaitError):
        models.get("tiny", may_wait=False)
    loaded = models.get("tiny")

    assert models.get("tiny", may_wait=False) is loaded


@pytest.mark.parametrize("reference", ["tiny", "tiny@1"])
def test_five_hundred_who_ask_at_once_cause_one_load(registry: Path, reference: str) -> None:
    models = lazy(registry, n_seats=8)  # as many as ask: nobody is to be sent away where the machine is slow

    answers = ask(models, reference, 500, threads=8)

    assert len(set(map(id, answers))) == 1
    assert models.figures().n_loaded == 1


@pytest.mark.parametrize(("reference", "sentence"), [("tiny", "tiny/2/model.onnx"), ("tiny@1", "tiny/1/model.onnx")])
def test_a_load_that_fails_is_told_to_all_who_asked_and_is_not_tried_for_each(
    registry: Path, reference: str, sentence: str
) -> None:
    models = lazy(registry)
    for version in (1, 2):
        flip_a_bit(registry / "tiny" / str(version) / "model.onnx")

    answers = ask(models, reference, 500)

    told = [answer for answer in answers if not isinstance(answer, ModelNotReadyError)]  # they are to come again
    assert {type(answer) for answer in told} == {ModelUnavailableError}
    assert all(sentence in str(answer) for answer in told)
    assert models.figures().n_load_failures <= 2  # of the active version, and the previous one in its place


def test_a_version_asked_for_by_number_answers_again_when_its_files_are_mended(registry: Path) -> None:
    models = lazy(registry)
    flip_a_bit(registry / "tiny/1/model.onnx")
    with pytest.raises(ModelUnavailableError):
        models.get("tiny@1")

    flip_a_bit(registry / "tiny/1/model.onnx")

    until(lambda: answers(models, "tiny@1"))


def answers(models: LoadedModels, reference: str) -> bool:
    try:
        return bool(models.get(reference))
    except ModelUnavailableError:
        return False


def test_a_version_that_is_not_there_is_not_remembered_as_missing(registry: Path) -> None:
    models = lazy(registry)
    with pytest.raises(VersionNotFoundError):
        models.get("tiny@3")

    publish_again(registry)

    assert models.get("tiny@3").version == 3


def test_a_damaged_version_is_found_out_by_who_asks_and_the_previous_one_answers(registry: Path) -> None:
    models = lazy(registry)
    flip_a_bit(registry / "tiny/2/tokenizer.pkl")

    assert models.get("tiny").version == 1
    assert states(models)["tiny"] == "degraded"


@pytest.mark.parametrize(
    ("network", "problem"),
    [
        (network_that_gives(float("nan")), "scores that are not finite"),
        (network_that_gives(0.0, n_scores=3), "it gives 3 scores where 4 are needed"),
        (b"no network", "not a network that can be run"),
    ],
    ids=["NaN", "another number of intents", "no network"],
)
def test_a_version_that_was_published_well_and_does_not_answer_well_does_not_answer(
    registry: Path, network: bytes, problem: str
) -> None:
    publish_again(registry, model_onnx=network)

    models = lazy(registry)

    assert models.get("tiny").version == 2
    assert problem in str(models.status("tiny").problem)


def test_while_a_model_is_loading_others_are_loaded_and_answer(registry: Path) -> None:
    slow = SlowRegistry(registry, "tinyseq")
    models = lazy(slow, n_seats=1)
    with ThreadPoolExecutor(8) as pool:
        waiting = [pool.submit(ask, models, "tinyseq", 1, 1) for _ in range(3)]
        slow.asked.wait()

        assert models.get("tiny").version == 2
        assert models.get("tiny@1").version == 1
        assert states(models)["tinyseq"] == "available"

        slow.go_on.set()
        outcomes = [outcome for one in waiting for outcome in one.result()]

    # one loads, one has a seat; the third was loaded for in time, or was asked to come again
    assert {type(outcome).__name__ for outcome in outcomes} <= {"LoadedModel", "ModelNotReadyError"}
    assert models.figures().n_loaded == 3


def test_of_many_who_wait_for_a_slow_model_most_are_asked_to_come_again(registry: Path) -> None:
    slow = SlowRegistry(registry, "tinyseq")
    models = lazy(slow, n_seats=2)
    with ThreadPoolExecutor(8) as pool:
        waiting = [pool.submit(models.get, "tinyseq") for _ in range(8)]
        until(lambda: sum(one.done() for one in waiting) == 5)

        slow.go_on.set()

        outcomes = [one.exception() or one.result() for one in waiting]
    assert sum(isinstance(outcome, ModelNotReadyError) for outcome in outcomes) == 5


def test_within_a_budget_the_model_that_was_not_asked_for_longest_is_unloaded_and_loaded_again(
    registry: Path,
) -> None:
    for name in ("one", "two", "three"):
        publish_again(registry, name)
    models = lazy(registry, budget_mb=2)  # two of them fit, three do not

    for name in ("one", "two", "three"):
        models.get(name)

    assert states(models) == {
        "one": "available", "two": "ready", "three": "ready", "tiny": "available", "tinyseq": "available",
    }  # fmt: skip
    assert models.get("one").name == "one"
    assert states(models)["two"] == "available"


def test_versions_asked_for_by_number_count_as_the_others_do(registry: Path) -> None:
    models = lazy(registry, budget_mb=1)  # one fits

    models.get("tiny")
    models.get("tiny@1")

    assert states(models)["tiny"] == "available"
    assert models.figures().n_in_memory == 1


def test_a_model_that_was_unloaded_goes_on_answering_who_has_it(registry: Path) -> None:
    models = lazy(registry, budget_mb=1)
    held = models.get("tiny")
    models.get("tinyseq")

    [prediction] = held.pipeline.predict(["hello there"], top_k=1)

    assert (prediction.intent, states(models)["tiny"]) == ("greeting", "available")


def test_what_loads_cost_and_hold_can_be_read(registry: Path) -> None:
    models = lazy(registry, budget_mb=ENOUGH_MB)
    told: list[tuple[str, int]] = []
    models.observe(lambda loaded: told.append((loaded.name, loaded.version)))

    loaded = models.get("tiny")

    figures = models.figures()
    assert told == [("tiny", 2)]
    assert (figures.n_known, figures.n_in_memory, figures.n_loaded, figures.n_unloaded) == (2, 1, 1, 0)
    assert figures.held_bytes == loaded.n_bytes > 487_000  # its network alone is that large
    assert figures.load_seconds == loaded.load_s > 0
    assert figures.budget_bytes == ENOUGH_MB << 20


def test_a_model_that_is_not_in_memory_is_described_as_one_that_is(registry: Path) -> None:
    models = lazy(registry)
    before = models.describe("tiny")
    models.get("tiny")

    assert before == models.describe("tiny")
    assert before is not None
    assert before.intents == ("bill", "booking", "greeting", "weather")


@pytest.mark.parametrize(
    ("preload", "n_others", "loaded"),
    [
        ("auto", 0, ["tiny", "tinyseq"]),
        ("auto", 31, ["tiny"]),
        ("all", 31, None),
        ("default", 0, ["tiny"]),
        ("tinyseq", 0, ["tinyseq"]),
        ("tinyseq, tiny", 31, ["tiny", "tinyseq"]),
    ],
)
def test_what_is_loaded_before_anybody_asks_is_chosen(
    registry: Path, preload: str, n_others: int, loaded: list[str] | None
) -> None:
    for number in range(n_others):
        publish_again(registry, f"other-{number}")
    models = LoadedModels(ModelRegistry(registry), "tiny", preload=Preload.parse(preload))

    models.load_all()

    ready = [status.name for status in models.statuses() if status.state is ModelState.READY]
    assert ready == (loaded or [status.name for status in models.statuses()])


def test_no_more_is_loaded_than_the_budget_has_room_for_and_the_default_comes_first(registry: Path) -> None:
    models = LoadedModels(ModelRegistry(registry), "tinyseq", budget_mb=2)

    models.load_all()

    assert states(models) == {"tiny": "available", "tinyseq": "ready"}


def test_a_default_in_another_version_than_the_active_one_is_loaded_too(registry: Path) -> None:
    models = LoadedModels(ModelRegistry(registry), "tiny@previous")

    models.load_all()

    assert models.get(None, may_wait=False).version == 1


def test_loads_unloads_and_requests_of_one_model_at_once_end_in_one_state(registry: Path) -> None:
    models = lazy(registry, budget_mb=1)
    references = ["tiny", "tiny@1", "tinyseq", "tiny@previous"]

    def use(number: int) -> int:
        if number % 7 == 0:
            models.refresh("tiny")
        while True:
            with suppress(ModelNotReadyError):  # on a slow machine so many wait that some are to come again
                return models.get(references[number % 4]).version

    with ThreadPoolExecutor(8) as pool:
        versions = list(pool.map(use, range(1000)))

    assert versions == [(2, 1, 1, 1)[number % 4] for number in range(1000)]
    assert models.figures().n_in_memory == 1


def test_a_registry_that_cannot_be_listed_makes_nobody_ready(tmp_path: Path, caplog: Any) -> None:
    class Away(ModelRegistry):
        def names(self) -> list[str]:
            raise PermissionError(13, "no")

    models = LoadedModels(Away(tmp_path), "tiny")

    assert [models.load_all(), models.load_all()] == [False, False]
    assert not models.is_ready
    assert len(caplog.records) == 1


@pytest.mark.parametrize("preload", ["", "tiny,", "a b", "../tiny", "tiny tinyseq"])
def test_what_is_no_choice_is_refused(preload: str) -> None:
    with pytest.raises(ParleyError, match="expected auto, all, default, or names"):
        Preload.parse(preload)


def test_a_model_that_is_to_be_loaded_and_is_not_there_is_told(registry: Path, caplog: Any) -> None:
    models = LoadedModels(ModelRegistry(registry), "tiny", preload=Preload.parse("tiny,nobody"))

    models.load_all()

    assert "model 'nobody' is to be loaded at the start, and is not there" in caplog.text
    assert states(models)["tiny"] == "ready"


def test_an_observer_that_fails_stands_in_nobodys_way(registry: Path) -> None:
    models = lazy(registry)

    def fail(_: object) -> None:
        raise ValueError

    models.observe(fail)

    assert models.get("tiny").version == 2
