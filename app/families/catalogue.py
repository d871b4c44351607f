"""Find families by name: each module of this package that is not part of the contract is one."""

import importlib
import pkgutil
from pathlib import Path
from typing import Final

from ..domain.errors import InvalidValueError
from .contract import Family

_NOT_FAMILIES: Final = frozenset(
    {
        "bow_terms",
        "catalogue",
        "contract",
        "fields",
        "ladders",
        "model_config",
        "record_fields",
        "sequence_features",
    }
)
_IMPORTED: Final = "imported"
"""What comes from other systems: served, and never trained."""


def family_names() -> list[str]:
    """Give the names of all families that can be trained, sorted."""
    found = {module.name for module in pkgutil.iter_modules([str(Path(__file__).parent)])}
    return sorted(found - _NOT_FAMILIES - {_IMPORTED})


def family_named(name: str) -> Family:
    """
    Give a family, or the one of models that were brought along; only its own module is imported.

    Raises:
        InvalidValueError: there is no such family.
    """
    if name != _IMPORTED and name not in family_names():
        raise InvalidValueError("family", f"there is no family {name!r}; there are {', '.join(family_names())}")
    family = importlib.import_module(f"{__package__}.{name}").FAMILY
    if not isinstance(family, Family):
        raise TypeError(f"{__package__}.{name}.FAMILY is not a Family")
    return family
