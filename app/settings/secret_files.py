"""
Secrets in files, as containers are given them: `PARLEY_ADMIN_PASSWORD_FILE=/run/secrets/password`.

An environment is seen by whoever may look at the process, and is handed on to every other one that it starts; a file is
neither.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from ..domain.errors import InvalidValueError

_AT_MOST: Final = 1 << 16


def secrets_in_files(
    environment: Mapping[str, str], files: Mapping[str, str], prefix: str
) -> Iterator[tuple[str, str]]:
    """
    Give secrets by their keys.

    Args:
        environment: the variables.
        files: the key that each variable which names a file is for.
        prefix: of the variables that hold a value themselves.

    Raises:
        InvalidValueError: a file that cannot be read or holds nothing, or a secret that is given twice.
    """
    for name, key in files.items():
        if name in environment:
            if prefix + key.upper() in environment:
                raise InvalidValueError(key, f"{prefix + key.upper()} and {name} are both given; give one of them")
            yield key, _secret_in(Path(environment[name]), name)


def _secret_in(path: Path, name: str) -> str:
    """Read a secret; the line end that editors put behind it is no part of it."""
    try:
        with path.open("rb") as file:
            content = file.read(_AT_MOST + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "no path"
        raise InvalidValueError(name, f"the file that it names cannot be read: {reason}") from None
    try:
        secret = content.decode().removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError:
        raise InvalidValueError(name, "the file that it names is not UTF-8") from None
    if not secret or len(content) > _AT_MOST:
        size = "nothing" if not secret else f"more than {_AT_MOST:,} bytes"
        raise InvalidValueError(name, f"the file that it names holds {size}")
    return secret
