"""
One running server for everybody: each old system's own client, as it was written, beside native requests.

Sixteen connections ask at once, each text in a spelling of its own, each request under an id of its own. Whatever comes
back has to be the answer to what was asked on that very connection.
"""

import json
import threading
from base64 import b64encode
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from app.domain.caller import Scope
from app.domain.identity import ADMIN, ClientAuthentication, GrantType
from tests.proofs import Keys, identity_of
from tests.server import Reply, Server
from tests.web.contracts.conftest import REPLIES
from tests.web.contracts.test_accounts import GENUINE, SPAM

JSON, FORM, TEXT = "application/json", "application/x-www-form-urlencoded", "text/plain"
TEXTS = {"greeting": "hello there", "weather": "will it rain", "booking": "book a table for two"}
SAID_BY_BOT = {text: intent for intent, reply in REPLIES.items() for text in reply.texts} | {"weather": "weather"}
N_CONNECTIONS = 16


class Client:
    """One connection, and what its owner knows."""

    def __init__(self, connection: HTTPConnection, name: str, admin: str, key: str, pega: tuple[str, str]) -> None:
        self.admin, self.key, self._pega = admin, key, pega
        self._connection, self._name, self._n_sent = connection, name, 0
        self._token = ""

    def send(self, method: str, path: str, body: str | None = None, **headers: str) -> Reply:
        """Send a request, and insist that its own answer comes back."""
        self._n_sent += 1
        request_id = f"{self._name}-{self._n_sent}"
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        self._connection.request(method, path, body, {"X-Request-ID": request_id, **sent})
        response = self._connection.getresponse()
        reply = Reply(response.status, response.headers, response.read())
        assert reply.headers["X-Request-ID"] == request_id, (method, path, reply)
        return reply

    def token(self) -> str:
        """Give a token of the service definition, fetched once."""
        if not self._token:
            proof = "Basic " + b64encode(":".join(self._pega).encode()).decode()
            wish = urlencode({"grant_type": "client_credentials", "scope": "profile"})
            self._token = self.send("POST", "/oauth/token", wish, Content_Type=FORM, Authorization=proof).json()[
                "access_token"
            ]
        return f"Bearer {self._token}"


def chatbot_of_the_blog(client: Client, text: str, intent: str) -> None:
    """The line of curl: text/plain, %20 for a blank."""
    body = '{"data":"' + text.replace(" ", "%20") + '"}'
    reply = client.send("POST", "/predict", body, Content_Type=TEXT, User_Agent="curl/7.68.0", Accept="*/*")

    assert (reply.status, SAID_BY_BOT[reply.body.decode()]) == (201, intent)


def chatbot_of_the_page(client: Client, text: str, intent: str) -> None:
    """The page, from another origin: what was typed, put between quotes."""
    reply = client.send("POST", "/predict", f'{{"data":"{text}"}}', Content_Type=TEXT, Origin="https://page.example")

    assert (reply.status, SAID_BY_BOT[reply.body.decode()]) == (201, intent)
    assert reply.headers["Access-Control-Allow-Origin"] == "*"


def script_of_a_hundred_requests(client: Client, text: str, intent: str) -> None:
    """The script sends JSON, and prints what comes."""
    body = json.dumps({"text": text})
    reply = client.send("POST", "/intent", body, Content_Type=JSON, User_Agent="python-requests/2.28.1", Accept="*/*")

    places = reply.json()["intents"]
    assert (reply.status, len(places), places[0]["label"]) == (200, 3, intent)
    assert all(isinstance(place["confidence"], float) for place in places)


def bot_backend(client: Client, text: str, intent: str) -> None:
    """The page of the bot: everything in the address, user and password."""
    path = f"/api/classify?query={quote(text)}&model_name=bot"
    reply = client.send("GET", path, Authorization=client.admin)

    told = reply.json()
    [guess] = told["entities"]["intent"]
    assert (reply.status, told["text"], guess["value"]) == (200, text, intent)
    assert float(guess["confidence"]) > 0


def service_definition(client: Client, text: str, intent: str) -> None:
    """The service: a token for its client, then model and text as parameters are mapped."""
    body = json.dumps({"modelIdentifier": "bot", "text": text})
    reply = client.send("POST", "/auth/predict", body, Content_Type=JSON, Authorization=client.token())
    told = reply.json()

    assert (reply.status, told["text"], told["topic"]["name"]) == (200, text, intent)
    assert 0 < float(told["topic"]["score"]) <= 1


def spam_ninja(client: Client, text: str, intent: str) -> None:
    """Accounts by the ids that moderators know, some of them spam."""
    first, second = f"{text}/{intent}/1", f"{text}/{intent}/2"
    accounts = {"0": {"id": first, **SPAM}, "1": {"id": second, **GENUINE}}
    reply = client.send("POST", "/predict", json.dumps(accounts), Content_Type=JSON)

    assert (reply.status, reply.json()) == (
        200, {"success": True, "predictions": {first: "Spam Editor Account", second: "Non Spam Editor Account"}}
    )  # fmt: skip


