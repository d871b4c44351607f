"""A version can be there and not answer; aliases move in one step; what goes is gone at once; no number comes twice."""

import threading
from pathlib import Path

import msgspec
import pytest

from app.domain.damage_errors import ChangedFileError, UnreadableFileError
from app.domain.errors import AliasNotFoundError, ModelNotFoundError, VersionNotFoundError
from app.domain.version_errors import AliasesMovedError, VersionInUseError
from app.registry import manifest as manifests
from app.registry.manifest import Facts, sealed
from app.registry.model_registry import ModelRegistry

FACTS = Facts(
    family="bow",
    input_schema={"type": "text"},
    intents=2,
    examples=4,
    seed=7,
    created_at="2030-01-02T03:04:05+00:00",
    hashes={},
    library_versions={},
    timings_s={},
    metrics={},
)
OF_A_JOB = msgspec.structs.replace(FACTS, job="019a-job")


@pytest.fixture
def registry(tmp_path: Path) -> ModelRegistry:
    """A registry with versions 1 to 3 of `tiny`; 3 is active, and 2 was."""
    registry = ModelRegistry(tmp_path / "models")
    for number in (1, 2, 3):
        publish(registry, number)
    return registry


def publish(registry: ModelRegistry, number: int, name: str = "tiny", **how: bool) -> int:
    return registry.publish(name, {"a.bin": b"%d" % number}, FACTS, **how).version  # type: ignore[arg-type]


def test_a_version_that_is_not_activated_moves_no_alias(registry) -> None:
    before = registry.aliases("tiny")

    assert publish(registry, 4, activate=False) == 4

    assert registry.aliases("tiny") == before
    assert registry.versions("tiny") == [1, 2, 3, 4]


def test_the_first_version_is_the_original_and_does_not_answer(registry) -> None:
    publish(registry, 1, "new", activate=False)

    assert registry.aliases("new") == {"original": 1}


def test_a_second_one_leaves_the_original_as_it_is(registry) -> None:
    publish(registry, 1, "new", activate=False)
    publish(registry, 2, "new", activate=False)

    assert registry.aliases("new") == {"original": 1}


def test_what_is_not_allowed_leaves_nothing_behind(registry) -> None:
    def refuse() -> None:
        raise InterruptedError("cancelled")

    before = sorted(path.name for path in (registry.folder / "tiny").iterdir())
    with pytest.raises(Exception, match="cancelled"):
        registry.publish("tiny", {"a.bin": b"4"}, FACTS, allowed=refuse)

    assert sorted(path.name for path in (registry.folder / "tiny").iterdir()) == before
    assert registry.aliases("tiny")["active"] == 3


def test_it_is_asked_for_last_when_all_is_written(registry) -> None:
    seen = []

    def look() -> None:
        [staging] = (registry.folder / "tiny").glob(".staging-*")
        seen.append(sorted(path.name for path in staging.iterdir()))

    registry.publish("tiny", {"a.bin": b"4"}, FACTS, allowed=look)

    assert seen == [["a.bin", "manifest.json"]]


def test_a_job_publishes_once_however_often_it_is_taken_up(registry) -> None:
    first = registry.publish("tiny", {"a.bin": b"4"}, OF_A_JOB, activate=False)
    second = registry.publish("tiny", {"a.bin": b"other"}, OF_A_JOB, activate=False)

    assert second == first
    assert registry.versions("tiny") == [1, 2, 3, 4]
    assert registry.published_by("tiny", "019a-job") == first


def test_a_job_that_has_published_nothing_is_told_so(registry) -> None:
    assert registry.published_by("tiny", "other") is None
    assert registry.published_by("nobody", "other") is None


def test_a_job_killed_before_the_first_aliases_were_written_writes_them_when_taken_up(registry) -> None:
    registry.publish("new", {"a.bin": b"1"}, OF_A_JOB, activate=False)
    (registry.folder / "new" / "aliases.json").unlink()

    registry.publish("new", {"a.bin": b"1"}, OF_A_JOB, activate=False)

    assert registry.aliases("new") == {"original": 1}


def test_a_manifest_of_before_there_were_jobs_is_still_read(registry) -> None:
    path = registry.folder / "tiny/3/manifest.json"
    content = manifests.unsealed(path.read_bytes(), "m")
    del content["facts"]["job"], content["facts"]["parent"]
    path.write_bytes(sealed(content))

    facts = registry.manifest("tiny", 3).facts

    assert (facts.job, facts.parent, facts.family) == (None, None, "bow")


def test_aliases_move_together(registry) -> None:
    moved = registry.move_aliases("tiny", {"active": 2, "previous": 3, "staging": 1})

    assert moved == registry.aliases("tiny") == {"original": 1, "active": 2, "previous": 3, "staging": 1}


def test_an_alias_that_is_to_mean_nothing_is_gone(registry) -> None:
    registry.move_aliases("tiny", {"staging": 2})

    assert "staging" not in registry.move_aliases("tiny", {"staging": None})


@pytest.mark.parametrize(
    ("name", "changes", "error"),
    [
        ("tiny", {"staging": 9}, VersionNotFoundError),
        ("tiny", {"active": 2, "staging": 9}, VersionNotFoundError),
        ("tiny", {"staging": None}, AliasNotFoundError),
        ("nobody", {"staging": 1}, ModelNotFoundError),
    ],
)
def test_aliases_that_cannot_move_all_stay(registry, name: str, changes: dict[str, int | None], error) -> None:
    before = registry.aliases("tiny")

    with pytest.raises(error):
        registry.move_aliases(name, changes)

    assert registry.aliases("tiny") == before


