"""
What is to be trained: a model's configuration, its data, and how to read them.

`config/models/<name>.yaml` holds the model's hyper-parameters beside the keys about data.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec

from ..data.reader import DataFormat
from ..domain.configuration_errors import NotYamlError
from ..domain.errors import ConfigurationError, InvalidValueError
from ..domain.model_reference import check_model_name
from ..entities.finder import check_finders
from ..families.catalogue import family_named, family_names
from ..families.model_config import ModelConfig, refuse_unknown_keys, resolve
from ..text.plain_yaml import read_yaml
from .auto_config import AUTO, AutoConfig
from .gazetteer_files import with_gazetteers_read

DEFAULT_FAMILY: Final = "bow"


class DataPlan(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where examples are, and how to read them."""

    data: str | None = None
    test: str | None = None
    format: DataFormat = DataFormat.AUTO
    out_of_scope: str | None = None
    """Texts, one a line, that none of the intents is meant for: learned as such."""
    out_of_scope_test: str | None = None
    """More of them, to measure with."""
    header: bool | None = None
    """Whether rows begin with a heading; absent: looked at."""


@dataclass(frozen=True, slots=True)
class TrainingPlan:
    """One model to be trained."""

    name: str
    config: ModelConfig
    data: Path
    test: Path | None
    data_format: DataFormat = DataFormat.AUTO
    header: bool | None = None
    out_of_scope: Path | None = None
    out_of_scope_test: Path | None = None


def read_plan_file(path: Path) -> dict[str, Any]:
    """
    Read `config/models/<name>.yaml` as it stands.

    Raises:
        ConfigurationError: it cannot be read or is not keys and values.
    """
    try:
        content = read_yaml(path.read_bytes())
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read: {error.strerror}") from None
    except NotYamlError as error:
        raise ConfigurationError(f"{path}: {error}") from None
    if not isinstance(content, dict) or not all(isinstance(key, str) for key in content):
        raise ConfigurationError(f"{path}: expected keys and values")
    return content


def make_plan(name: str, given: Mapping[str, Any], root: Path, where: str) -> TrainingPlan:
    """
    Make the plan of one model.

    Args:
        name: of the model.
        given: what its file and the flags say, merged.
        root: what relative paths start from.
        where: names the file or flags in errors.

    Raises:
        InvalidModelNameError: the name cannot be a model's.
        ConfigurationError: a key or value that makes no sense, or no data.
    """
    check_model_name(name)
    given = with_gazetteers_read(given, root, where)
    config_type = _config_type(given)
    refuse_unknown_keys(given, (*DataPlan.__struct_fields__, *config_type.__struct_fields__), where)
    about_data = {key: given[key] for key in DataPlan.__struct_fields__ if key in given}
    plan = resolve(DataPlan, about_data, where)
    if not plan.data:
        raise InvalidValueError(where, "no training data: set `data`")
    return TrainingPlan(
        name=name,
        config=settle_config({key: value for key, value in given.items() if key not in about_data}, where),
        data=root / plan.data,
        test=root / plan.test if plan.test else None,
        data_format=plan.format,
        header=plan.header,
        out_of_scope=root / plan.out_of_scope if plan.out_of_scope else None,
        out_of_scope_test=root / plan.out_of_scope_test if plan.out_of_scope_test else None,
    )


def settle_config(given: Mapping[str, Any], where: str) -> ModelConfig:
    """
    Complete a model's configuration with the defaults of its family and check it; `where` names it in errors.

    Raises:
        ConfigurationError: no such family, a key that means nothing, or a value that makes no sense.
    """
    config = resolve(_config_type(given), given, where)
    check_finders(config.entities, where)
    return config


def _config_type(given: Mapping[str, Any]) -> type[ModelConfig]:
    family = given.get("family", DEFAULT_FAMILY)
    if family == AUTO:
        return AutoConfig
    if family not in family_names():
        raise InvalidValueError("family", f"there is no family {family!r}; there are {', '.join(family_names())}")
    return family_named(family).config


def override(given: Mapping[str, Any], key: str, value: Any) -> dict[str, Any]:  # noqa: ANN401 - any YAML value
    """
    Set one key, dotted where it is nested.

    Raises:
        ConfigurationError: the key goes through something that is not nested.
    """
    first, dot, rest = key.partition(".")
    if not dot:
        return {**given, first: value}
    inner = given.get(first, {})
    if not isinstance(inner, Mapping):
        raise ConfigurationError(f"--set {key}: {first} is a value, not a group of keys")
    return {**given, first: override(inner, rest, value)}
