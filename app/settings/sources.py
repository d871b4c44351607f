"""
Where settings come from.

Flags win over `PARLEY_*` environment variables, these over `config/service.yaml`, that over the defaults. A secret may
stand in a file that the environment names, as containers have it.
"""

import difflib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from ..domain.configuration_errors import NotYamlError, UnknownKeyError
from ..domain.errors import ConfigurationError, InvalidValueError
from ..text.plain_yaml import read_yaml
from .checks import check, check_folders
from .contract_terms import read_contracts
from .secret_files import secrets_in_files
from .values import SECRETS, Settings, as_path

SERVICE_FILE: Final = Path("config/service.yaml")
_PREFIX: Final = "PARLEY_"
_CONTRACTS: Final = "contracts"
_MAPPINGS: Final = {_CONTRACTS, "redact"}
_LISTS: Final = {"callback_allow", "cors_origins", "oauth_old_grants", "oidc_allow", "trusted_proxies"}
_SQLITE: Final = "sqlite:///"
_PORT: Final = "PORT"
"""What system A was told; `PARLEY_PORT` and the flag win."""


def load_settings(
    root: Path,
    *,
    file: Path | None = None,
    environment: Mapping[str, str] | None = None,
    flags: Mapping[str, Any] | None = None,
) -> Settings:
    """
    Read the settings.

    Args:
        root: the folder that relative paths start from.
        file: instead of `config/service.yaml` below `root`, which may be absent; this one may not.
        environment: instead of the process's own.
        flags: by setting; None where a flag was not given.

    Raises:
        ConfigurationError: a file that cannot be read, an unknown key, a value out of its range.
    """
    environment = os.environ if environment is None else environment  # noqa: TID251 - the one place
    of_file = _of_file(file or root / SERVICE_FILE, must_exist=file is not None)
    chosen = of_file | _of_environment(environment)
    chosen |= {key: value for key, value in (flags or {}).items() if value is not None}
    chosen |= {key: _listed(chosen[key]) for key in _LISTS & chosen.keys()}
    if _CONTRACTS in chosen:
        chosen[_CONTRACTS] = read_contracts(chosen[_CONTRACTS], of_file.get(_CONTRACTS))
        is_told = f"{_PREFIX}PORT" in environment or (flags or {}).get("port") is not None
        if "atis" in chosen[_CONTRACTS] and _PORT in environment and not is_told:
            chosen["port"] = environment[_PORT]
    try:
        settings = msgspec.convert(chosen, Settings, strict=False, dec_hook=as_path)
    except msgspec.ValidationError as error:
        raise InvalidValueError("settings", str(error)) from None
    check(settings)
    settings = msgspec.structs.replace(
        settings,
        models_dir=root / settings.models_dir,
        configs_dir=root / settings.configs_dir,
        var_dir=root / settings.var_dir,
        log_file=settings.log_file and root / settings.log_file,
        tls_certificate=settings.tls_certificate and root / settings.tls_certificate,
        tls_key=settings.tls_key and root / settings.tls_key,
        database_url=_below(root, settings.database_url),
    )
    check_folders(settings)
    return settings


def _below(root: Path, database_url: str | None) -> str | None:
    """Let the relative path of a SQLite file start where other paths do."""
    if database_url is None or not database_url.startswith(_SQLITE):
        return database_url
    return f"{_SQLITE}{root / database_url.removeprefix(_SQLITE)}"


def _of_file(path: Path, *, must_exist: bool) -> dict[str, Any]:
    if not must_exist and not path.exists():
        return {}
    try:
        content = read_yaml(path.read_bytes()) or {}
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read: {error.strerror}") from None
    except NotYamlError as error:
        raise ConfigurationError(f"{path}: {error}") from None
    if not isinstance(content, dict):
        raise ConfigurationError(f"{path}: expected keys and values")
    known = Settings.__struct_fields__
    for key in content:
        if key not in known:
            nearest = difflib.get_close_matches(str(key), known, n=1)
            raise UnknownKeyError(str(key), str(path), nearest[0] if nearest else None, known)
    return content


def _of_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    """Take what is ours; a name that looks like ours and is not would be silently without effect."""
    names = {_PREFIX + field.upper(): field for field in Settings.__struct_fields__}
    files = {f"{_PREFIX}{field.upper()}_FILE": field for field in SECRETS}
    chosen: dict[str, Any] = dict(secrets_in_files(environment, files, _PREFIX))
    for name in (name for name in environment if name.startswith(_PREFIX)):
        if name in names:
            key, value = names[name], environment[name]
            chosen[key] = _yaml(key, value) if key in _MAPPINGS else value
        elif name not in files and (nearest := difflib.get_close_matches(name, [*names, *files], n=1, cutoff=0.85)):
            raise UnknownKeyError(name, "environment", nearest[0], [*names, *files])
    return chosen


def _listed(value: object) -> object:
    """Let a list be written as one text, with commas or blanks between its members."""
    return value.replace(",", " ").split() if isinstance(value, str) else value


def _yaml(key: str, text: str) -> object:
    try:
        return read_yaml(text)
    except NotYamlError as error:
        raise InvalidValueError(key, str(error)) from None