def spam_ninja_of_2018(client: Client, text: str, intent: str) -> None:
    """An account by its id and a token, in a form."""
    body = urlencode({"token": client.key, "bio": f"{text} {intent}"})
    reply = client.send("PUT", "/api/1.0/234/rate", body, Content_Type=FORM)

    assert (reply.status, reply.json()["status"] in {"ok", "could not find editor"}) == (200, True)


def native_text(client: Client, text: str, intent: str) -> None:
    """Our own shape, with every contract on."""
    body = json.dumps({"text": text, "model": "bot"})
    reply = client.send("POST", "/predict", body, Content_Type=JSON, Authorization=client.admin)
    told = reply.json()

    assert (reply.status, told["model"], told["text"], told["intent"]) == (200, "bot", text, intent)


def native_batch(client: Client, text: str, intent: str) -> None:
    """Several texts at once."""
    body = json.dumps({"texts": [text, text.upper(), "qqqq zzzz"], "model": "bot"})
    reply = client.send("POST", "/predict", body, Content_Type=JSON, Authorization=client.admin)

    told = reply.json()["predictions"]
    assert [(one["text"], one["intent"]) for one in told] == [
        (text, intent), (text.upper(), intent), ("qqqq zzzz", None)
    ]  # fmt: skip


CLIENTS: list[Callable[[Client, str, str], None]] = [
    native_text, chatbot_of_the_blog, script_of_a_hundred_requests, native_batch, bot_backend, service_definition,
    spam_ninja, native_text, chatbot_of_the_page, spam_ninja_of_2018,
]  # fmt: skip


def spelled(text: str, number: int) -> str:
    """Write a text as nobody else does; it means the same."""
    return "".join(letter.upper() if number >> place & 1 else letter for place, letter in enumerate(text))


@pytest.fixture(scope="module")
def connected(contracts: Server) -> Callable[[str], Any]:
    """Connect clients, of which each knows what its operator gave it."""
    with identity_of(contracts) as identity:
        key = Keys(identity).make(Scope.PREDICT, models=frozenset({"accounts"})).removeprefix("Bearer ")
        grants = frozenset({GrantType.CLIENT_CREDENTIALS})
        registered, secret = identity.clients.register(
            ADMIN, "a service", frozenset({Scope.PREDICT}), None, grants, (), ClientAuthentication.BASIC, "", ADMIN
        )

    @contextmanager
    def connect(name: str) -> Iterator[Client]:
        with closing(contracts.connection()) as connection:
            connection.timeout = 240
            yield Client(connection, name, contracts.authorization, key, (registered.id, str(secret)))

    return connect


def ask(connected: Callable[[str], Any], number: int, n_requests: int, begin: threading.Barrier) -> int:
    """Be one client after the other, on one connection; say how many requests were answered."""
    intents = sorted(TEXTS)
    with connected(f"client-{number}") as client:
        begin.wait(60)
        for turn in range(n_requests):
            intent = intents[(number + turn) % len(intents)]
            text = spelled(TEXTS[intent], number + turn * N_CONNECTIONS)
            CLIENTS[(number + turn) % len(CLIENTS)](client, text, intent)
    return n_requests


@pytest.mark.parametrize("n_requests", [10, pytest.param(300, marks=pytest.mark.long)])
def test_everybody_is_answered_at_once_and_nobody_for_another(connected: Callable[[str], Any], n_requests: int) -> None:
    begin = threading.Barrier(N_CONNECTIONS)
    with ThreadPoolExecutor(N_CONNECTIONS) as clients:
        asked = [clients.submit(ask, connected, number, n_requests, begin) for number in range(N_CONNECTIONS)]
        answered = [one.result() for one in asked]

    assert answered == [n_requests] * N_CONNECTIONS


@pytest.mark.long
def test_everybody_is_answered_while_old_clients_train(connected: Callable[[str], Any]) -> None:
    """What is published meanwhile changes no answer of the other models."""
    begin = threading.Barrier(N_CONNECTIONS)
    rows = {"0": {**SPAM, "bio": "Cheap loans for lighthouse keepers.", "verdict": 1}}
    with ThreadPoolExecutor(N_CONNECTIONS + 1) as clients:
        asked = [clients.submit(ask, connected, number, 100, begin) for number in range(N_CONNECTIONS)]
        with connected("trains") as client:
            proof = {"Authorization": client.admin, "Content_Type": JSON}
            told = client.send("POST", "/train", json.dumps(rows), **proof).json()
        answered = [one.result() for one in asked]

    assert told == {"success": True, "response": "Successfully retrianed the model"}
    assert answered == [100] * N_CONNECTIONS
