"""What is measured of one server."""

import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import ClassVar, Final

from app.registry.model_registry import ModelRegistry

from .copies import FILES
from .server import Server, serving

_TEXTS: Final = ("can you tell me a joke please", "what is your name", "how are you today")
_RSS_EVERY: Final = 20  # requests
_IDLE_S: Final = 5.0
_GIVEN_BACK_AFTER_S: Final = 3.0


@dataclass(frozen=True, slots=True)
class Figures:
    """What one server showed."""

    ROWS: ClassVar[Mapping[str, str]] = {
        "ready after": "s",
        "first request, p50": "ms",
        "first request, p99": "ms",
        "first request, max": "ms",
        "processor time of a first request": "ms",
        "second request, p99": "ms",
        "memory when ready": "MB",
        "memory at the most": "MB",
        "memory at the end": "MB",
        "core taken while nobody asks": "%",
        "growth by reloads": "MB",
    }
    values: Mapping[str, float]


def measure(registry: ModelRegistry, names: Sequence[str], budget_mb: int, n_reloads: int) -> Figures:
    """Start a server of these models and measure it."""
    default, *others = names
    random.Random(1).shuffle(others)  # noqa: S311 - any order will do
    started = time.perf_counter()
    with serving(registry.folder, default, budget_mb) as server:
        while server.ask("/readyz")[0] != HTTPStatus.OK:
            time.sleep(0.01)
        values = {"ready after": time.perf_counter() - started}
        server.predict(default, _TEXTS[0])  # the password is hashed once
        values["memory when ready"], cpu_s = server.rss_mb(), server.cpu_s()
        first, first_mb = _ask_all(server, others)
        values["processor time of a first request"] = (server.cpu_s() - cpu_s) / len(others) * 1e3
        second, second_mb = _ask_all(server, others)
        values |= {
            "first request, p50": _quantile(first, 0.5),
            "first request, p99": _quantile(first, 0.99),
            "first request, max": max(first),
            "second request, p99": _quantile(second, 0.99),
            "memory at the most": max(first_mb, second_mb),
            "core taken while nobody asks": _share_of_a_core(server) * 100,
            "memory at the end": server.rss_mb(),
            "growth by reloads": _growth(server, registry, default, n_reloads),
        }
        return Figures(values)


def _ask_all(server: Server, names: Sequence[str]) -> tuple[list[float], float]:
    """Ask each model once, and give how long each took in ms, and the most memory seen in MB."""
    spent_ms, most_mb = [], 0.0
    for number, name in enumerate(names):
        spent_ms.append(server.predict(name, f"{_TEXTS[number % len(_TEXTS)]} {number}")[1])
        if number % _RSS_EVERY == 0:
            most_mb = max(most_mb, server.rss_mb())
    return spent_ms, most_mb


def _share_of_a_core(server: Server) -> float:
    before = server.cpu_s()
    time.sleep(_IDLE_S)
    return (server.cpu_s() - before) / _IDLE_S


def _growth(server: Server, registry: ModelRegistry, name: str, n_reloads: int) -> float:
    """Publish a model again and again, wait for each version, and give by how many MB the worker grew."""
    stored = registry.load(name, 1, FILES)
    server.predict(name, _TEXTS[0])
    before_mb = server.rss_mb()
    for _ in range(n_reloads):
        version = registry.publish(name, stored.files, stored.manifest.facts).version
        while server.predict(name, _TEXTS[0])[0] != version:
            time.sleep(0.02)
    time.sleep(_GIVEN_BACK_AFTER_S)
    return server.rss_mb() - before_mb


def _quantile(values: Sequence[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]
