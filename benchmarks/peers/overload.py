"""What a server does when far more is asked of it than it can answer."""

import http.client
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np

from .contenders import ROOT
from .load import offer
from .running import RunningServer

TIMES: Final = 4
_CONNECTIONS: Final = 256
_OK, _REFUSED = 200, 503
_PROBE_EVERY_S: Final = 0.02


@dataclass(frozen=True, slots=True)
class Overload:
    """What came of it; per second and milliseconds."""

    offered: float
    """Asked for; what finds no connection free waits at the client."""
    sent: float
    accepted: float
    refused: float
    accepted_p99_ms: float
    """From when a request was written to its connection."""
    accepted_p99_since_due_ms: float
    """From when it was due: with the wait for a connection, which is the client's as much as the server's."""
    healthz_p99_ms: float
    healthz_max_ms: float
    without_retry_after: int
    other_statuses: int
    failures: int
    client_busy: float
    """The share of its time that the client computed; near 1, it and not the server is what is measured."""


def overload(server: RunningServer, texts: Sequence[str], seconds: float, capacity: float) -> Overload:
    """Offer a multiple of what it can, and ask for its health meanwhile from another process."""
    port = str(server.target.port)
    probe = subprocess.Popen(
        [sys.executable, "-m", f"{__package__}.overload", port, str(seconds)], cwd=ROOT, stdout=subprocess.PIPE
    )
    computed, began = time.process_time(), time.perf_counter()
    tally = offer(server, texts, seconds, TIMES * capacity, _CONNECTIONS)
    client_busy = (time.process_time() - computed) / (time.perf_counter() - began)
    health = json.loads(probe.communicate(timeout=seconds + 60)[0])
    wire, due = (tally.percentiles((_OK,), on_the_wire=on).get(99.0, float("nan")) * 1000 for on in (True, False))
    return Overload(
        offered=TIMES * capacity,
        sent=tally.sent / tally.seconds,
        accepted=tally.count(_OK) / tally.seconds,
        refused=tally.count(_REFUSED) / tally.seconds,
        accepted_p99_ms=wire,
        accepted_p99_since_due_ms=due,
        healthz_p99_ms=float(np.percentile(health, 99)) * 1000,
        healthz_max_ms=max(health) * 1000,
        without_retry_after=tally.problems["503 without Retry-After"],
        other_statuses=tally.answered - tally.count(_OK) - tally.count(_REFUSED),
        failures=tally.failures.total(),
        client_busy=client_busy,
    )


def as_values(seen: Overload) -> dict[str, Any]:
    """Give it for JSON."""
    return {key: round(value, 2) for key, value in asdict(seen).items()}


def _probe(port: int, seconds: float) -> None:
    """Ask for /healthz over a connection of its own each time, as a balancer does, and print how long it took."""
    latencies = []
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        started = time.perf_counter()
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            connection.request("GET", "/healthz")
            ok = connection.getresponse().status == _OK
        except OSError:
            ok = False
        finally:
            connection.close()
        latencies.append(time.perf_counter() - started if ok else 10.0)
        time.sleep(_PROBE_EVERY_S)
    print(json.dumps(latencies))


if __name__ == "__main__":
    _probe(int(sys.argv[1]), float(sys.argv[2]))
