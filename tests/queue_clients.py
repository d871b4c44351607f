"""Clients of the queue of predictions: each puts many in, some of them poison, and fetches every one by its id."""

import http.client
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from tests.conftest import TINY
from tests.server import Server

TEXTS = [(text, intent) for intent, texts in TINY.items() for text in texts]
POISON: list[tuple[dict[str, Any], str]] = [
    ({"model": "nope"}, "model_not_found"),
    ({"text": "x" * 10_001}, "input_too_long"),
    ({"intents": ["nope"]}, "unknown_intent"),
]
"""What is added to a question to make it one, and the code of its error."""
EVERY = 20
"""One of so many is poison."""


@dataclass(frozen=True)
class Question:
    """What is asked, with a request id of its own, and what is right."""

    request_id: str
    content: dict[str, Any]
    intent: str | None
    code: str | None = None

    def is_answered_by(self, prediction: dict[str, Any]) -> bool:
        result = prediction["result"]
        if self.code is not None:
            error = result["error"]
            return prediction["state"] == "failed" and (error["code"], error["request_id"]) == (self.code, self.request_id)  # fmt: skip  # noqa: E501
        told = (result["request_id"], result["text"], result["intent"])
        return prediction["state"] == "succeeded" and told == (self.request_id, self.content["text"], self.intent)


def questions(client: int, n: int) -> Iterator[Question]:
    for number in range(n):
        text, intent = TEXTS[(7 * client + number) % len(TEXTS)]
        name, content = f"c{client}-{number}", {"text": f"{text} {' ' * (number % 50)}"}
        if number % EVERY == client % EVERY:
            added, code = POISON[number // EVERY % len(POISON)]
            yield Question(name, content | added, None, code)
        else:
            yield Question(name, content, intent)


@dataclass
class Client:
    """One of them, on a connection that is kept."""

    server: Server
    number: int
    put: dict[str, Question] = field(default_factory=dict)
    """By id."""
    refused: list[int] = field(default_factory=list)
    """Statuses of what was not taken and sent again."""
    n_sent_again: int = 0
    """Requests whose connection was lost; they may have been heard all the same."""
    _connection: http.client.HTTPConnection | None = None

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[int, Any]:
        """Send a request, once more where the connection was lost."""
        while True:
            if self._connection is None:
                self._connection = self.server.connection()
            with suppress(http.client.HTTPException, OSError):
                sent = {"Authorization": self.server.authorization, "Content-Type": "application/json", **headers}
                self._connection.request(method, path, body, sent)
                response = self._connection.getresponse()
                return response.status, json.loads(response.read())
            self._connection.close()
            self._connection = None
            self.n_sent_again += 1

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()

    def put_all(self, n: int) -> None:
        """Put questions in, each again until it is taken."""
        for question in questions(self.number, n):
            named = {"X-Request-ID": question.request_id}
            while True:
                status, told = self.ask("POST", "/predict?mode=queue", json.dumps(question.content).encode(), **named)
                if status == 202:
                    break
                self.refused.append(status)
            self.put[told["prediction"]["id"]] = question

    def fetch(self, prediction_id: str) -> dict[str, Any] | None:
        """Wait for a result; None where there is no such prediction any more."""
        while True:
            status, told = self.ask("GET", f"/predictions/{prediction_id}?wait=5")
            if status == 404:
                return None
            assert status == 200, told
            prediction: dict[str, Any] = told["prediction"]
            if prediction["state"] in ("succeeded", "failed"):
                return prediction

    def fetch_all(self) -> list[str]:
        """Fetch every result, see that it is right, and give the ids of those that are gone."""
        gone = []
        for prediction_id, question in self.put.items():
            prediction = self.fetch(prediction_id)
            if prediction is None:
                gone.append(prediction_id)
            else:
                assert prediction["id"] == prediction_id
                assert question.is_answered_by(prediction), (question, prediction)
        return gone


@contextmanager
def clients_of(server: Server, n: int) -> Iterator[list[Client]]:
    """Give so many clients of a server for a while."""
    with ExitStack() as stack:
        yield [stack.enter_context(closing(Client(server, number))) for number in range(n)]


def put_by_all(clients: list[Client], n: int) -> None:
    """Let clients put in at once, each so many."""
    with ThreadPoolExecutor(len(clients)) as pool:
        list(pool.map(lambda client: client.put_all(n), clients))


def fetched_by_all(clients: list[Client]) -> list[str]:
    """Let clients fetch at once, and give what was gone."""
    with ThreadPoolExecutor(len(clients)) as pool:
        return [one for gone in pool.map(Client.fetch_all, clients) for one in gone]


def count(server: Server, name: str) -> float:
    """Give a count of `/metrics`."""
    lines = server.get("/metrics").body.decode().splitlines()
    [found] = [line for line in lines if line.startswith(f"{name} ")]
    return float(found.rpartition(" ")[2])
