"""Ten thousand guesses from one address, and callers elsewhere who go on asking."""

import asyncio
import json
import os
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from app.cli.http_wire import Target, basic
from app.cli.load_generator import LoadGenerator
from app.cli.load_tally import Plan, Tally

from ..many_models.copies import ROOT
from ..many_models.server import PASSWORD, Server

_GUESSER: Final = "127.99.0.1"
_CONNECTIONS: Final = 16
_RATE: Final = 100
"""Texts per second of those who do not guess."""
_LEAD_S: Final = 5.0
"""How much longer they ask than somebody guesses."""


@dataclass(frozen=True)
class Crowd:
    """What came of it."""

    seconds: float
    guesses: Counter[int]
    """By status."""
    before: dict[str, Any]
    """What `loadtest` measured."""
    beside: dict[str, Any]

    @property
    def looked_at(self) -> int:
        """How many passwords argon2 was asked about: a guess that is refused as wrong was, one of too many was not."""
        return self.guesses[HTTPStatus.UNAUTHORIZED]

    @property
    def all_answered(self) -> bool:
        """Whether nobody who did not guess was refused."""
        return all(found["statuses"] == {"200": found["sent"]} for found in (self.before, self.beside))


class _FromOneAddress(asyncio.SelectorEventLoop):
    """A loop whose connections come from the guesser's address."""

    async def create_connection(self, *arguments: Any, **options: Any) -> Any:  # noqa: ANN401 - handed on
        """Connect."""
        return await super().create_connection(*arguments, **options, local_addr=(_GUESSER, 0))


def guess_beside(server: Server, n_guesses: int, seconds: float) -> Crowd:
    """Measure callers alone, then beside somebody who guesses."""
    before = _ended(_begun(server, seconds / 3))
    process = _begun(server, seconds + _LEAD_S)
    tally = _guess(Target.parse(f"http://127.0.0.1:{server.port}"), n_guesses, n_guesses / seconds)
    if tally.failures:
        raise SystemExit(f"guesses without an answer: {tally.failures}")
    guesses = Counter({status: len(answers) for status, answers in tally.latencies.items()})
    return Crowd(tally.seconds, guesses, before, _ended(process))


def _guess(target: Target, n_guesses: int, rate: float) -> Tally:
    requests = [
        target.get("/models").replace(b"\r\n\r\n", f"\r\nAuthorization: {proof}\r\n\r\n".encode())
        for proof in (basic("admin", f"guess {number}") for number in range(n_guesses))
    ]
    generator = LoadGenerator(target, requests, Plan(connections=_CONNECTIONS, n_requests=n_guesses, rate=rate))
    with asyncio.Runner(loop_factory=_FromOneAddress) as runner:
        return runner.run(generator.run())


def _begun(server: Server, seconds: float) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "app", "loadtest", f"http://127.0.0.1:{server.port}", "--user", "admin"]
    command += ["--password-env", "LOADTEST", "--rate", str(_RATE), "--seconds", str(seconds), "--json"]
    environment = {**os.environ, "LOADTEST": PASSWORD}  # noqa: TID251 - handed on
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE)


def _ended(process: "subprocess.Popen[bytes]") -> dict[str, Any]:
    out, _ = process.communicate()
    found: dict[str, Any] = json.loads(out)
    return found
