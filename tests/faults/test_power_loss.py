"""Whenever the power fails, the disk has the registry as it was before a publish, or as it is after it."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from app.registry.manifest import Facts

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

PUBLISH = """
import sys
from pathlib import Path
import msgspec
from app.registry.manifest import Facts
from app.registry.model_registry import ModelRegistry
facts = msgspec.json.decode(sys.argv[2], type=Facts)
ModelRegistry(Path(sys.argv[1])).publish("tiny", {"a.bin": b"a", "b.bin": b"b"}, facts)
"""

_CALL = re.compile(
    r"(?P<name>fsync|fdatasync|rename\w*|openat?|close|write)\((?P<arguments>.*)\)\s+= (?P<result>-?\d+)"
)


def calls(trace: str, folder: Path) -> list[str]:
    """Give what was done to files of a registry, in order: `write F`, `fsync F` and `rename F to G`."""
    opened: dict[str, str] = {}
    done = []
    for line in trace.splitlines():
        call = _CALL.search(line)
        if call is None or int(call["result"]) < 0:
            continue
        name, arguments = call["name"], call["arguments"]
        paths = [
            str(Path(path).relative_to(folder))
            for path in re.findall(r'"([^"]*)"', arguments)
            if path.startswith(str(folder))
        ]
        if name.startswith("open"):
            opened[call["result"]] = paths[0] if paths else ""
        elif name.startswith("rename") and paths:
            done.append(f"rename {paths[0]} to {paths[1]}")
        elif file := opened.get(arguments.split(",")[0]):
            done.append(f"{name} {file}")
    staged = re.compile(r"\.staging-\w+")
    return [staged.sub("staging", one) for one in done if not one.startswith("close")]


def test_files_are_on_the_disk_before_the_folder_gets_its_name_and_that_before_an_alias_points_to_it(
    root: Path, tmp_path: Path
) -> None:
    strace = shutil.which("strace")
    if strace is None:
        pytest.skip("strace is not installed, and nothing else tells the order of what is asked of the disk")
    trace = tmp_path / "trace"
    command: list[str | Path] = [
        strace,
        "-f",
        "-o",
        trace,
        "-e",
        "trace=open,openat,write,fsync,fdatasync,rename,renameat,renameat2,close",
    ]
    done = subprocess.run(
        [*command, sys.executable, "-c", PUBLISH, str(tmp_path / "models"), msgspec.json.encode(FACTS).decode()],
        cwd=root, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if "ptrace" in done.stderr or "PTRACE" in done.stderr:
        pytest.skip("this system does not let strace look")
    assert done.returncode == 0, done.stderr

    order = calls(trace.read_text(), tmp_path / "models" / "tiny")

    assert [one for one in order if not one.startswith("write .publishing")] == [
        "write staging/a.bin",
        "fsync staging/a.bin",
        "write staging/b.bin",
        "fsync staging/b.bin",
        "write staging/manifest.json",
        "fsync staging/manifest.json",
        "fsync staging",
        "rename staging to 1",
        "fsync .",
        "write .aliases.json.new",
        "fsync .aliases.json.new",
        "rename .aliases.json.new to aliases.json",
        "fsync .",
    ]
