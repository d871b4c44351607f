"""What a worker is told before it begins."""

from collections.abc import Callable
from pathlib import Path

import msgspec

from ..settings import Settings, as_path


class Briefing(msgspec.Struct, frozen=True, kw_only=True):
    """The settings in force, so that all workers have the same whatever happens to files meanwhile."""

    settings: Settings
    """Without the password: its hash is enough."""
    password_hash: str
    is_password_given: bool = False
    """By the settings: then it cannot be changed while the server runs."""
    sockets: tuple[int, ...] = ()
    """File descriptors to accept connections from."""
    board: int = -1
    """File descriptor of the `Board`."""
    counts: int = -1
    """File descriptor of memory in which workers count requests together."""
    place: int = 0
    """On the board."""
    metrics_folder: Path | None = None
    """Where the workers count together."""


def brief(settings: Settings, settle_password: Callable[[Settings], str]) -> Briefing:
    """Settle the password once for all workers, and leave it out of what they are told."""
    password_hash = settle_password(settings)
    return Briefing(
        settings=msgspec.structs.replace(settings, admin_password=None),
        password_hash=password_hash,
        is_password_given=settings.admin_password is not None,
    )


def written(briefing: Briefing) -> bytes:
    """Write a briefing as one line."""
    return msgspec.json.encode(briefing, enc_hook=str) + b"\n"


def read(line: bytes) -> Briefing:
    """Read what `written` wrote."""
    return msgspec.json.decode(line, type=Briefing, dec_hook=as_path)
