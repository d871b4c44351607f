"""A version that was activated and does worse than the one before it is rolled back, and only then."""

import gc
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from app.bootstrap.activation_watch import wire_activation_watch
from app.bootstrap.serving import wire_serving
from app.domain.audit import Deed
from app.domain.logged_request import LoggedInput, LoggedRequest
from app.pipeline.artifacts import SERVED_FILES
from app.registry.model_registry import ModelRegistry
from app.service.activation_watch import ActivationWatch
from app.service.live_figures import Bounds
from app.service.loaded_models import LoadedModels
from app.service.metrics import Metrics
from app.service.versions import Versions
from app.settings import Settings
from tests.deeds import ListedDeeds
from tests.registries import flip_a_bit, move_alias

LEAST = 20


class Place:
    """A registry whose model `tiny` answers by version 2, then 1; what it was asked is counted, and a watch."""

    def __init__(self, registry: Path, watch_s: float = 600.0, folder: Path | None = None) -> None:
        self.registry, self.store = registry, ModelRegistry(registry)
        self.models = LoadedModels(self.store, "tiny")
        self.models.load_all()
        self.metrics, self.deeds = Metrics("1"), ListedDeeds()
        self.versions = Versions(self.store, self.models.load_version, self.deeds)
        self._watch_s = watch_s
        self.watch = self.watching(folder)

    def watching(self, folder: Path | None = None) -> ActivationWatch:
        return ActivationWatch(
            lambda: {name: standing.aliases for name, standing in self.models.roster.standings.items()},
            self.metrics.figures,
            self.versions,
            watch_s=self._watch_s,
            bounds=Bounds(LEAST, 0.2, 3.0),
            folder=folder,
        )

    def publish(self) -> int:
        stored = self.store.load("tiny", 1, SERVED_FILES)
        return self.store.publish("tiny", stored.files, stored.manifest.facts, activate=False).version

    def activate(self, version: int) -> None:
        self.versions.activate("tiny", version, "ada")
        self.look()

    def asked(self, version: int, n: int = LEAST, *, fallbacks: int = 0, seconds: float = 0.001) -> None:
        answers = [LoggedInput(None, 0.1, "low_confidence")] * fallbacks + [LoggedInput("bill", 0.9)] * (n - fallbacks)
        now = datetime(2026, 1, 1, tzinfo=UTC)
        requests = [("id", now, "ada", "POST", "/predict", 200, seconds, "tiny", version, (one,)) for one in answers]
        self.metrics.count([LoggedRequest(*one) for one in requests])

    def look(self) -> None:
        self.models.refresh("tiny")
        self.watch.look()

    @property
    def aliases(self) -> dict[str, int]:
        return {alias: self.store.aliases("tiny")[alias] for alias in ("active", "previous")}

    @property
    def rollbacks(self) -> list[Any]:
        return [told for told in self.deeds.told if told.deed is Deed.ROLL_BACK]


@pytest.fixture
def place(registry: Path) -> Place:
    """Version 2 of `tiny` has answered enough; version 3 is there."""
    place = Place(registry)
    place.look()
    place.asked(2)
    place.publish()
    return place


def lines(caplog: pytest.LogCaptureFixture, part: str) -> list[str]:
    return [record.getMessage() for record in caplog.records if part in record.getMessage()]


