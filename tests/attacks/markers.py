"""Harmless payloads that would leave a file where they ran, and the file."""

import pickle
from pathlib import Path

_CODE = "import pathlib; pathlib.Path({!r}).touch()"


class Evil:
    """Pickles to what runs code when it is read; `harm` is left in the place of a file that must never be there."""

    def __init__(self, harm: Path) -> None:
        self._harm = harm

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return exec, (_CODE.format(str(self._harm)),)


def evil_pickle(harm: Path) -> bytes:
    """Write a pickle that makes a file where it is read."""
    return pickle.dumps(Evil(harm))


def evil_yaml(harm: Path) -> bytes:
    """Write YAML that makes a file where it is read."""
    return f"!!python/object/apply:os.system ['touch {harm}']\n".encode()
