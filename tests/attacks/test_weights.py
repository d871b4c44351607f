"""Files of weights are read in a trainer alone, and looked at before Keras is given them: S12 to S16."""

import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from tests.attacks.conftest import Prey
from tests.workers import until

ENDED = {"succeeded", "failed", "cancelled", "refused"}


def h5(fill: Callable[[h5py.File], object]) -> bytes:
    data = io.BytesIO()
    with h5py.File(data, "w") as file:
        fill(file)
    return data.getvalue()


def keras_zip(config: dict[str, Any]) -> bytes:
    """Write what `keras.saving` reads, which names what is to be built."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as writer:
        writer.writestr("config.json", json.dumps(config))
        writer.writestr("metadata.json", "{}")
        writer.writestr("model.weights.h5", h5(lambda file: file.create_group("layers")))
    return archive.getvalue()


def legacy_lambda(file: h5py.File) -> None:
    """A whole model in HDF5, whose configuration is code."""
    layer = {"class_name": "Lambda", "config": {"name": "evil", "function": ["4wEAAAA=", None, None]}}
    file.attrs["model_config"] = json.dumps({"class_name": "Sequential", "config": {"layers": [layer]}})
    file.create_group("model_weights")


def external(file: h5py.File) -> None:
    file.create_dataset("layers/bag/vars/0", (8,), "u1", external=[("/etc/passwd", 0, 8)])


def linked(file: h5py.File) -> None:
    file.create_group("layers")["bag"] = h5py.ExternalLink("/etc/hostname", "/")


def soft_linked(file: h5py.File) -> None:
    file.create_group("layers")["bag"] = h5py.SoftLink("/layers")


def virtual(file: h5py.File) -> None:
    layout = h5py.VirtualLayout(shape=(8,), dtype="u1")
    layout[:] = h5py.VirtualSource("/etc/hostname", "x", shape=(8,))
    file.create_virtual_dataset("layers/x", layout)


def absurd(file: h5py.File) -> None:
    file.create_dataset("layers/bag/vars/0", (1_000_000, 1_000_000), "f4")


def compressed(file: h5py.File) -> None:
    file.create_dataset("layers/bag/vars/0", data=np.zeros(1 << 22, "f4"), compression="gzip")


def objects(file: h5py.File) -> None:
    file.create_dataset("layers/bag/vars/0", data="text", dtype=h5py.string_dtype())


EVIL: dict[str, bytes] = {
    "S12 a whole model with code, as HDF5": h5(legacy_lambda),
    "S12 HDF5 that is called .keras": keras_zip({"class_name": "Lambda", "config": {"function": "exec"}}),
    "S13 any function of any module": keras_zip({"module": "os", "class_name": "function", "config": "getpid"}),
    "S14 a vocabulary that lies elsewhere": keras_zip(
        {"class_name": "StringLookup", "config": {"vocabulary": "/etc/passwd"}}
    ),
    "S15 data in another file": h5(external),
    "S15 a link to another file": h5(linked),
    "S15 a link within": h5(soft_linked),
    "S15 data put together of other files": h5(virtual),
    "S16 a million times a million numbers": h5(absurd),
    "S16 numbers that are compressed": h5(compressed),
    "S16 what is no numbers": h5(objects),
}


@pytest.mark.controls("plain-weights")
@pytest.mark.parametrize("evil", EVIL)
def test_weights_that_are_not_plain_tables_of_their_own_are_refused(evil: str) -> None:
    from app.domain.damage_errors import UnreadableFileError  # noqa: PLC0415
    from app.training.weights_file import check_weights  # noqa: PLC0415

    with pytest.raises(UnreadableFileError, match=r"m/1/model\.weights\.h5 cannot be used: it"):
        check_weights(EVIL[evil], "m/1/model.weights.h5")


def test_the_weights_of_every_network_are_let_through(tiny_models: Path) -> None:
    from app.training.weights_file import check_weights  # noqa: PLC0415

    for name in ("tiny", "tinyseq"):
        check_weights((tiny_models / name / "1" / "model.weights.h5").read_bytes(), name)


def test_looking_takes_no_memory_that_a_file_only_speaks_of() -> None:
    """S16, in a process that may take no more than 300 MB beyond what it has."""
    script = (
        "import resource, sys\n"
        "from app.training.weights_file import check_weights\n"
        "used = int(open('/proc/self/statm').read().split()[0]) * resource.getpagesize()\n"
        "resource.setrlimit(resource.RLIMIT_AS, (used + (300 << 20),) * 2)\n"
        "try:\n    check_weights(sys.stdin.buffer.read(), 'x')\n"
        "except Exception as error:\n    print(type(error).__name__, error)\n"
    )
    absurd_file = EVIL["S16 a million times a million numbers"]
    done = subprocess.run([sys.executable, "-c", script], input=absurd_file, capture_output=True, check=False)

    assert done.stdout.startswith(b"UnreadableFileError x cannot be used: it says that its tables have"), done.stderr


@pytest.mark.controls("plain-weights")
def test_a_training_that_would_go_on_from_such_weights_fails_before_keras_has_them(prey: Prey) -> None:
    """S15, S16, by a job of a real trainer; and no server has any use for weights."""
    jobs = {}
    for name, evil in (("weights-elsewhere", h5(external)), ("weights-absurd", h5(absurd))):
        prey.publish(name, **{"model.weights.h5": evil, "dataset.jsonl.gz": dataset(prey)})
        prey.settled(name, "ready", "available")
        order = {"model": name, "mode": "incremental", "examples": [{"text": "bonjour", "intent": "greeting"}]}
        reply = prey.server.post("/train", order)
        assert reply.status == 202, reply.body
        jobs[name] = reply.json()["job"]["id"]

    for name, job in jobs.items():
        until(partial(has_ended, prey, job))
        ended = prey.server.get(f"/jobs/{job}").json()["job"]
        assert ended["state"] == "failed"
        assert f"{name}/1/model.weights.h5 cannot be used: it" in json.dumps(ended)


def has_ended(prey: Prey, job: str) -> bool:
    return prey.server.get(f"/jobs/{job}").json()["job"]["state"] in ENDED


def dataset(prey: Prey) -> bytes:
    return (prey.models / "tiny/1/dataset.jsonl.gz").read_bytes()