def test_a_version_that_names_fewer_intents_is_rolled_back_and_the_figures_are_kept(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    place.activate(3)
    place.asked(3, fallbacks=LEAST)

    place.look()

    assert place.aliases == {"active": 2, "previous": 3}
    [told] = place.rollbacks
    assert (told.caller, told.model, told.version) == ("watch", "tiny", 2)
    assert told.details == {
        "from": 3,
        "worse": ["100.0% of 20 texts are not answered, 0.0% before"],
        "predictions": LEAST,
        "fallbacks": 1.0,
        "fallbacks_before": 0.0,
        "ms": 1.0,
        "ms_before": 1.0,
    }
    [warning] = lines(caplog, "is rolled back")
    assert "version 3 does worse and is rolled back: 100.0% of 20 texts" in warning


def test_so_is_one_that_takes_too_long(place: Place) -> None:
    place.activate(3)
    place.asked(3, seconds=0.1)

    place.look()

    assert place.aliases == {"active": 2, "previous": 3}


@pytest.mark.parametrize(
    "move",
    [
        lambda place: move_alias(place.registry, "tiny", {"active": 3, "previous": 2, "original": 1}),
        lambda place: place.store.move_aliases("tiny", {"active": 3, "previous": 2}),
    ],
    ids=["a hand", "another process"],
)
def test_it_is_noticed_whoever_activated_it(place: Place, move: Callable[[Place], object]) -> None:
    move(place)
    place.look()
    place.asked(3, fallbacks=LEAST)

    place.look()

    assert place.aliases == {"active": 2, "previous": 3}


def test_one_that_does_as_well_stays(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    place.activate(3)
    place.asked(3, 10 * LEAST, fallbacks=LEAST)

    place.look()

    assert place.aliases == {"active": 3, "previous": 2}
    assert lines(caplog, "version 3 is watched for 600 s")


def test_before_enough_was_asked_nothing_is_decided(place: Place) -> None:
    place.activate(3)
    place.asked(3, LEAST - 1, fallbacks=LEAST - 1)
    place.look()
    assert place.aliases == {"active": 3, "previous": 2}

    place.asked(3, 1, fallbacks=1)
    place.look()

    assert place.aliases == {"active": 2, "previous": 3}


def test_what_it_answered_before_it_was_activated_does_not_count(place: Place) -> None:
    place.asked(3, fallbacks=LEAST)
    place.activate(3)
    place.asked(3, LEAST - 1, fallbacks=LEAST - 1)

    place.look()

    assert place.aliases == {"active": 3, "previous": 2}


def test_without_figures_of_the_version_before_nothing_is_done_and_that_is_said_once(
    registry: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    place = Place(registry)
    place.look()
    place.publish()
    place.activate(3)
    place.asked(3, fallbacks=LEAST)

    for _ in range(3):
        place.look()

    assert place.aliases == {"active": 3, "previous": 2}
    [said] = lines(caplog, "is not watched")
    assert "version 2 gave 0 predictions here, and 20 are needed" in said


def test_when_its_time_is_over_a_version_is_left_alone(registry: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    place = Place(registry, watch_s=0.0)
    place.look()
    place.asked(2)
    place.publish()
    place.activate(3)  # and its time is over
    place.asked(3, fallbacks=LEAST)

    place.look()

    assert place.aliases == {"active": 3, "previous": 2}
    assert lines(caplog, "version 3 is watched no more: 0 predictions, too few to tell")


def test_what_was_active_when_a_server_began_is_not_watched(registry: Path) -> None:
    place = Place(registry)
    place.asked(1)
    place.look()
    place.asked(2, fallbacks=LEAST)

    place.look()

    assert place.aliases == {"active": 2, "previous": 1}


def test_a_version_that_somebody_else_replaced_is_not_rolled_back(place: Place) -> None:
    place.publish()
    place.activate(3)
    place.asked(3, fallbacks=LEAST)

    place.versions.activate("tiny", 4, "ada")
    place.watch.look()  # which has not heard of it

    assert place.aliases == {"active": 4, "previous": 3}
    assert place.rollbacks == []


def test_what_then_answers_is_compared_with_what_it_replaced(place: Place) -> None:
    place.publish()
    place.activate(3)
    place.asked(3, fallbacks=2)
    place.activate(4)
    place.asked(4, fallbacks=LEAST)

    place.look()

    assert place.aliases == {"active": 3, "previous": 4}


def test_a_rollback_is_not_watched_whoever_does_it(place: Place) -> None:
    place.activate(3)
    place.asked(3, fallbacks=LEAST)
    place.look()
    for _ in range(2):
        place.look()
        place.asked(2, fallbacks=LEAST, seconds=1.0)
        place.look()
    assert place.aliases == {"active": 2, "previous": 3}

    place.activate(3)  # somebody insists
    place.asked(3, fallbacks=LEAST, seconds=1.0)
    place.look()

    assert place.aliases == {"active": 3, "previous": 2}
    assert len(place.rollbacks) == 1


def test_an_alias_of_somebodys_own_changes_nothing(place: Place) -> None:
    place.activate(3)
    place.asked(3, fallbacks=LEAST)
    place.versions.set_alias("tiny", "staging", 1, "ada")

    place.look()

    assert place.aliases == {"active": 2, "previous": 3}


def test_where_the_version_before_cannot_answer_that_is_told_and_nothing_is_moved(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    place.activate(3)
    place.asked(3, fallbacks=LEAST)
    flip_a_bit(place.registry / "tiny/2/model.onnx")

    for _ in range(3):
        place.look()

    assert place.aliases == {"active": 3, "previous": 2}
    assert len(lines(caplog, "could not be rolled back")) == 1


def test_of_two_watches_one_looks_and_another_goes_on_where_it_ended(registry: Path, tmp_path: Path) -> None:
    place = Place(registry, folder=tmp_path)
    other = place.watching(tmp_path)
    place.look()
    other.look()
    place.asked(2)
    place.publish()
    place.activate(3)
    place.asked(3, fallbacks=LEAST)
    other.look()
    assert place.aliases == {"active": 3, "previous": 2}

    del place.watch
    gc.collect()  # nobody has its lock any more
    other.look()

    assert place.aliases == {"active": 2, "previous": 3}


@pytest.mark.parametrize("content", [b"", b"{", b'{"tiny": 5}'])
def test_notes_that_cannot_be_read_begin_anew(registry: Path, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "watch.json").write_bytes(content)
    place = Place(registry, folder=tmp_path)
    place.look()
    place.asked(2)
    place.publish()
    place.activate(3)
    place.asked(3, fallbacks=LEAST)

    place.look()

    assert place.aliases == {"active": 2, "previous": 3}


def test_unless_it_is_wanted_there_is_no_watch(registry: Path, tmp_path: Path) -> None:
    settings = Settings(models_dir=registry, var_dir=tmp_path, admin_password="open, sesame, open")
    serving = wire_serving(settings)

    assert serving.activation_watch is None
    wanted = Settings(models_dir=registry, var_dir=tmp_path, watch_s=1.0)
    assert wire_activation_watch(wanted, serving.models, serving.observation, serving.versions) is not None
