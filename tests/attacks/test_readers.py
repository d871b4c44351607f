"""Whatever is sent, a reader reads it or raises an error of Parley's: it never hangs, and fills no memory."""

import subprocess
import sys
from pathlib import Path

import hypothesis
import pytest

from tests.attacks.readers import Reader, readers, spoiled, try_out
from tests.server import ROOT

NAMES = [
    "prediction", "training", "reference", "name", "alias", "address", "archive", "manifest", "pickle", "weights",
    "yaml", "form", "gzip", "snapshot", "any data", "csv", "tsv", "lines to answer", "jsonl", "intents",
]  # fmt: skip


@pytest.fixture(scope="module")
def all_readers(tiny_models: Path) -> dict[str, Reader]:
    return dict(readers(tiny_models))


def test_these_are_all(all_readers: dict[str, Reader]) -> None:
    assert list(all_readers) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_what_is_read_well_is_read(all_readers: dict[str, Reader], name: str) -> None:
    all_readers[name].read(all_readers[name].seed)


@pytest.mark.parametrize("name", NAMES)
def test_anything_like_it_is_read_or_refused(all_readers: dict[str, Reader], name: str) -> None:
    reader = all_readers[name]

    @hypothesis.settings(
        max_examples=60,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=[hypothesis.HealthCheck.too_slow, hypothesis.HealthCheck.data_too_large],
    )
    @hypothesis.given(spoiled(reader.seed))
    def run(data: bytes) -> None:
        try_out(reader, data)

    run()


BOMBS = {
    "rows of one value": b"x\n" * (8 << 20),
    "rows of nothing": b"\n" * (16 << 20),
    "one row of values": b"a\tb\n" + b"\t" * (16 << 20),
    "many rows of values": b"a,b\n" + (b"x," * (1 << 18) + b"\n") * 32,
    "values of JSON": b'{"intents": [' + b"[]," * (5 << 20) + b"[]]}",
    "lines of JSON": b'{"text": "a", "intent": "b"}\n' + b"{}\n" * (5 << 20),
    "a quote that never ends": b'a,"' + b"x\n" * (1 << 19),
}


def test_a_file_that_is_small_on_the_wire_fills_no_memory(tmp_path: Path) -> None:
    """In a process that may take 200 MB beyond the file itself, decoded."""
    script = (
        "import resource, sys\n"
        "from pathlib import Path\n"
        "from app.data.reader import read_dataset\n"
        "from app.domain.errors import ParleyError\n"
        "used = int(open('/proc/self/statm').read().split()[0]) * resource.getpagesize()\n"
        "resource.setrlimit(resource.RLIMIT_AS, (used + (232 << 20),) * 2)\n"
        "for path in sys.argv[1:]:\n"
        "    try:\n        read_dataset(Path(path))\n"
        "    except ParleyError:\n        print('refused')\n"
    )
    for number, bomb in enumerate(BOMBS.values()):
        (tmp_path / str(number)).write_bytes(bomb)
    command = [sys.executable, "-c", script, *map(str, sorted(tmp_path.iterdir()))]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.stdout.split() == ["refused"] * len(BOMBS), done.stderr[-2000:]


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("name", NAMES)
def test_far_more_of_it_costs_neither_a_second_nor_200_megabytes(tiny_models: Path, name: str) -> None:
    command = [sys.executable, "-m", "tests.attacks.readers", str(tiny_models), name, "20000"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr[-3000:]
