"""What anybody does to the registry is followed: a good version takes over, a bad one does not, and is told once."""

import gc
import logging
import os
import shutil
import threading
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app.domain.errors import ModelNotFoundError
from app.registry.model_registry import ModelRegistry
from app.registry.watch import RegistryWatch
from app.service.loaded_models import LoadedModels
from app.service.model_loader import ModelLoader
from app.service.model_state import Summary
from app.service.preload import Preload
from app.service.registry_following import RegistryFollowing
from app.storage.announcement_files import AnnouncementFiles
from tests.registries import flip_a_bit, move_alias, network_that_gives, publish_again
from tests.workers import until

Follow = Callable[..., LoadedModels]


@pytest.fixture
def follow(registry: Path, tmp_path: Path) -> Iterator[Follow]:
    """Follow the registry, and give its models once they are loaded: `follow(preload="default")`."""
    started: list[RegistryFollowing] = []

    def start(
        folder: Path = registry, preload: str = "auto", give_back_memory: Callable[[], None] = lambda: None
    ) -> LoadedModels:
        models = LoadedModels(ModelRegistry(folder), "tiny", preload=Preload.parse(preload))
        announcements = AnnouncementFiles(tmp_path / "var")
        following = RegistryFollowing(models, RegistryWatch(folder), announcements, give_back_memory)
        started.append(following)
        ready = threading.Event()
        following.start(ready.set)
        ready.wait()
        return models

    yield start
    for following in started:
        following.close()


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Wait until a watch has looked that many times more: `looks(5)`."""
    looked = threading.Semaphore(0)
    look = RegistryWatch.look

    def counted(self: RegistryWatch) -> set[str]:
        looked.release()
        return look(self)

    monkeypatch.setattr(RegistryWatch, "look", counted)

    def wait_for(n: int) -> None:
        while looked.acquire(blocking=False):
            pass
        for _ in range(n):
            looked.acquire()

    return wait_for


def version(models: LoadedModels, name: str = "tiny") -> int | None:
    return models.status(name).version


def state(models: LoadedModels, name: str = "tiny") -> str:
    return models.status(name).state


def said(caplog: pytest.LogCaptureFixture, level: int = logging.WARNING) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= level]


def test_a_version_that_is_published_takes_over(registry: Path, follow: Follow) -> None:
    models = follow()

    publish_again(registry)

    until(lambda: version(models) == 3)
    assert models.get("tiny", may_wait=False).version == 3
    assert models.get("tiny@previous").version == 2
    assert state(models) == "ready"


def test_an_alias_that_a_hand_moves_is_followed_there_and_back(registry: Path, follow: Follow) -> None:
    models = follow()

    for active in (1, 2, 1, 2):
        move_alias(registry, "tiny", {"active": active, "original": 1})
        until(lambda active=active: version(models) == active)  # type: ignore[misc]

    assert models.status("tiny").aliases == {"active": 2, "original": 1}


def test_a_model_that_comes_is_served(registry: Path, follow: Follow) -> None:
    models = follow()

    publish_again(registry, "new")

    until(lambda: any(status.name == "new" for status in models.statuses()))
    until(lambda: state(models, "new") == "ready")
    assert models.get("new", may_wait=False).version == 1


def test_a_model_that_goes_is_not_found_and_leaves_the_memory(registry: Path, follow: Follow) -> None:
    models = follow()

    (registry / "tinyseq").rename(registry.parent / "elsewhere")

    until(lambda: len(models.statuses()) == 1)
    with pytest.raises(ModelNotFoundError):
        models.get("tinyseq")
    assert models.figures().n_in_memory == 1


def test_another_version_under_the_same_number_takes_over(registry: Path, follow: Follow) -> None:
    models = follow()
    before = models.get("tiny")
    shutil.copytree(registry / "tiny", registry.parent / "tiny")

    (registry / "tiny").rename(registry.parent / "old")
    (registry.parent / "tiny").rename(registry / "tiny")

    until(lambda: models.get("tiny") is not before)
    assert models.get("tiny").version == 2


def test_a_model_that_is_not_in_memory_is_not_loaded_because_it_was_published(registry: Path, follow: Follow) -> None:
    models = follow(preload="default")

    publish_again(registry, "tinyseq")

    until(lambda: version(models, "tinyseq") == 2)
    assert state(models, "tinyseq") == "available"


def test_a_model_that_is_not_in_memory_is_verified_all_the_same(registry: Path, follow: Follow) -> None:
    flip_a_bit(registry / "tinyseq/1/report.json")

    models = follow(preload="default")

    until(lambda: state(models, "tinyseq") == "failed")
    assert models.figures().n_loaded == 1


@pytest.mark.parametrize(
    "case",
    [
        (lambda registry: flip_a_bit(registry / "tiny/3/model.onnx"), "tiny/3/model.onnx has changed"),
        (lambda registry: (registry / "tiny/3/model.onnx").write_bytes(b""), "tiny/3/model.onnx has 0 bytes"),
        (lambda registry: (registry / "tiny/3/model.onnx").unlink(), "tiny/3/model.onnx is missing"),
        (lambda registry: os.truncate(registry / "tiny/3/tokenizer.pkl", 100), "tiny/3/tokenizer.pkl has 100 bytes"),
        (lambda registry: (registry / "tiny/3/manifest.json").unlink(), "tiny/3/manifest.json is missing"),
        (lambda registry: (registry / "tiny/3/manifest.json").write_text("{}"), "tiny/3/manifest.json cannot be used"),
        (lambda registry: shutil.rmtree(registry / "tiny/3"), "model 'tiny' has no version 3"),
    ],
    ids=["a bit", "empty", "missing", "truncated", "no manifest", "another manifest", "no version"],
)
def test_a_damaged_version_does_not_take_over_and_is_told_once(
    registry: Path,
    follow: Follow,
    caplog: pytest.LogCaptureFixture,
    looks: Callable[[int], None],
    case: tuple[Callable[[Path], object], str],
) -> None:
    damage, problem = case
    publish_again(registry)
    damage(registry)
    move_alias(registry, "tiny", {"active": 2, "previous": 1})
    models = follow()
    before = models.get("tiny")

    move_alias(registry, "tiny", {"active": 3, "previous": 1})

    until(lambda: state(models) == "degraded")
    looks(12)
    assert models.get("tiny", may_wait=False) is before
    assert problem in str(models.status("tiny").problem)
    assert [line for line in said(caplog) if "tiny" in line] == [
        f"model 'tiny': {models.status('tiny').problem}; version 2 answers instead"
    ]


@pytest.mark.parametrize("n_scores", [3, 4])
def test_a_version_that_answers_nonsense_does_not_take_over(registry: Path, follow: Follow, n_scores: int) -> None:
    models = follow()

    publish_again(registry, model_onnx=network_that_gives(float("nan"), n_scores))

    until(lambda: state(models) == "degraded")
    assert models.get("tiny").version == 2
    assert "tiny/3/model.onnx" in str(models.status("tiny").problem)


def test_a_damaged_version_takes_over_once_it_is_mended(registry: Path, follow: Follow) -> None:
    models = follow()
    publish_again(registry, model_onnx=b"no network")
    until(lambda: state(models) == "degraded")

    shutil.rmtree(registry / "tiny/3")
    shutil.copytree(registry / "tiny/2", registry / "tiny/3")
    # whole, but it says that it is version 2
    until(lambda: "it says it is 'tiny' version 2" in str(models.status("tiny").problem))
    (registry / "tiny/aliases.json").unlink()
    shutil.rmtree(registry / "tiny/3")
    move_alias(registry, "tiny", {"active": 2})
    assert publish_again(registry) == 3

    until(lambda: version(models) == 3)
    assert state(models) == "ready"


def test_a_version_that_is_copied_in_piece_by_piece_takes_over_when_it_is_whole(
    registry: Path, follow: Follow, caplog: pytest.LogCaptureFixture, looks: Callable[[int], None]
) -> None:
    publish_again(registry)
    whole = Path(shutil.move(registry / "tiny/3", registry.parent / "whole"))
    move_alias(registry, "tiny", {"active": 2, "previous": 1})
    models = follow()
    loads = models.figures().n_load_failures
    (registry / "tiny/3").mkdir()
    for file in sorted(whole.iterdir(), key=lambda file: file.name == "manifest.json"):
        if file.name == "manifest.json":
            move_alias(registry, "tiny", {"active": 3, "previous": 2})
            until(lambda: state(models) == "degraded")
            looks(6)
        shutil.copy(file, registry / "tiny/3")

    until(lambda: version(models) == 3)
    assert state(models) == "ready"
    assert models.figures().n_load_failures <= loads + 2
    assert len([line for line in said(caplog) if "tiny/3/manifest.json is missing" in line]) == 1


def test_aliases_that_are_damaged_leave_the_model_as_it_was(registry: Path, follow: Follow) -> None:
    models = follow()

    flip_a_bit(registry / "tiny/aliases.json")

    until(lambda: state(models) == "degraded")
    assert models.get("tiny").version == 2
    assert models.get("tiny@previous").version == 1
    assert "tiny/aliases.json" in str(models.status("tiny").problem)


def test_what_stands_in_the_registry_by_mistake_is_passed_over_with_one_warning(
    registry: Path, follow: Follow, caplog: pytest.LogCaptureFixture, looks: Callable[[int], None]
) -> None:
    (registry / ".DS_Store").write_bytes(b"\0")
    (registry / "notes.swp").write_bytes(b"\0")
    (registry / "empty").mkdir()
    (registry / "loop").symlink_to(registry / "loop")
    for stray in ("01", "abc", str(2**63)):
        (registry / "tiny" / stray).mkdir()

    models = follow()

    looks(12)
    assert [status.name for status in models.statuses()] == ["tiny", "tinyseq"]
    [warning] = said(caplog)
    assert warning.endswith(": .DS_Store, empty, loop, notes.swp, tiny/01, tiny/9223372036854775808, tiny/abc")


def test_a_stray_that_comes_later_is_told_too(
    registry: Path, follow: Follow, caplog: pytest.LogCaptureFixture, looks: Callable[[int], None]
) -> None:
    follow()

    (registry / ".DS_Store").write_bytes(b"\0")

    until(lambda: "being no model or version: .DS_Store" in str(said(caplog)))
    looks(6)
    assert len(said(caplog)) == 1


def test_the_old_version_is_freed_when_its_last_request_ends(registry: Path, follow: Follow) -> None:
    models = follow()
    gc.disable()
    try:
        in_flight = models.get("tiny")
        freed = weakref.ref(in_flight)
        publish_again(registry)
        until(lambda: version(models) == 3)
        [prediction] = in_flight.pipeline.predict(["hello there"], top_k=1)
        assert (prediction.intent, freed() is in_flight) == ("greeting", True)

        del in_flight

        until(lambda: freed() is None)
    finally:
        gc.enable()


def test_what_changed_while_others_were_loaded_is_known_before_anybody_is_answered(
    registry: Path, follow: Follow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.registry.watch._AT_ONCE", 1)  # each look takes a part, as where there are many
    names = ["a", "b", "c", "d", "e"]
    for name in names:
        publish_again(registry, name)
        os.utime(registry / name / "aliases.json", (0, 0))
    load_all, published = LoadedModels.load_all, dict[str, int]()

    def change_in_between(models: LoadedModels, before_ready: Callable[[], None]) -> bool:
        def change() -> None:
            published.update({name: publish_again(registry, name) for name in names})
            before_ready()

        return load_all(models, change)

    monkeypatch.setattr(LoadedModels, "load_all", change_in_between)

    models = follow(preload="default")

    assert {name: models.status(name).version for name in names} == published


def test_what_is_not_loaded_is_verified_after_the_others_are_ready(
    registry: Path, follow: Follow, monkeypatch: pytest.MonkeyPatch
) -> None:
    others_are_ready = threading.Event()
    check = ModelLoader.check

    def check_then(loader: ModelLoader, name: str, version: int) -> Summary:
        others_are_ready.wait()
        return check(loader, name, version)

    monkeypatch.setattr(ModelLoader, "check", check_then)
    publish_again(registry, "other")

    models = follow(preload="default")

    assert models.status("other").summary is None
    others_are_ready.set()
    until(lambda: models.status("other").summary is not None)


def test_memory_is_given_back_once_versions_were_let_go(registry: Path, follow: Follow) -> None:
    given_back = threading.Event()
    follow(give_back_memory=given_back.set)
    assert not given_back.is_set()

    publish_again(registry)

    given_back.wait()


def test_a_registry_that_is_away_for_a_while_takes_nothing_along(
    registry: Path, follow: Follow, caplog: pytest.LogCaptureFixture, looks: Callable[[int], None]
) -> None:
    models = follow()

    registry.rename(registry.with_name("away"))
    looks(6)

    assert models.get("tiny").version == 2
    assert len([line for line in said(caplog) if "cannot be looked at" in line]) == 1
    registry.with_name("away").rename(registry)
    publish_again(registry)
    until(lambda: version(models) == 3)


def test_a_registry_that_comes_later_is_served(tmp_path: Path, registry: Path, follow: Follow) -> None:
    models = follow(tmp_path / "later")
    assert models.statuses() == []

    shutil.copytree(registry, tmp_path / "later")

    until(lambda: [status.state for status in models.statuses()] == ["ready", "ready"])


def test_a_hundred_reloads_while_requests_run_lose_none_and_end_with_the_last(registry: Path, follow: Follow) -> None:
    models = follow()
    over = threading.Event()

    def ask() -> int:
        n = 0
        while not over.is_set():
            loaded = models.get("tiny")
            [prediction] = loaded.pipeline.predict(["hello there"], top_k=1)
            assert prediction.intent == "greeting"
            n += 1
        return n

    with ThreadPoolExecutor(4) as pool:
        asked = [pool.submit(ask) for _ in range(4)]
        for number in range(100):
            active = 1 + number % 2
            move_alias(registry, "tiny", {"active": active})
            models.refresh("tiny")
            assert version(models) == active
        over.set()

    assert min(one.result() for one in asked) > 0
    until(lambda: version(models) == 2)


def test_a_fault_in_the_watch_does_not_end_the_following(
    registry: Path, follow: Follow, monkeypatch: pytest.MonkeyPatch
) -> None:
    models = follow()
    look, failed = RegistryWatch.look, threading.Event()

    def fail_once(self: RegistryWatch) -> set[str]:
        if not failed.is_set():
            failed.set()
            raise ValueError("nobody thought of this")
        return look(self)

    monkeypatch.setattr(RegistryWatch, "look", fail_once)
    failed.wait()

    publish_again(registry)

    until(lambda: version(models) == 3)


def test_a_version_asked_for_by_number_is_not_answered_by_another_that_later_got_its_number(
    registry: Path, follow: Follow
) -> None:
    models = follow()
    before = models.get("tiny@1")
    shutil.copytree(registry / "tiny", registry.parent / "tiny")

    (registry / "tiny").rename(registry.parent / "old")
    (registry.parent / "tiny").rename(registry / "tiny")

    until(lambda: models.get("tiny@1") is not before)


def test_where_it_cannot_be_said_what_is_served_it_is_served_all_the_same(
    registry: Path, follow: Follow, tmp_path: Path, caplog: pytest.LogCaptureFixture, looks: Callable[[int], None]
) -> None:
    (tmp_path / "var").write_text("in the way")
    models = follow()

    publish_again(registry)

    until(lambda: version(models) == 3)
    looks(12)
    assert len([line for line in said(caplog) if "cannot be told to others" in line]) == 1
