"""How a model is trained unless somebody says otherwise: as its active version was, or as its file has it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from ..domain.damage_errors import DamagedModelError
from ..domain.errors import AliasNotFoundError, ModelNotFoundError
from ..domain.model_reference import ModelReference
from ..families.catalogue import family_names
from ..pipeline.artifacts import CONFIG
from ..registry.model_registry import ModelRegistry
from ..text.plain_yaml import read_yaml
from .plan import DEFAULT_FAMILY, DataPlan, read_plan_file

_OF_THE_FAMILY: Final = ("fields", "features", "network", "training", "search")


def inherited_config(registry: ModelRegistry, configs: Path, name: str) -> dict[str, Any]:
    """
    Give the configuration of a model as it stands, without what it says about data; of a new one there is none.

    Where the active version cannot be trusted its file counts: training anew is how a model gets well.

    Raises:
        ConfigurationError: its file cannot be read.
    """
    try:
        version = registry.resolve(ModelReference(name))
        config: dict[str, Any] = read_yaml(registry.load(name, version, {CONFIG}).files[CONFIG])
    except (ModelNotFoundError, AliasNotFoundError, DamagedModelError):
        path = configs / f"{name}.yaml"
        return _of_the_model(read_plan_file(path)) if path.exists() else {}
    if config.get("family") not in family_names():  # it was brought along, and is trained anew as any model is
        path = configs / f"{name}.yaml"
        return _of_the_model(read_plan_file(path)) if path.exists() else {}
    return config


def _of_the_model(given: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in given.items() if key not in DataPlan.__struct_fields__}


def changed_config(known: Mapping[str, Any], family: str | None, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Change a configuration; what was set for another family means nothing to this one."""
    wanted = family or changes.get("family") or known.get("family", DEFAULT_FAMILY)
    if wanted != known.get("family", DEFAULT_FAMILY):
        known = {key: value for key, value in known.items() if key not in _OF_THE_FAMILY}
    return _merged(known, {**changes, "family": wanted})


def _merged(known: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(known)
    for key, value in changes.items():
        before = merged.get(key)
        merged[key] = _merged(before, value) if isinstance(before, Mapping) and isinstance(value, Mapping) else value
    return merged
