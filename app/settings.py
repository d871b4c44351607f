"""
What the operator chose: read once, checked, then handed on as values.

Flags win over `PARLEY_*` environment variables, these over `config/service.yaml`, that over the defaults here.
"""

import difflib
import os
import re
from collections.abc import Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec
import yaml
from msgspec import Meta

from .domain.errors import ConfigurationError, InvalidRequestError, InvalidValueError, UnknownKeyError
from .domain.model_reference import ModelReference
from .domain.rate_limit import parse_rate_limits
from .domain.service_urls import check_database_url, check_redis_url
from .outgoing.allow_list import AllowList
from .service.callbacks import check_secret
from .service.preload import Preload
from .service.redaction import Redaction

SERVICE_FILE: Final = Path("config/service.yaml")
_PREFIX: Final = "PARLEY_"
_SECRETS: Final = {"admin_password", "callback_secret", "database_url", "redis_url"}
_MAPPINGS: Final = {"redact"}
_LISTS: Final = {"callback_allow", "cors_origins", "trusted_proxies"}
_SQLITE: Final = "sqlite:///"
_ORIGIN: Final = re.compile(r"[a-z][a-z0-9+.-]*://[^\s/@?#A-Z*]+")


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Everything that can be set; the environment variable of a key is `PARLEY_` and the key in capitals."""

    host: str = "127.0.0.1"
    """Address to listen on; a container needs 0.0.0.0."""
    port: Annotated[int, Meta(ge=0, le=65535)] = 8080
    """0 takes a free one."""
    workers: Annotated[int, Meta(ge=1, le=1024)] | None = None
    """Processes that answer. Unset: one for each core that this process may use."""
    threads: Annotated[int, Meta(ge=1, le=256)] = 8
    """Requests that a worker works on at once."""
    models_dir: Path = Path("models")
    """The registry. Relative paths start at the folder Parley was started for."""
    configs_dir: Path = Path("config/models")
    """Where `<name>.yaml` says how a model is trained that has no version yet."""
    var_dir: Path = Path("var")
    """What the server keeps beside its models."""
    admin_password: str | None = None
    """Of the user `admin`. Unset: the one kept in `var_dir`, or a new one that is printed once."""
    default_model: str = "smalltalk"
    """What a request without `model` means: `name`, `name@7` or `name@alias`."""
    preload: str = "auto"
    """Models to load before anybody asks: `all`, `default`, names with commas between, or `auto`."""
    cached_texts: Annotated[int, Meta(ge=0, le=1_000_000)] = 1_000
    """Texts of each version whose answers are kept to be given again; 0 keeps none."""
    memory_budget_mb: Annotated[int, Meta(ge=0, le=1_000_000)] = 1024
    """What the models in memory of a worker may hold; 0: no bound."""
    keep_versions: Annotated[int, Meta(ge=1)] | None = None
    """Newest versions of a model that stay when another is published, beside those with aliases. Unset: all."""
    max_archive_mb: Annotated[int, Meta(ge=1, le=1 << 20)] = 512
    """Of the archive of a version that is imported, unpacked, in MB of 1,048,576 bytes."""
    max_body_bytes: Annotated[int, Meta(ge=1024)] = 1 << 20
    """Of a request."""
    max_upload_bytes: Annotated[int, Meta(ge=1024)] = 1 << 26
    """Of a file that is sent to be trained on."""
    max_text_chars: Annotated[int, Meta(ge=1)] = 10_000
    """Of one text to classify."""
    max_texts: Annotated[int, Meta(ge=1)] = 1024
    """In one request."""
    max_wait_s: Annotated[float, Meta(gt=0)] = 0.05
    """How long a small request may wait for its turn; those that would wait longer are refused (503), in seconds."""
    answer_within_s: Annotated[float, Meta(gt=0)] = 30.0
    """A request that takes longer is given up (504), in seconds."""
    head_within_s: Annotated[float, Meta(gt=0)] = 10.0
    """Until the head of a request has to be whole (408), in seconds."""
    body_within_s: Annotated[float, Meta(gt=0)] = 15.0
    """A client that sends nothing of a body for longer, or reads nothing of a reply, is given up, in seconds."""
    idle_s: Annotated[float, Meta(gt=0)] = 75.0
    """A connection on which nothing is asked for longer is closed, in seconds."""
    max_connections: Annotated[int, Meta(ge=16)] = 4096
    """Of a worker; where there is no room the one that has been idle longest is closed."""
    drain_s: Annotated[float, Meta(ge=0)] = 10.0
    """How long a worker that is to end waits for requests in flight, in seconds."""
    drain_grace_s: Annotated[float, Meta(ge=0)] = 0.0
    """How long connections are taken after SIGTERM, while `/readyz` answers 503, in seconds."""
    heartbeat_limit_s: Annotated[float, Meta(ge=0.5)] = 15.0
    """A worker that is silent for longer is replaced."""
    start_limit_s: Annotated[float, Meta(ge=1)] = 300.0
    """A worker whose models take longer to load is replaced."""
    log_level: str = "info"
    """debug, info, warning or error."""
    log_format: str = "text"
    """text, or json: an object in each line."""
    log_file: Path | None = None
    """Where log lines go, of all workers. Unset: to standard error."""
    log_file_mb: Annotated[int, Meta(ge=0, le=100_000)] = 100
    """From this size on the file is moved aside, in MiB; 0: never."""
    log_file_backups: Annotated[int, Meta(ge=0, le=1000)] = 5
    """Files moved aside that are kept."""
    database_url: str | None = None
    """`sqlite:///FILE` or `postgresql://USER:PASSWORD@HOST:PORT/NAME`. Unset: `parley.db` in `var_dir`."""
    request_log: bool = True
    """Whether requests and replies are kept in the database."""
    request_log_queue: Annotated[int, Meta(ge=1, le=1_000_000)] = 20_000
    """Inputs of requests that wait to be written, at the most; what comes then is dropped and counted."""
    request_log_batch: Annotated[int, Meta(ge=1, le=10_000)] = 2_000
    """Inputs that are written at once."""
    request_log_interval_s: Annotated[float, Meta(gt=0, le=60)] = 1.0
    """How long requests wait until a smaller batch is written, in seconds."""
    retention_days: Annotated[int, Meta(ge=1, le=36_500)] = 90
    """Logged requests are deleted after that."""
    log_text: bool = False
    """Whether the log keeps what people typed, redacted."""
    text_retention_days: Annotated[int, Meta(ge=1, le=36_500)] = 30
    """What people typed is erased from the log after that."""
    redact: dict[str, str] = {}
    """Regular expressions by marker, beside e-mail addresses and numbers: `customer: C-[0-9]+` leaves `<customer>`."""

    job_workers: Annotated[int, Meta(ge=0, le=64)] = 1
    """Processes that the server starts to run trainings, one at a time each; 0: others do."""
    job_threads: Annotated[int, Meta(ge=1, le=256)] = 1
    """Of a training."""
    job_time_limit_s: Annotated[float, Meta(gt=0)] = 3600.0
    """A training that takes longer is ended, in seconds."""
    job_memory_mb: Annotated[int, Meta(ge=64)] = 4096
    """A training that takes more memory is ended."""
    job_lost_after_s: Annotated[float, Meta(ge=1)] = 20.0
    """A training whose runner is silent for longer is taken up by another."""
    max_queued_jobs: Annotated[int, Meta(ge=1, le=100_000)] = 100
    """Trainings that wait, at the most; further ones are refused (503)."""
    max_examples: Annotated[int, Meta(ge=1)] = 1_000_000
    """Of the draft of one model."""

    callback_allow: tuple[str, ...] = ()
    """Servers that are told of the end of a job: `hooks.example`, `host:port`, networks; `*`: any public one."""
    callback_secret: str | None = None
    """What callbacks are signed with; without it there are none."""

    redis_url: str | None = None
    """`redis://:PASSWORD@HOST:PORT/0`, where several machines are one server. Unset: each counts by itself."""
    rate_limit: str | None = None
    """Requests that a caller may send, such as `100/minute` or `10/second; 1000/hour`. Unset: any number."""
    trusted_proxies: tuple[str, ...] = ()
    """Addresses and networks of proxies whose `X-Forwarded-For` is believed."""

    cors_origins: tuple[str, ...] = ()
    """Origins whose pages may ask from a browser, such as `https://bot.example`; `*` for all."""
    behind_tls: bool = False
    """Whether the server is reached over HTTPS: browsers are then told to use nothing else."""

    def __repr__(self) -> str:
        """Show everything but what is secret."""
        shown = {name: getattr(self, name) for name in self.__struct_fields__ if name not in _SECRETS}
        return f"Settings({', '.join(f'{name}={value!r}' for name, value in shown.items())})"


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
    chosen = _of_file(file or root / SERVICE_FILE, must_exist=file is not None)
    chosen |= _of_environment(environment)
    chosen |= {key: value for key, value in (flags or {}).items() if value is not None}
    chosen |= {key: _listed(chosen[key]) for key in _LISTS & chosen.keys()}
    try:
        settings = msgspec.convert(chosen, Settings, strict=False, dec_hook=as_path)
    except msgspec.ValidationError as error:
        raise InvalidValueError("settings", str(error)) from None
    _check(settings)
    return msgspec.structs.replace(
        settings,
        models_dir=root / settings.models_dir,
        configs_dir=root / settings.configs_dir,
        var_dir=root / settings.var_dir,
        log_file=settings.log_file and root / settings.log_file,
        database_url=_below(root, settings.database_url),
    )


def _below(root: Path, database_url: str | None) -> str | None:
    """Let the relative path of a SQLite file start where other paths do."""
    if database_url is None or not database_url.startswith(_SQLITE):
        return database_url
    return f"{_SQLITE}{root / database_url.removeprefix(_SQLITE)}"


def _check(settings: Settings) -> None:
    """Check what types and ranges cannot say."""
    password = settings.admin_password
    if password is not None and (not password or any("\ud800" <= character <= "\udfff" for character in password)):
        raise InvalidValueError("admin_password", "it is empty, or not UTF-8")
    if not settings.host:
        raise InvalidValueError("host", "it is empty; 127.0.0.1 for this machine alone, 0.0.0.0 for all addresses")
    if settings.log_level not in ("debug", "info", "warning", "error"):
        raise InvalidValueError("log_level", f"{settings.log_level!r} is not debug, info, warning or error")
    if settings.log_format not in ("text", "json"):
        raise InvalidValueError("log_format", f"{settings.log_format!r} is not text or json")
    try:
        ModelReference.parse(settings.default_model)
    except InvalidRequestError as error:
        raise InvalidValueError("default_model", str(error)) from None
    if settings.database_url is not None:
        check_database_url(settings.database_url)
    if settings.redis_url is not None:
        check_redis_url(settings.redis_url)
    _check_limits(settings)
    _check_origins(settings.cors_origins)
    Redaction(settings.redact)
    AllowList.parse(settings.callback_allow)
    if settings.callback_secret is not None:
        check_secret(settings.callback_secret)
    Preload.parse(settings.preload)


def _check_limits(settings: Settings) -> None:
    try:
        if settings.rate_limit is not None:
            parse_rate_limits(settings.rate_limit)
    except ValueError as error:
        raise InvalidValueError("rate_limit", str(error)) from None
    for proxy in settings.trusted_proxies:
        try:
            ip_network(proxy)
        except ValueError as error:
            raise InvalidValueError("trusted_proxies", str(error)) from None


def _check_origins(origins: tuple[str, ...]) -> None:
    """Refuse origins that no browser writes like that, and which would therefore be without effect."""
    for origin in origins:
        usual = {"http": ":80", "https": ":443"}.get(origin.partition(":")[0], "/")
        if origin != "*" and (not _ORIGIN.fullmatch(origin) or origin.endswith(usual)):
            expected = "https://bot.example or https://bot.example:8443, in small letters and nothing behind, or *"
            raise InvalidValueError("cors_origins", f"{origin!r} is no origin; write {expected}")
    if "*" in origins and len(origins) > 1:
        raise InvalidValueError("cors_origins", "* is all origins; others beside it mean nothing")


def _of_file(path: Path, *, must_exist: bool) -> dict[str, Any]:
    if not must_exist and not path.exists():
        return {}
    try:
        content = yaml.safe_load(path.read_bytes()) or {}
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read: {error.strerror}") from None
    except yaml.YAMLError as error:
        raise ConfigurationError(f"{path}: {_place(error)}") from None
    if not isinstance(content, dict):
        raise ConfigurationError(f"{path}: expected keys and values")
    known = Settings.__struct_fields__
    for key in content:
        if key not in known:
            nearest = difflib.get_close_matches(str(key), known, n=1)
            raise UnknownKeyError(str(key), str(path), nearest[0] if nearest else None, known)
    return content


def _place(error: yaml.YAMLError) -> str:
    """Say where YAML goes wrong, without the line itself: a password may stand in it."""
    mark = getattr(error, "problem_mark", None)
    return f"not YAML: line {mark.line + 1}, column {mark.column + 1}" if mark else "not YAML"


def _of_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    """Take what is ours; a name that looks like ours and is not would be silently without effect."""
    names = {_PREFIX + field.upper(): field for field in Settings.__struct_fields__}
    chosen = {}
    for name in (name for name in environment if name.startswith(_PREFIX)):
        if name in names:
            key, value = names[name], environment[name]
            chosen[key] = _yaml(key, value) if key in _MAPPINGS else value
        elif nearest := difflib.get_close_matches(name, names, n=1, cutoff=0.85):
            raise UnknownKeyError(name, "environment", nearest[0], list(names))
    return chosen


def _listed(value: object) -> object:
    """Let a list be written as one text, with commas or blanks between its members."""
    return value.replace(",", " ").split() if isinstance(value, str) else value


def _yaml(key: str, text: str) -> object:
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise InvalidValueError(key, _place(error)) from None


def as_path(kind: type, value: Any) -> Any:  # noqa: ANN401 - msgspec's hook
    """Make a path of a text where a setting is one."""
    if kind is Path and isinstance(value, str | Path) and str(value):
        return Path(value)
    raise ValueError(f"expected a path, got {value!r}")
