"""How a model is trained unless somebody says otherwise: as its active version was, or as its file has it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from ..domain.damage_errors import DamagedModelError
from ..domain.errors import AliasNotFoundError, ModelNotFoundError
from ..domain.model_reference import ModelReference
from ..families.catalogue import family_names
from ..pipeline.artifacts import CONFIG, ENTITIES, load_entities
from ..registry.model_registry import ModelRegistry
from ..text.plain_yaml import read_yaml
from .gazetteer_files import with_gazetteers_read
from .plan import DEFAULT_FAMILY, DataPlan, read_plan_file

_OF_THE_FAMILY: Final = ("fields", "features", "network", "training", "search")


def inherited_config(registry: ModelRegistry, configs: Path, name: str) -> dict[str, Any]:
    """
    Give the configuration of a model as it stands, without what it says about data; of a new one there is none.

    Where the active version cannot be trusted its file counts: training anew is how a model gets well. Paths in that
    start from the project, whose `config/models` holds it.

    Raises:
        ConfigurationError: its file cannot be read.
    """
    try:
        version = registry.resolve(ModelReference(name))
        stored = registry.load(name, version, {CONFIG, ENTITIES})
        config: dict[str, Any] = read_yaml(stored.files[CONFIG])
        entities = msgspec.to_builtins(load_entities(stored.folder, stored.files))
    except (ModelNotFoundError, AliasNotFoundError, DamagedModelError):
        return _of_its_file(configs / f"{name}.yaml")
    if config.get("family") not in family_names():  # it was brought along, and is trained anew as any model is
        return _of_its_file(configs / f"{name}.yaml")
    return {**config, "entities": entities} if entities else config


def _of_its_file(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    return with_gazetteers_read(_of_the_model(read_plan_file(path)), path.parent.parent.parent, path.name)


def _of_the_model(given: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in given.items() if key not in DataPlan.__struct_fields__}


def changed_config(known: Mapping[str, Any], family: str | None, changes: Mapping[str, Any]) -> dict[str, Any]:
    """
    Change a configuration; what was set for another family means nothing to this one.

    An entity is changed as a whole, and with nothing in its place it is gone.
    """
    wanted = family or changes.get("family") or known.get("family", DEFAULT_FAMILY)
    if wanted != known.get("family", DEFAULT_FAMILY):
        known = {key: value for key, value in known.items() if key not in _OF_THE_FAMILY}
    changed = _merged(known, {**changes, "family": wanted})
    if isinstance(entities := changes.get("entities"), Mapping):
        kept = {**known.get("entities", {}), **entities}
        changed["entities"] = {name: one for name, one in kept.items() if one is not None}
    return changed


def _merged(known: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(known)
    for key, value in changes.items():
        before = merged.get(key)
        merged[key] = _merged(before, value) if isinstance(before, Mapping) and isinstance(value, Mapping) else value
    return merged
