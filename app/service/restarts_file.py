"""What a supervisor tells its workers' metrics: how many workers it has replaced, by reason."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

_NAME: Final = "restarts.json"


def write_restarts(folder: Path, restarts: Mapping[str, int]) -> None:
    """
    Leave word.

    Raises:
        OSError: there is no room for it.
    """
    written = folder / f"{_NAME}.new"
    written.write_bytes(msgspec.json.encode(restarts))
    written.replace(folder / _NAME)


def read_restarts(folder: Path) -> dict[str, int]:
    """Read it; nothing was replaced where nothing was left."""
    try:
        return msgspec.json.decode((folder / _NAME).read_bytes(), type=dict[str, int])
    except (OSError, msgspec.DecodeError):
        return {}