def test_aliases_that_somebody_else_moved_are_not_moved_by_what_was_seen_before(registry) -> None:
    seen = registry.aliases("tiny")
    publish(registry, 4)

    with pytest.raises(AliasesMovedError):
        registry.move_aliases("tiny", {"active": 2}, expected=seen)

    assert registry.aliases("tiny")["active"] == 4


def test_an_uncommitted_version_gets_no_alias(registry) -> None:
    (registry.folder / "tiny/7").mkdir()

    with pytest.raises(VersionNotFoundError):
        registry.move_aliases("tiny", {"active": 7})


@pytest.mark.parametrize(("version", "alias"), [(1, "original"), (2, "previous"), (3, "active")])
def test_a_version_that_an_alias_means_is_not_deleted(registry, version: int, alias: str) -> None:
    with pytest.raises(VersionInUseError, match=f"'{alias}' means it"):
        registry.delete_version("tiny", version)

    assert registry.versions("tiny") == [1, 2, 3]


def test_a_deleted_version_is_gone_and_the_others_are_whole(registry) -> None:
    publish(registry, 4)
    registry.delete_version("tiny", 2)

    assert registry.versions("tiny") == [1, 3, 4]
    assert sorted(path.name for path in (registry.folder / "tiny").glob(".staging*")) == []
    assert registry.load("tiny", 4, {"a.bin"}).files == {"a.bin": b"4"}
    with pytest.raises(VersionNotFoundError):
        registry.delete_version("tiny", 2)


def test_the_number_of_the_newest_version_is_given_to_no_other_when_it_is_deleted(registry) -> None:
    publish(registry, 4, activate=False)
    registry.delete_version("tiny", 4)

    assert publish(registry, 5, activate=False) == 5


def test_that_number_is_remembered_whatever_happens_to_the_aliases_later(registry) -> None:
    publish(registry, 4, activate=False)
    registry.delete_version("tiny", 4)
    registry.move_aliases("tiny", {"staging": 1})
    registry.move_aliases("tiny", {"active": 2, "previous": 3})

    assert publish(registry, 5) == 5
    registry.delete_version("tiny", 3)
    assert publish(registry, 6) == 6


def test_a_number_given_last_that_is_none_is_damage(registry) -> None:
    (registry.folder / "tiny/aliases.json").write_bytes(sealed({"aliases": {"active": 3}, "last": "4"}))

    with pytest.raises(UnreadableFileError, match="which number was given last"):
        registry.aliases("tiny")


def test_what_is_left_of_a_killed_deletion_is_cleared_away_and_no_version(registry) -> None:
    publish(registry, 4, activate=False)
    (registry.folder / "tiny/4").rename(registry.folder / "tiny/.staging-gone-4")

    assert registry.versions("tiny") == [1, 2, 3]
    publish(registry, 5)
    assert not (registry.folder / "tiny/.staging-gone-4").exists()


def test_only_the_newest_versions_and_those_with_aliases_stay(registry) -> None:
    keeper = ModelRegistry(registry.folder, keep_versions=2)
    for number in (4, 5, 6):
        publish(keeper, number, activate=False)

    assert keeper.versions("tiny") == [1, 2, 3, 5, 6]  # original, previous, active and the newest two
    keeper.move_aliases("tiny", {"active": 6, "previous": 3})
    publish(keeper, 7, activate=False)
    assert keeper.versions("tiny") == [1, 3, 6, 7]


def test_without_a_policy_all_stay(registry) -> None:
    for number in range(4, 12):
        publish(registry, number)

    assert registry.versions("tiny") == list(range(1, 12))


def test_publishing_beside_rolling_back_leaves_aliases_that_agree(registry) -> None:
    def swap() -> None:
        for _ in range(30):
            seen = registry.aliases("tiny")
            try:
                changes = {"active": seen["previous"], "previous": seen["active"]}
                registry.move_aliases("tiny", changes, expected=seen)
            except AliasesMovedError:
                continue

    others = [threading.Thread(target=swap) for _ in range(2)]
    for other in others:
        other.start()
    for number in range(4, 14):
        publish(registry, number)
        aliases = registry.aliases("tiny")
        assert aliases["active"] != aliases["previous"]
        assert {aliases["active"], aliases["previous"]} <= set(registry.versions("tiny"))
    for other in others:
        other.join()

    assert registry.versions("tiny") == list(range(1, 14))


def test_checks_are_kept_beside_the_older_ones(registry) -> None:
    assert registry.read_checks("tiny") is None
    assert registry.write_checks("tiny", {"test": ["a"]}) == 1
    assert registry.write_checks("tiny", {"test": ["b"]}) == 2

    assert registry.read_checks("tiny") == (2, {"test": ["b"]})
    assert sorted(path.name for path in (registry.folder / "tiny/checks").iterdir()) == ["1.json", "2.json"]
    assert registry.strays("tiny") == []


def test_checks_with_a_flipped_bit_are_refused(registry) -> None:
    registry.write_checks("tiny", {"test": ["a"]})
    path = registry.folder / "tiny/checks/1.json"
    path.write_bytes(path.read_bytes().replace(b'"a"', b'"b"'))

    with pytest.raises(ChangedFileError):
        registry.read_checks("tiny")


def test_checks_of_no_model_are_not_kept(registry) -> None:
    with pytest.raises(ModelNotFoundError):
        registry.write_checks("nobody", {})

    assert registry.names() == ["tiny"]
