"""An environment for each peer below `var/peers`, made once and again when its requirements change."""

import hashlib
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from .contenders import Contender


class NotInstalledError(Exception):
    """A peer that cannot be installed here, and why."""


def installed(contender: Contender, folder: Path, tell: Callable[[str], None]) -> Path:
    """
    Give the folder of a contender's commands, and install it first where that has not been done.

    Raises:
        NotInstalledError: it cannot be.
    """
    if not contender.installs:
        return Path(sys.executable).parent
    requirements = Path(__file__).parent / "requirements" / f"{contender.name}.txt"
    environment, made_of = folder / contender.name, hashlib.sha256(requirements.read_bytes()).hexdigest()
    mark = environment / "made-of"
    if not mark.exists() or mark.read_text() != made_of:
        tell(f"installing {contender.title} into an environment of its own")
        _run(sys.executable, "-m", "venv", "--clear", str(environment))
        _run(str(environment / "bin/python"), "-m", "pip", "install", "--quiet", "--requirement", str(requirements))
        mark.write_text(made_of)
    return environment / "bin"


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        errors = [line for line in done.stderr.splitlines() if line.startswith("ERROR:")] or done.stderr.splitlines()
        raise NotInstalledError(errors[-1] if errors else f"{command[0]} ended with {done.returncode}")
