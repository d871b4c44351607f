"""What a process that does a job tells of its end, whatever that is, and how long it waits for the database."""

import errno
import traceback
from collections.abc import Callable
from pathlib import Path
from time import sleep
from typing import Final, TypeVar

from ..domain.error_code import code_of
from ..domain.errors import ParleyError
from ..domain.storage_errors import StorageUnavailableError
from .events import Event, Failed, Finished

_ASKS_AGAIN_S: Final = 1.0
_ASKS: Final = 30
_NO_SPACE: Final = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}

T = TypeVar("T")


def told_to_the_end(do: Callable[[], Finished], tell: Callable[[Event], None]) -> bool:
    """Do something, tell what comes of it, and say whether it came to its end."""
    try:
        tell(do())
    except BrokenPipeError:  # the runner is gone, and takes this process along
        return False
    except Exception as error:  # noqa: BLE001 - whatever it is, the job ends with a sentence
        tell(_failed(error))
        return False
    return True


def asked_patiently(ask: Callable[[], T]) -> T:
    """
    Ask the database; where it is away, again for a while.

    Raises:
        StorageUnavailableError: it was away for too long.
    """
    for _ in range(_ASKS - 1):
        try:
            return ask()
        except StorageUnavailableError:
            sleep(_ASKS_AGAIN_S)
    return ask()


def _failed(error: Exception) -> Failed:
    """Say what went wrong; of what was not foreseen only where, because an exception may quote what people typed."""
    reason = error if isinstance(error, OSError) else error.__cause__
    if isinstance(reason, OSError) and reason.errno in _NO_SPACE:
        return Failed("there is no space left for the model", "no_space")
    if isinstance(error, MemoryError):
        return Failed("there is not enough memory", "out_of_memory")
    if isinstance(error, ParleyError):
        return Failed(str(error), code_of(type(error)), isinstance(error, StorageUnavailableError))
    *_, last = traceback.extract_tb(error.__traceback__) or [None]
    place = f" at {Path(last.filename).name}:{last.lineno}" if last else ""
    return Failed(f"something went wrong here: {type(error).__name__}{place}", "internal")
