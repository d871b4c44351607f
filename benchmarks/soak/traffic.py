"""The load, of which every answer is held against what it has to be."""

import re
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final, overload

import msgspec

from app.cli.http_wire import Response
from app.cli.load_connection import LoadConnection
from app.cli.load_generator import LoadGenerator
from app.cli.load_tally import Plan

from .server import AUTHORIZATION, SoakedServer
from .versions import MODEL, Versions, texts

_NUMBER: Final = re.compile(rb"X-Request-ID: soak-(\d+)\r")
_OK: Final = 200
_SAME: Final = 1e-4


class _Said(msgspec.Struct):
    request_id: str
    text: str
    model: str
    version: int
    intent: str | None
    confidence: float


class Requests(Sequence[bytes]):
    """So many requests, each with a number as its id; made when they are sent."""

    def __init__(self, n: int, server: SoakedServer, versions: Versions) -> None:
        self._n, self._target, self._versions = n, server.target, versions
        self._texts = texts()

    def text(self, number: int) -> str:
        """Give what a request asks."""
        return self._texts[number % len(self._texts)]

    def model(self, number: int) -> str | None:
        """Give which version a request asks; most ask for the active one."""
        asked = {0: f"{MODEL}@previous", 1: f"{MODEL}@1", 2: f"{MODEL}@{self._versions.newest - 1}"}
        return asked.get(number % 12)

    def __len__(self) -> int:
        return self._n

    @overload
    def __getitem__(self, number: int) -> bytes: ...
    @overload
    def __getitem__(self, number: slice) -> Sequence[bytes]: ...
    def __getitem__(self, number: int | slice) -> bytes | Sequence[bytes]:
        if isinstance(number, slice):
            return [self[one] for one in range(self._n)[number]]
        content: dict[str, object] = {"text": self.text(number)}
        if model := self.model(number):
            content["model"] = model
        body = msgspec.json.encode(content)
        head = (
            f"POST /predict HTTP/1.1\r\nHost: {self._target.authority}\r\nAuthorization: {AUTHORIZATION}\r\n"
            f"Content-Type: application/json\r\nX-Request-ID: soak-{number}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body


class Soak(LoadGenerator):
    """Sends requests, and remembers of each what became of it and over which connection."""

    def __init__(  # noqa: PLR0913 - all that it needs to know
        self,
        server: SoakedServer,
        requests: Requests,
        plan: Plan,
        versions: Versions,
        *,
        stale_after_s: float,
        at: dict[int, Callable[[], None]],
    ) -> None:
        """
        Begin with nothing sent.

        Args:
            server: who is asked.
            requests: what is sent.
            plan: how much, over how many connections.
            versions: what has to be answered.
            stale_after_s: for how long a worker may answer by a version that is active no more.
            at: what is called when so many answers have come.
        """
        super().__init__(server.target, requests, plan)
        self._versions, self._stale_after_s, self._at, self._all = versions, stale_after_s, at, requests
        self.answered_at: dict[int, float] = {}
        self.asked_over: dict[int, LoadConnection] = {}
        self.lost_at: dict[LoadConnection, float] = {}
        self.failed_at: dict[int, float] = {}
        self.wrong: Counter[str] = Counter()
        self.n_stale = 0
        self.by_version: Counter[int] = Counter()

    def answered(self, connection: LoadConnection, response: Response, now: float) -> None:
        """Hold an answer against what it has to be."""
        number = _number(connection)
        self.answered_at[number], self.asked_over[number] = now, connection
        if problem := self._problem(number, connection, response):
            self.wrong[problem] += 1
        if (call := self._at.get(len(self.answered_at))) is not None:
            call()
        super().answered(connection, response, now)

    def lost(self, connection: LoadConnection) -> None:
        """Remember when a connection broke, and the request that it took along."""
        self.lost_at[connection] = time.perf_counter()
        if connection.request and (number := _number(connection)) not in self.answered_at:
            self.failed_at[number] = self.lost_at[connection]
            self.asked_over[number] = connection
        super().lost(connection)

    def _problem(self, number: int, connection: LoadConnection, response: Response) -> str | None:
        if response.status != _OK:
            return f"status {response.status}: {response.body[:120].decode(errors='replace')}"
        said = msgspec.json.decode(response.body, type=_Said)
        text, model = self._all.text(number), self._all.model(number)
        if (said.request_id, said.text) != (f"soak-{number}", text):
            return "an answer to another request"
        if said.model != MODEL or not self._versions.exists(said.version):
            return "an answer by a version that never was"
        intent, confidence = self._versions.says(said.version, text)
        if said.intent != intent or abs(said.confidence - confidence) > _SAME:
            return "not what its version says"
        asked = connection.request.partition(b'"model":"')[2].partition(b'"')[0].decode().partition("@")[2]
        if asked.isdigit() and int(asked) != said.version:
            return "not the version asked for"
        self.by_version[said.version] += 1
        if model is None:
            now = time.monotonic()
            since = now - (time.perf_counter() - connection.sent) - self._stale_after_s
            self.n_stale += not self._versions.was_active(said.version, since, now)
        return None


def _number(connection: LoadConnection) -> int:
    found = _NUMBER.search(connection.request)
    assert found is not None  # noqa: S101 - it was written by `Requests`
    return int(found[1])
