"""What stands in a registry by mistake is no model and no version, and can be named."""

import pytest

from app.domain.damage_errors import LinkedFileError
from app.domain.errors import VersionNotFoundError
from app.domain.model_reference import ModelReference
from app.registry.manifest import Facts
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


@pytest.fixture
def registry(tmp_path):
    registry = ModelRegistry(tmp_path / "models")
    registry.publish("tiny", {"a.bin": b"a"}, FACTS)
    return registry


def make(registry, path):
    """Make a link that leads to itself, a folder (`/`) or a file."""
    place = registry.folder / path
    if path.endswith("loop"):
        place.symlink_to(place)
    elif path.endswith("/"):
        place.mkdir()
    else:
        place.write_text("stray")


@pytest.mark.parametrize("stray", [".DS_Store", ".tiny.swp", "notes.txt", "empty/", "loop"])
def test_what_is_no_model_is_named_and_not_listed(registry, stray):
    make(registry, stray)

    assert registry.names() == ["tiny"]
    assert not registry.holds(stray.rstrip("/"))
    assert registry.strays(stray.rstrip("/")) == [stray.rstrip("/")]


@pytest.mark.parametrize("stray", [".DS_Store", "01/", "abc/", "0/", "-1/", f"{2**63}/", "1.5/", "loop", "2"])
def test_what_is_no_version_is_named_and_not_listed(registry, stray):
    make(registry, f"tiny/{stray}")

    assert registry.versions("tiny") == [1]
    assert registry.strays("tiny") == [f"tiny/{stray.rstrip('/')}"]


def test_what_belongs_there_is_no_stray(registry):
    (registry.folder / "README.md").write_text("models live here")
    (registry.folder / "tiny" / "2").mkdir()  # on its way
    (registry.folder / "tiny" / "checks").mkdir()
    (registry.folder / "tiny" / ".staging-x").mkdir()
    (registry.folder / "new").mkdir()
    (registry.folder / "new" / ".publishing").touch()

    assert [stray for name in ("README.md", "tiny", "new") for stray in registry.strays(name)] == []


def test_a_stray_number_beyond_any_version_does_not_number_the_next_one(registry):
    (registry.folder / "tiny" / str(2**63)).mkdir()

    assert registry.publish("tiny", {"a.bin": b"b"}, FACTS).version == 2


def test_a_stray_version_cannot_be_asked_for(registry):
    (registry.folder / "tiny" / "01").mkdir()

    with pytest.raises(VersionNotFoundError):
        registry.resolve(ModelReference("tiny", version=2))


def test_a_link_to_a_folder_is_listed_so_that_whoever_made_it_is_told(registry):
    (registry.folder / "linked").symlink_to(registry.folder / "tiny")

    assert registry.holds("linked")
    assert registry.strays("linked") == []
    with pytest.raises(LinkedFileError):
        registry.aliases("linked")
