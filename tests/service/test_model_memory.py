"""The versions in memory stay within the budget, and the ones that go are those that were not asked for longest."""

from types import SimpleNamespace
from typing import Any

import pytest

from app.registry.signatures import NOTHING
from app.service.model_memory import ModelMemory
from app.service.model_state import LoadedModel

MB = 1 << 20


def model(name: str, n_mb: float = 1, version: int = 1, remembered: int = 0) -> LoadedModel:
    pipeline: Any = SimpleNamespace(features=SimpleNamespace(remembered_bytes=remembered))
    manifest: Any = None
    return LoadedModel(name, version, manifest, pipeline, NOTHING, int(n_mb * MB), 0.0)


@pytest.fixture
def memory() -> ModelMemory:
    """Room for three models of one MB, and `a`, `b` and `c` in it."""
    memory = ModelMemory(budget_mb=3)
    for name in "abc":
        memory.keep(model(name))
    return memory


def names(memory: ModelMemory) -> str:
    return "".join(name for name in "abcdef" if memory.peek(name, 1))


def test_what_is_kept_is_found(memory: ModelMemory) -> None:
    found = memory.find("b", 1)

    assert found is not None
    assert (found.name, memory.find("b", 2), memory.find("x", 1)) == ("b", None, None)


def test_the_least_recently_used_one_goes(memory: ModelMemory) -> None:
    memory.find("a", 1)

    memory.keep(model("d"))

    assert names(memory) == "acd"


def test_to_be_looked_at_is_no_use(memory: ModelMemory) -> None:
    memory.peek("a", 1)

    memory.keep(model("d"))

    assert names(memory) == "bcd"


def test_as_many_go_as_are_in_the_way(memory: ModelMemory) -> None:
    memory.keep(model("d", n_mb=1.5))

    assert names(memory) == "cd"


def test_room_is_made_before_it_is_needed(memory: ModelMemory) -> None:
    memory.make_room(2 * MB)

    assert names(memory) == "c"


def test_versions_of_one_model_count_each_for_itself(memory: ModelMemory) -> None:
    memory.keep(model("c", version=2))

    assert names(memory) == "bc"
    assert memory.peek("c", 2) is not None


def test_a_version_that_is_larger_than_the_budget_is_held_alone(memory: ModelMemory) -> None:
    memory.keep(model("d", n_mb=5))
    memory.measure()

    assert names(memory) == "d"


def test_without_a_budget_nothing_goes() -> None:
    memory = ModelMemory()
    for name in "abcdef":
        memory.keep(model(name, n_mb=1000))

    assert names(memory) == "abcdef"


def test_what_answering_adds_counts_once_it_was_measured() -> None:
    memory = ModelMemory(budget_mb=3)
    memory.keep(model("a", remembered=MB))
    memory.keep(model("b", remembered=MB))
    assert memory.held_bytes == 2 * MB

    memory.measure()

    assert (names(memory), memory.held_bytes) == ("b", 2 * MB)


def test_a_version_kept_again_takes_the_place_of_the_one_before(memory: ModelMemory) -> None:
    memory.keep(model("a"))

    assert (names(memory), memory.held_bytes) == ("abc", 3 * MB)


def test_dropping_a_model_drops_all_its_versions(memory: ModelMemory) -> None:
    memory.drop("b", 2)
    assert names(memory) == "abc"

    memory.drop("b")

    assert (names(memory), memory.held_bytes, memory.n_unloaded, memory.unloaded_bytes) == ("ac", 2 * MB, 1, MB)


def test_there_is_room_as_long_as_another_one_as_large_fits(memory: ModelMemory) -> None:
    assert not memory.has_room()

    memory.drop("a")

    assert memory.has_room()


def test_what_others_keep_of_a_version_counts_once_it_was_measured(memory: ModelMemory) -> None:
    memory.bytes_beside = lambda model: MB if model.name == "c" else 0

    memory.measure()

    assert (names(memory), memory.held_bytes) == ("bc", 3 * MB)
