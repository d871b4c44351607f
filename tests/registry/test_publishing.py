"""A publish happens whole or not at all: beside other publishers, when killed, and on a full disk."""

import hashlib
import signal
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

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

# What each script begins with: a registry in the folder given, and the facts that this file states.
PUBLISHER = """
import resource, signal, sys
from pathlib import Path
import msgspec
from app.domain.errors import UnwritableRegistryError
from app.registry.manifest import Facts
from app.registry.model_registry import ModelRegistry
registry = ModelRegistry(Path(sys.argv[1]))
facts = msgspec.json.decode(sys.argv[2], type=Facts)
"""

MANY = """
for number in range(10):
    registry.publish("tiny", {"a.bin": b"%d" % number, "b.bin": bytes(20_000)}, facts)
"""

# It stops for good when the first of its files is written.
STUCK = """
class Stuck(dict):
    def items(self):
        for item in super().items():
            yield item
            print("halfway", flush=True)
            signal.pause()
registry.publish("tiny", Stuck({"a.bin": b"new a", "b.bin": b"new b"}), facts)
"""

FULL_DISK = """
resource.setrlimit(resource.RLIMIT_FSIZE, (4_096, 4_096))
try:
    registry.publish(sys.argv[3], {"a.bin": b"new", "b.bin": bytes(100_000)}, facts)
except UnwritableRegistryError as error:
    print("refused:", error.problem)
"""


def start(script: str, root: Path, models: Path, *more: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", PUBLISHER + script, str(models), msgspec.json.encode(FACTS).decode(), *more],
        cwd=root,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def listing(folder: Path) -> dict[str, str]:
    """Give every file below a folder with its digest."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture
def registry(tmp_path):
    """A registry with version 1 of `tiny`."""
    registry = ModelRegistry(tmp_path / "models")
    registry.publish("tiny", {"a.bin": b"old a", "b.bin": b"old b"}, FACTS)
    return registry


def serves(registry: ModelRegistry) -> tuple[int, bytes]:
    """Give the version that `active` means, and what its first file holds."""
    version = registry.resolve(ModelReference("tiny"))
    return version, registry.load("tiny", version, {"a.bin"}).files["a.bin"]


def test_two_processes_that_publish_at_once_lose_nothing(registry, root):
    publishers = [start(MANY, root, registry.folder) for _ in range(2)]
    endings = [(publisher.communicate()[1], publisher.returncode) for publisher in publishers]

    assert endings == [("", 0)] * 2
    assert registry.versions("tiny") == list(range(1, 22))
    assert registry.aliases("tiny") == {"original": 1, "active": 21, "previous": 20}


def test_versions_published_at_once_are_each_whole(registry, root):
    publishers = [start(MANY, root, registry.folder) for _ in range(2)]
    for publisher in publishers:
        publisher.communicate()

    published = sorted(registry.load("tiny", version, {"a.bin"}).files["a.bin"] for version in range(2, 22))

    assert published == sorted([b"%d" % number for number in range(10)] * 2)


@pytest.fixture
def after_a_killed_publisher(registry, root):
    """The registry after a publisher of `tiny` was killed while it wrote."""
    with start(STUCK, root, registry.folder) as publisher:
        assert publisher.stdout is not None
        assert publisher.stdout.readline() == "halfway\n", publisher.stderr and publisher.stderr.read()
        publisher.kill()
    assert publisher.returncode == -signal.SIGKILL
    return registry


def test_a_publisher_killed_in_the_middle_leaves_the_old_version_serving(after_a_killed_publisher):
    assert serves(after_a_killed_publisher) == (1, b"old a")
    assert after_a_killed_publisher.versions("tiny") == [1]


def test_after_a_killed_publisher_the_next_publish_works(after_a_killed_publisher):
    after_a_killed_publisher.publish("tiny", {"a.bin": b"newer"}, FACTS)

    assert serves(after_a_killed_publisher) == (2, b"newer")


def test_what_a_killed_publisher_left_is_cleared_away_by_the_next(after_a_killed_publisher):
    home = after_a_killed_publisher.folder / "tiny"
    left = [entry for entry in home.iterdir() if entry.name.startswith(".staging-")]

    after_a_killed_publisher.publish("tiny", {"a.bin": b"newer"}, FACTS)

    assert len(left) == 1
    assert not left[0].exists()


def test_a_publisher_killed_before_the_aliases_moved_leaves_the_old_version_serving(registry):
    # the moment between a version's last rename and the aliases': the version is there, and nothing points to it
    aliases = registry.folder / "tiny" / "aliases.json"
    before = aliases.read_bytes()
    registry.publish("tiny", {"a.bin": b"unseen"}, FACTS)
    aliases.write_bytes(before)

    assert serves(registry) == (1, b"old a")


def test_after_aliases_that_did_not_move_the_next_publish_takes_a_new_number(registry):
    aliases = registry.folder / "tiny" / "aliases.json"
    before = aliases.read_bytes()
    registry.publish("tiny", {"a.bin": b"unseen"}, FACTS)
    aliases.write_bytes(before)

    registry.publish("tiny", {"a.bin": b"newer"}, FACTS)

    assert registry.aliases("tiny") == {"original": 1, "active": 3, "previous": 1}


def test_a_full_disk_leaves_the_registry_as_it_was(registry, root):
    before = listing(registry.folder)

    said, _ = start(FULL_DISK, root, registry.folder, "tiny").communicate()

    assert said == "refused: File too large\n"
    assert listing(registry.folder) == before


def test_a_first_publish_on_a_full_disk_leaves_no_model(registry, root):
    said, _ = start(FULL_DISK, root, registry.folder, "other").communicate()

    assert said == "refused: File too large\n"
    assert registry.names() == ["tiny"]


def test_a_model_that_could_not_be_published_first_is_published_later(registry, root):
    start(FULL_DISK, root, registry.folder, "other").communicate()

    assert registry.publish("other", {"a.bin": b"a"}, FACTS).version == 1
