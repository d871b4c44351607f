"""A reference means one version, publishing moves the aliases, and a name that is none opens no door."""

from collections.abc import Callable
from pathlib import Path

import pytest

from app.domain.damage_errors import UnreadableFileError
from app.domain.errors import AliasNotFoundError, InvalidModelNameError, ModelNotFoundError, VersionNotFoundError
from app.domain.model_reference import ModelReference
from app.registry.manifest import Facts, Manifest
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

Publish = Callable[..., Manifest]


@pytest.fixture
def registry(tmp_path: Path) -> ModelRegistry:
    return ModelRegistry(tmp_path / "models")


@pytest.fixture
def publish(registry: ModelRegistry) -> Publish:
    def publish_to(name: str = "tiny") -> Manifest:
        return registry.publish(name, {"a.bin": b"a"}, FACTS)

    return publish_to


@pytest.mark.parametrize(
    ("times", "aliases"),
    [
        (1, {"original": 1, "active": 1}),
        (2, {"original": 1, "active": 2, "previous": 1}),
        (4, {"original": 1, "active": 4, "previous": 3}),
    ],
)
def test_each_publish_moves_active_and_previous_and_leaves_original(registry, publish, times, aliases):
    for _ in range(times):
        publish()

    assert registry.aliases("tiny") == aliases


def test_publishing_one_model_leaves_the_others_alone(registry, publish):
    publish("tiny")

    publish("other")

    assert registry.aliases("tiny") == {"original": 1, "active": 1}


@pytest.mark.parametrize(
    ("reference", "version"),
    [("tiny", 3), ("tiny@active", 3), ("tiny@previous", 2), ("tiny@original", 1), ("tiny@2", 2)],
)
def test_a_reference_means_one_version(registry, publish, reference, version):
    for _ in range(3):
        publish()

    assert registry.resolve(ModelReference.parse(reference)) == version


@pytest.mark.parametrize(
    ("reference", "error", "sentence"),
    [
        ("other", ModelNotFoundError, "there is no model 'other'"),
        ("other@1", ModelNotFoundError, "there is no model 'other'"),
        ("tiny@2", VersionNotFoundError, "model 'tiny' has no version 2"),
        ("tiny@previous", AliasNotFoundError, "model 'tiny' has no alias 'previous'"),
        ("tiny@staging", AliasNotFoundError, "model 'tiny' has no alias 'staging'"),
    ],
)
def test_a_reference_to_nothing_is_refused_with_what_is_not_there(registry, publish, reference, error, sentence):
    publish()

    with pytest.raises(error) as refusal:
        registry.resolve(ModelReference.parse(reference))

    assert str(refusal.value) == sentence


@pytest.mark.parametrize("name", ["../evil", "..", ".", "", "a/b", "/etc", ".hidden", "a..b", "a" * 65, "a\n", "ä"])
@pytest.mark.parametrize(
    "ask",
    [
        lambda registry, name: registry.aliases(name),
        lambda registry, name: registry.versions(name),
        lambda registry, name: registry.resolve(ModelReference(name)),
        lambda registry, name: registry.load(name, 1, ()),
        lambda registry, name: registry.publish(name, {"a.bin": b""}, FACTS),
    ],
    ids=["aliases", "versions", "resolve", "load", "publish"],
)
def test_a_name_that_no_model_can_have_is_refused_at_every_door(registry, publish, ask, name):
    publish()

    with pytest.raises(InvalidModelNameError, match=r"is not a model name: 1 to 64 letters"):
        ask(registry, name)


def test_publishing_where_the_aliases_are_damaged_is_refused_and_writes_nothing(registry, publish):
    publish()
    (registry.folder / "tiny" / "aliases.json").write_bytes(b"{}")

    with pytest.raises(UnreadableFileError, match=r"^tiny/aliases\.json "):
        publish()
    assert registry.versions("tiny") == [1]
