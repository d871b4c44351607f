"""`/healthz` and `/readyz` tell a process that runs from one that can answer, whatever its registry holds."""

import os
import select
import socket
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.bootstrap.serving import Serving, wire_serving
from app.settings import load_settings
from app.web.answering import Answering
from app.web.application import create_app
from app.web.wsgi import services_of

ADMIN = ("admin", "open, sesame, open")


@pytest.fixture
def serving(tmp_path: Path) -> Serving:
    """The use cases over the registry `models` below `tmp_path`, none of it loaded."""
    environment = {"PARLEY_ADMIN_PASSWORD": ADMIN[1], "PARLEY_DEFAULT_MODEL": "tiny"}
    return wire_serving(load_settings(tmp_path, environment=environment))


@pytest.fixture
def client(serving: Serving) -> FlaskClient:
    return create_app(Answering(services_of(serving), max_body_bytes=1 << 20)).test_client()


def test_a_server_is_healthy_and_ready(server) -> None:
    assert server.get("/healthz", Authorization="").json() == {"status": "ok"}
    assert server.get("/readyz", Authorization="").json() == {"status": "ready", "failed": []}


def test_before_its_models_are_loaded_a_server_is_healthy_and_not_ready(client: FlaskClient) -> None:
    healthy, ready = client.get("/healthz"), client.get("/readyz")

    assert (healthy.status_code, healthy.json) == (200, {"status": "ok"})
    assert (ready.status_code, ready.json) == (503, {"status": "loading", "failed": []})


def test_before_its_models_are_loaded_a_server_asks_to_be_asked_again(client: FlaskClient) -> None:
    reply = client.post("/predict", json={"text": "hello"}, auth=ADMIN)

    assert (reply.status_code, reply.headers["Retry-After"]) == (503, "1")
    assert reply.json is not None
    assert reply.json["error"]["code"] == "model_not_ready"


def test_a_model_that_failed_is_listed_and_keeps_nobody_waiting(
    tmp_path: Path, client: FlaskClient, serving: Serving
) -> None:
    (tmp_path / "models" / "broken" / "1").mkdir(parents=True)

    serving.models.load_all()

    reply = client.get("/readyz")
    assert (reply.status_code, reply.json) == (200, {"status": "ready", "failed": ["broken"]})


def test_a_folder_whose_name_is_no_utf8_is_told_and_breaks_nothing(
    tmp_path: Path, client: FlaskClient, serving: Serving
) -> None:
    os.makedirs(os.fsencode(tmp_path) + b"/models/caf\xe9/1")  # noqa: PTH103 - a path of bytes

    serving.models.load_all()

    assert client.get("/readyz").status_code == 200
    assert client.get("/models", auth=ADMIN).status_code == 200


@pytest.mark.parametrize("folder", ["empty", "absent"])
def test_a_registry_without_models_is_ready(start_server: Callable[..., Any], tmp_path: Path, folder: str) -> None:
    (tmp_path / "empty").mkdir()

    server = start_server(tmp_path / folder)

    assert server.get("/readyz").json() == {"status": "ready", "failed": []}
    assert server.get("/models").json() == {"models": []}
    reply = server.post("/predict", {"text": "hello"})
    assert (reply.status, reply.json()["error"]["message"]) == (404, "there is no model 'smalltalk'")


def test_guessed_passwords_do_not_all_come_before_a_question_for_health(
    start_server: Callable[..., Any], tmp_path: Path
) -> None:
    server = start_server(tmp_path, PARLEY_THREADS="1")
    with ExitStack() as stack:
        guesses = [stack.enter_context(socket.create_connection(("127.0.0.1", server.port))) for _ in range(20)]
        for guess in guesses:
            guess.sendall(b"GET /models HTTP/1.1\r\nHost: x\r\nAuthorization: Basic YWRtaW46eA==\r\n\r\n")

        server.get("/healthz")

        # checking a password is slow by design; a server that did all twenty first is one that a stranger can stop
        answered, _, _ = select.select(guesses, [], [], 0)
        checked = [guess for guess in answered if guess.recv(1000).startswith(b"HTTP/1.1 401 ")]
        assert len(checked) < len(guesses)
