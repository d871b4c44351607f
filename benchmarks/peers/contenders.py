"""Who is measured, and how each is started."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from app.cli.http_wire import basic
from app.settings import Settings

from .servers.published import MODEL

ROOT: Final = Path(__file__).resolve().parents[2]
USER: Final = "admin"
PASSWORD: Final = "of the benchmark"  # noqa: S105 - of servers that live as long as it and listen to this machine alone
BATCH: Final = 256
_SETTINGS: Final = Settings.__struct_fields__
_SERVERS: Final = "benchmarks.peers.servers"


@dataclass(frozen=True, slots=True)
class Contender:
    """A server to measure; where `server` and `client` name the same cores, the two share them."""

    name: str
    title: str
    command: tuple[str, ...]
    """With `{port}`, and `{second_port}` where it needs another, and `{bin}` of its environment."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """The same."""
    installs: bool = False
    """Whether `requirements/<name>.txt` is to be installed; the others run in Parley's own environment."""
    family: str = "bow"
    batch: int = 1
    """Texts of a request."""
    authorization: str | None = None
    server: tuple[int, ...] = (0,)
    client: tuple[int, ...] = (1,)
    absent: str | None = None
    """Why it cannot be measured."""


def _parley(  # noqa: PLR0913 - what sets its rows apart
    name: str,
    title: str,
    *,
    workers: int = 1,
    family: str = "bow",
    batch: int = 1,
    shared: bool = False,
    absent: str | None = None,
) -> Contender:
    """Give Parley as it is shipped: authentication, request log and metrics are on."""
    settings = {"admin_password": PASSWORD, "default_model": MODEL, "port": "{port}", "workers": str(workers)}
    return Contender(
        name,
        title,
        (sys.executable, str(ROOT / "serve_tornado.py")),
        {f"PARLEY_{key.upper()}": value for key, value in settings.items() if key in _SETTINGS}
        | {"PARLEY_MODELS_DIR": "{models}", "PARLEY_VAR_DIR": "{var}"},
        family=family,
        batch=batch,
        authorization=basic(USER, PASSWORD),
        server=(0, 1) if shared else (0,),
        client=(0, 1) if shared else (1,),
        absent=absent,
    )


def _peer(name: str, title: str, command: tuple[str, ...], **environment: str) -> Contender:
    return Contender(name, title, command, environment, installs=True)


_NO_WORKERS: Final = None if "workers" in _SETTINGS else "this Parley has no setting `workers`"

CONTENDERS: Final = (
    _parley("parley", "Parley, bow"),
    _parley("parley-lstm", "Parley, lstm_attention", family="lstm_attention"),
    _parley("parley-batch", f"Parley, bow, {BATCH} texts a request (texts/s)", batch=BATCH),
    _parley("parley-shared", "Parley, bow, client on the same two cores", shared=True, absent=_NO_WORKERS),
    _parley("parley-two", "Parley, bow, two workers, client the same", workers=2, shared=True, absent=_NO_WORKERS),
    Contender("tornado", "bare Tornado callback", (sys.executable, "-m", f"{_SERVERS}.tornado_server")),
    _peer("fastapi", "FastAPI, uvicorn", ("{bin}/python", "-m", f"{_SERVERS}.fastapi_server")),
    _peer("litserve", "LitServe", ("{bin}/python", "-m", f"{_SERVERS}.litserve_server")),
    _peer(
        "bentoml",
        "BentoML",
        ("{bin}/bentoml", "serve", f"{_SERVERS}.bentoml_server:Intents", "--host", "127.0.0.1", "--port", "{port}"),
        BENTOML_DO_NOT_TRACK="true",
        BENTOML_HOME="{var}",
    ),
    _peer(
        "mlserver",
        "MLServer",
        ("{bin}/mlserver", "start", str(Path(__file__).parent / "servers" / "mlserver")),
        MLSERVER_HTTP_PORT="{port}",
        MLSERVER_GRPC_PORT="{second_port}",
        MLSERVER_ENVIRONMENTS_DIR="{var}",
        MLSERVER_METRICS_DIR="{var}",
    ),
)


def inherited() -> dict[str, str]:
    """Give the environment of this process, without what would set Parley another way."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PARLEY_")}  # noqa: TID251
