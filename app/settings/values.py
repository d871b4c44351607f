"""Everything that can be set, its default, its range, and what it means."""

from pathlib import Path
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta

from .contract_terms import ContractTerms

SECRETS: Final = frozenset(
    {"admin_password", "callback_secret", "database_url", "queue_key", "redis_url", "signing_key"}
)
"""Settings that are shown nowhere, and that may stand in a file of their own: `PARLEY_<KEY>_FILE` names it."""


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
    watch_s: Annotated[float, Meta(ge=0, le=604_800)] = 0.0
    """How long a version is watched that was activated, to be rolled back where it does worse, in seconds; 0: not."""
    watch_least: Annotated[int, Meta(ge=1)] = 200
    """Predictions of either version without which the watch decides nothing."""
    watch_fallbacks: Annotated[float, Meta(ge=0, le=1)] = 0.2
    """By how much the share of fallbacks may rise above that of the version before."""
    watch_slower: Annotated[float, Meta(ge=1)] = 3.0
    """Times as long as with the version before that a prediction may take."""
    max_archive_mb: Annotated[int, Meta(ge=1, le=1 << 20)] = 512
    """Of the archive of a version that is imported, unpacked, in MB of 1,048,576 bytes."""
    max_body_bytes: Annotated[int, Meta(ge=1024)] = 1 << 20
    """Of a request."""
    max_upload_bytes: Annotated[int, Meta(ge=1024)] = 1 << 26
    """Of a file that is sent to be trained on or answered."""
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
    """Processes that the server starts to run jobs, one at a time each; 0: others do."""
    job_threads: Annotated[int, Meta(ge=1, le=256)] = 1
    """Of a job."""
    job_time_limit_s: Annotated[float, Meta(gt=0)] = 3600.0
    """A job that takes longer is ended, in seconds."""
    job_memory_mb: Annotated[int, Meta(ge=64)] = 4096
    """A job that takes more memory is ended."""
    job_lost_after_s: Annotated[float, Meta(ge=1)] = 20.0
    """A job whose runner is silent for longer is taken up by another."""
    max_queued_jobs: Annotated[int, Meta(ge=1, le=100_000)] = 100
    """Jobs that wait, at the most; further ones are refused (503)."""
    max_batch_lines: Annotated[int, Meta(ge=1)] = 1_000_000
    """Of a file that is sent to be answered."""
    batch_result_mb: Annotated[int, Meta(ge=1, le=1 << 20)] = 512
    """Of the answers to a file, compressed, in MB of 1,048,576 bytes; a job whose answers take more fails."""
    batch_kept_s: Annotated[float, Meta(gt=0, le=31_536_000)] = 86_400.0
    """How long the answers to a file are kept after the end of their job, in seconds."""
    max_examples: Annotated[int, Meta(ge=1)] = 1_000_000
    """Of the draft of one model."""

    max_queued_predictions: Annotated[int, Meta(ge=1, le=1_000_000)] = 10_000
    """Predictions of the queue that wait, at the most; further ones are refused (503)."""
    keep_results_s: Annotated[float, Meta(ge=1, le=604_800)] = 600.0
    """How long the result of a prediction of the queue can be fetched, in seconds; then it is deleted."""
    prediction_lost_after_s: Annotated[float, Meta(ge=1)] = 40.0
    """A prediction of the queue whose process is silent for longer is taken up by another, once; in seconds."""
    queue_key: str | None = None
    """What the queue is sealed with, 32 bytes or more; servers that share one share it. Unset: one in `var_dir`."""

    callback_allow: tuple[str, ...] = ()
    """Servers that are told of the end of a job: `hooks.example`, `host:port`, networks; `*`: any public one."""
    callback_secret: str | None = None
    """What callbacks are signed with; without it there are none."""

    signing_key: str | None = None
    """What published versions are signed with, 32 bytes or more; workers of one registry share it."""
    require_signed_models: bool = False
    """Whether versions that were not signed with `signing_key` are refused."""

    redis_url: str | None = None
    """`redis://:PASSWORD@HOST:PORT/0`, where several machines are one server. Unset: each counts by itself."""
    rate_limit: str | None = None
    """Requests that a caller may send, such as `100/minute` or `10/second; 1000/hour`. Unset: any number."""
    trusted_proxies: tuple[str, ...] = ()
    """Addresses and networks of proxies whose `X-Forwarded-For` and `Forwarded` are believed."""

    contracts: dict[str, ContractTerms] = {}
    """Other systems whose clients are answered on their own routes: `all`, names, or `model` and `open` by name."""

    cors_origins: tuple[str, ...] = ()
    """Origins whose pages may ask from a browser, such as `https://bot.example`; `*` for all."""
    behind_tls: bool = False
    """Whether the server is reached over HTTPS: browsers are then told to use nothing else."""
    tls_certificate: Path | None = None
    """A PEM file with the server's certificate and those between it and an authority. Unset: Parley speaks HTTP."""
    tls_key: Path | None = None
    """A PEM file with the private key of the certificate, without a password."""

    public_url: str | None = None
    """What clients call this server, such as `https://parley.example`. Unset: as whoever asks does."""
    token_format: Literal["opaque", "jwt"] = "opaque"  # noqa: S105 - a name
    """Whether access tokens mean something to others: `jwt` are signed; `opaque` have to be asked for here."""
    token_algorithm: Literal["RS256", "ES256", "Ed25519"] = "RS256"  # noqa: S105 - a name
    """What tokens are signed with."""
    token_life_s: Annotated[int, Meta(ge=1, le=86_400)] = 3_600
    """Of an access token, in seconds."""
    refresh_token_life_s: Annotated[int, Meta(ge=1, le=31_536_000)] = 2_592_000
    """Of a refresh token, in seconds; each use gives another."""
    oauth_old_grants: tuple[str, ...] = ()
    """`password` and `implicit`, for old clients that were registered with them."""
    oidc_issuer: str | None = None
    """An OpenID provider whose access tokens are accepted too."""
    oidc_audience: str | None = None
    """Whom tokens of the provider have to be for (`aud`), so that those for others are not accepted."""
    oidc_scopes_claim: str = "scope"
    """Where tokens of the provider say what somebody may do."""
    oidc_allow: tuple[str, ...] = ()
    """Where the provider may be asked for its keys, as in `callback_allow`. Unset: at its own host."""

    @property
    def database(self) -> str | Path:
        """Where everything is kept that is in tables: a URL, or a file of SQLite."""
        return self.database_url or self.var_dir / "parley.db"

    @property
    def is_https(self) -> bool:
        """Whether clients reach the server over HTTPS, whoever speaks TLS with them."""
        return self.behind_tls or self.tls_certificate is not None

    @property
    def scheme(self) -> str:
        """What the server itself speaks."""
        return "http" if self.tls_certificate is None else "https"

    def __repr__(self) -> str:
        """Show everything but what is secret."""
        shown = {name: getattr(self, name) for name in self.__struct_fields__ if name not in SECRETS}
        return f"Settings({', '.join(f'{name}={value!r}' for name, value in shown.items())})"


def as_path(kind: type, value: Any) -> Any:  # noqa: ANN401 - msgspec's hook
    """Make a path of a text where a setting is one."""
    if kind is Path and isinstance(value, str | Path) and str(value):
        return Path(value)
    raise ValueError(f"expected a path, got {value!r}")
