"""
Which model, and which version of it, somebody means.

Names become folder names, so the rule for them stands here once and is the only one.
"""

import re
from dataclasses import dataclass
from typing import Final

from .errors import InvalidModelNameError, InvalidModelReferenceError
from .version_errors import InvalidAliasError

ACTIVE: Final = "active"
PREVIOUS: Final = "previous"
ORIGINAL: Final = "original"
_KEPT: Final = frozenset({ACTIVE, PREVIOUS, ORIGINAL})  # by what happens to a model, not by hand

# One letter or digit, then up to 63 more with dots, dashes and underscores between; `..` never.
_NAME = re.compile(r"(?!.*\.\.)[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9_])?", re.ASCII)
_ALIAS = re.compile(r"[a-z][a-z0-9_-]{0,31}", re.ASCII)
_VERSION = re.compile(r"[1-9][0-9]{0,8}", re.ASCII)


def is_model_name(name: str) -> bool:
    """Say whether a model can have this name."""
    return _NAME.fullmatch(name) is not None


def check_model_name(name: str) -> str:
    """
    Give the name back where it is a model's name.

    Raises:
        InvalidModelNameError: it is not one.
    """
    if not is_model_name(name):
        raise InvalidModelNameError(name)
    return name


def check_own_alias(alias: str) -> str:
    """
    Give an alias back where somebody may set it by hand.

    Raises:
        InvalidAliasError: no alias is called so, or this one is moved by what happens to a model.
    """
    if _ALIAS.fullmatch(alias) is None:
        raise InvalidAliasError(alias, "1 to 32 small letters, digits, dashes and underscores, starting with a letter")
    if alias in _KEPT:
        raise InvalidAliasError(alias, "another name: this one is moved by activating and rolling back")
    return alias


def is_version_number(text: str) -> bool:
    """Say whether this is how the number of a version is written: `7`, not `07`, and of nine digits at the most."""
    return _VERSION.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class ModelReference:
    """A model's name with a version number or an alias, never both; without either it means `active`."""

    name: str
    version: int | None = None
    alias: str = ACTIVE

    @classmethod
    def parse(cls, text: str) -> "ModelReference":
        """
        Read `name`, `name@7` or `name@alias`.

        Raises:
            InvalidModelNameError: the name is not a model's name.
            InvalidModelReferenceError: what follows `@` is neither a version nor an alias.
        """
        name, at, which = text.partition("@")
        check_model_name(name)
        if not at:
            return cls(name)
        if is_version_number(which):
            return cls(name, version=int(which))
        if _ALIAS.fullmatch(which):
            return cls(name, alias=which)
        raise InvalidModelReferenceError(text)

    def __str__(self) -> str:
        """Write the reference as a client would."""
        if self.version is not None:
            return f"{self.name}@{self.version}"
        return self.name if self.alias == ACTIVE else f"{self.name}@{self.alias}"
