"""The load: all that a server takes by wrk, or as much as was asked for by the engine of `python -m app loadtest`."""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec

from app.cli.http_wire import Response
from app.cli.load_generator import LoadGenerator
from app.cli.load_tally import Plan, Tally

from .contenders import inherited
from .running import RunningServer

CONNECTIONS: Final = 16
HAS_WRK: Final = shutil.which("wrk") is not None
_SCRIPT: Final = Path(__file__).parent / "predict.lua"
_OK: Final = 200
_OVERLOADED: Final = 503


@dataclass(frozen=True, slots=True)
class Taken:
    """What a server took in a closed loop."""

    per_second: float
    """Requests that were answered as they should be."""
    errors: int


def take_all(server: RunningServer, texts: Sequence[str], seconds: float, start: int) -> Taken:
    """Ask as quickly as it answers; `start` is the request to begin with, so that rounds do not repeat each other."""
    os.sched_setaffinity(0, server.contender.client)
    bodies = _bodies(server, texts)
    if not HAS_WRK:
        tally = LoadGenerator(server.target, _requests(server, bodies, start), _plan(seconds), checked).run_alone()
        return Taken(tally.count(_OK) / tally.seconds, errors_of(tally))
    with tempfile.NamedTemporaryFile("wb", suffix=".jsonl") as file:
        file.writelines(body + b"\n" for body in bodies)
        file.flush()
        figures = _wrk(server, seconds, file.name, start % len(bodies))
    if figures is None:
        return Taken(0.0, 1)
    errors = figures["statuses"] + figures["failures"]
    return Taken((figures["requests"] - figures["statuses"]) / figures["seconds"], errors)


def offer(
    server: RunningServer, texts: Sequence[str], seconds: float, rate: float, connections: int = CONNECTIONS
) -> Tally:
    """Ask so many times a second, whatever it answers."""
    os.sched_setaffinity(0, server.contender.client)
    requests = _requests(server, _bodies(server, texts), 0)
    return LoadGenerator(server.target, requests, _plan(seconds, rate, connections), checked).run_alone()


def errors_of(tally: Tally) -> int:
    """Count what is not an answer as it should be; of the answers that were looked at, that is."""
    return tally.answered - tally.count(_OK) + tally.failures.total() + tally.problems.total()


def checked(response: Response) -> str | None:
    """Say what is wrong with an answer."""
    if response.status == _OVERLOADED:
        return None if response.has("Retry-After") else "503 without Retry-After"
    if response.status != _OK:
        return None  # is counted by its status
    reply = msgspec.json.decode(response.body)
    answers = reply.get("predictions", [reply])
    return None if all({"intent", "confidence"} <= one.keys() for one in answers) else "no intent and confidence"


def _plan(seconds: float, rate: float | None = None, connections: int = CONNECTIONS) -> Plan:
    return Plan(connections=connections, seconds=seconds, rate=rate, timeout_s=10)


def _bodies(server: RunningServer, texts: Sequence[str]) -> list[bytes]:
    step = server.contender.batch
    groups = [texts[start : start + step] for start in range(0, len(texts) - step + 1, step)]
    return [msgspec.json.encode(server.body(group)) for group in groups]


def _requests(server: RunningServer, bodies: Sequence[bytes], start: int) -> list[bytes]:
    authorization = server.contender.authorization
    requests = [server.target.post("/predict", msgspec.Raw(body), authorization) for body in bodies]
    start %= len(requests)
    return requests[start:] + requests[:start]


def _wrk(server: RunningServer, seconds: float, bodies: str, start: int) -> dict[str, Any] | None:
    """Give what it counts, or None where there is nobody to connect to."""
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{max(1, round(seconds))}s", "--timeout", "10s", "-s", str(_SCRIPT)]
    environment = inherited() | {"PEER_AUTHORIZATION": server.contender.authorization or ""}
    if not environment["PEER_AUTHORIZATION"]:
        del environment["PEER_AUTHORIZATION"]
    done = subprocess.run(
        [*command, f"{server.url}/predict", "--", bodies, str(start)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        return None
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return figures
