"""Without proof every operation that asks for a scope answers 401, and neither passwords nor texts are logged."""

import base64
import re
import socket
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher

from app.bootstrap.serving import wire_serving
from app.settings import load_settings
from app.web.application import OPERATIONS
from app.web.wsgi import application_of

PROTECTED = [operation for operation in OPERATIONS if operation.scope is not None]
# What is open though it is no operation: the pages for people, and the files and document they load.
OPEN_PAGES = {"landing.show", "static", "flasgger.apidocs", "flasgger.apispec", "flasgger.static"}
# Left by flasgger: a redirect to the page above, and one of a sign-in that nothing here begins.
OPEN_PAGES |= {"flasgger.<lambda>", "flasgger.oauth_redirect"}
# The page for signing in, and the button for signing out; the form of either counts with its token alone.
OPEN_PAGES |= {"sign_in.ask", "sign_in.enter", "sign_in.ask_whether_to_leave", "sign_in.leave"}
_OF_VISITORS = {"account", "clients", "consent", "keys", "users"}


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


PROOFS = {
    "none": "",
    "a wrong password": basic("admin", "wrong"),
    "an empty password": basic("admin", ""),
    "a wrong user": basic("root", "right horse, wrong battery"),
    "the password of nobody": basic("", "right horse, wrong battery"),
    "no proof": "Basic",
    "blanks": "Basic  ",
    "malformed base64": basic("admin", "right horse, wrong battery") + "!",
    "base64 cut short": basic("admin", "x")[:-1],
    "base64 of no UTF-8": "Basic " + base64.b64encode(b"admin:\xff\xfe").decode(),
    "letters beyond ASCII": "Basic ééééé",
    "no colon": "Basic " + base64.b64encode(b"admin").decode(),
    "another scheme": "Bearer " + basic("admin", "right horse, wrong battery").split()[1],
    "the proof without its scheme": basic("admin", "right horse, wrong battery").split()[1],
    "very long": basic("admin", "x" * 40_000),
}


def test_only_health_and_metrics_and_what_looks_at_clients_itself_need_no_scope() -> None:
    assert {operation.name for operation in OPERATIONS if operation.scope is None} == {
        "healthz", "readyz", "metrics",
        "oauth_token", "oauth_revoke", "oauth_introspect", "oauth_keys", "oauth_metadata",
    }  # fmt: skip


@pytest.mark.parametrize("operation", PROTECTED, ids=lambda operation: operation.name)
def test_an_operation_with_a_scope_needs_a_proof(server, operation) -> None:
    path = re.sub(r"{\w+}", "tiny", operation.path)

    reply = server.request(operation.method, path, None, {"Authorization": "", "Content-Type": "application/json"})

    assert (reply.status, reply.json()["error"]["code"]) == (401, "authentication")


def test_every_route_is_an_operation_or_an_open_page(tiny_models: Path, tmp_path: Path) -> None:
    settings = load_settings(
        tmp_path, environment={"PARLEY_ADMIN_PASSWORD": "open, sesame, open", "PARLEY_MODELS_DIR": str(tiny_models)}
    )

    app = application_of(settings, wire_serving(settings))

    others = {rule.endpoint for rule in app.url_map.iter_rules() if rule.endpoint.partition(".")[0] not in _OF_VISITORS}
    assert others == {o.name for o in OPERATIONS} | OPEN_PAGES


def test_every_other_page_sends_away_whoever_is_not_signed_in(tiny_models: Path, tmp_path: Path) -> None:
    settings = load_settings(
        tmp_path, environment={"PARLEY_ADMIN_PASSWORD": "open, sesame, open", "PARLEY_MODELS_DIR": str(tiny_models)}
    )
    app = application_of(settings, wire_serving(settings))
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint.partition(".")[0] in _OF_VISITORS]
    values = {"key": "00000000-0000-0000-0000-000000000000", "client": "x", "name": "x", "deed": "revoke"}
    browser, form = app.test_client(), "application/x-www-form-urlencoded"

    for rule in rules:
        path = re.sub(r"<(?:[^<>]*:)?(\w+)>", lambda found: values[found[1]], rule.rule)
        if "GET" in (rule.methods or ()):
            reply = browser.get(path)
            assert (reply.status_code, reply.headers["Location"].partition("?")[0]) == (303, "/login"), path
        else:
            assert browser.post(path, content_type=form).status_code == 403, path
    assert len(rules) >= 25


@pytest.mark.parametrize("proof", PROOFS.values(), ids=PROOFS.keys())
def test_what_proves_nothing_is_refused(server, proof: str) -> None:
    reply = server.from_address("127.0.5.1").get("/models", Authorization=proof)

    assert (reply.status, reply.json()["error"]["code"]) == (401, "authentication")
    assert reply.headers["WWW-Authenticate"] == 'Basic realm="Parley", charset="UTF-8"'


def test_a_refusal_says_the_same_whatever_was_wrong(server) -> None:
    asked = server.from_address("127.0.5.2")
    messages = {asked.get("/models", Authorization=proof).json()["error"]["message"] for proof in PROOFS.values()}

    assert len(messages) == 1


def test_a_bad_body_is_not_looked_at_before_the_proof(server) -> None:
    assert server.request("POST", "/predict", b"{", {"Authorization": ""}).status == 401


@pytest.mark.parametrize("scheme", ["Basic", "basic", "BASIC"])
def test_the_right_proof_is_accepted_however_its_scheme_is_written(server, scheme: str) -> None:
    proof = server.authorization.replace("Basic", scheme)

    assert server.get("/models", Authorization=proof).status == 200


@pytest.mark.parametrize("path", ["/", "/healthz", "/readyz", "/apidocs/", "/apispec.json", "/static/pages.css"])
def test_health_and_documentation_are_open(server, path: str) -> None:
    assert server.get(path, Authorization="").status == 200


def test_a_password_of_any_script_opens(start_server: Callable[..., Any], tmp_path: Path) -> None:
    server = start_server(tmp_path, PARLEY_ADMIN_PASSWORD="пароль: 🗝 и ещё один ")

    assert server.get("/models", Authorization=basic("admin", "пароль: 🗝 и ещё один ")).status == 200
    assert server.get("/models").status == 401


# `env` of the fixture always gives a password; a service file is how a server is started without one.
@pytest.fixture
def start_without_password(start_server: Callable[..., Any], tmp_path: Path, root: Path) -> Callable[[], Any]:
    """Start servers that share a `var` folder and are given no password."""
    script = tmp_path / "serve.py"
    script.write_text(
        "import os, sys\n"
        "del os.environ['PARLEY_ADMIN_PASSWORD']\n"
        f"sys.path.insert(0, {str(root)!r})\n"
        "import serve_tornado\n"
        "serve_tornado.main()\n"
    )
    return lambda: start_server(tmp_path / "models", script=script, PARLEY_VAR_DIR=str(tmp_path / "var"))


def test_a_first_start_prints_its_password_once_and_later_starts_never(
    start_without_password: Callable[[], Any], tmp_path: Path
) -> None:
    first = start_without_password()
    [password] = re.findall(r"^New password of the user admin: (\S+)$", first.log.read_text(), re.MULTILINE)
    first.stop()

    second = start_without_password()

    assert second.get("/models", Authorization=basic("admin", password)).status == 200
    second.stop()
    assert first.log.read_text().count(password) == 1
    assert password not in second.log.read_text()
    kept = tmp_path / "var" / "admin-password.argon2"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert PasswordHasher().verify(kept.read_text().strip(), password)


def test_the_password_of_the_environment_wins_at_every_start(start_server: Callable[..., Any], tmp_path: Path) -> None:
    var = {"PARLEY_VAR_DIR": str(tmp_path / "var")}
    start_server(tmp_path, PARLEY_ADMIN_PASSWORD="the first password", **var).stop()

    server = start_server(tmp_path, PARLEY_ADMIN_PASSWORD="the second password", **var)

    assert server.get("/models", Authorization=basic("admin", "the second password")).status == 200
    assert server.get("/models", Authorization=basic("admin", "the first password")).status == 401


@pytest.fixture
def talkative(start_server: Callable[..., Any], tiny_models: Path) -> Any:
    """A server that logs all it can and whose password is marked."""
    return start_server(
        tiny_models, PARLEY_ADMIN_PASSWORD="MARKED and long", PARLEY_DEFAULT_MODEL="tiny", PARLEY_LOG_LEVEL="debug"
    )


def test_neither_passwords_nor_texts_come_to_the_log(talkative) -> None:
    talkative.authorization = basic("admin", "MARKED and long")
    talkative.post("/predict", {"text": "MARKED hello"})
    talkative.post("/predict", {"texts": ["MARKED"], "model": "MARKED", "intents": ["MARKED"], "MARKED": 1})
    talkative.post("/predict", {"text": "MARKED", "intents": ["MARKED"]})
    talkative.post("/predict", {"text": "MARKED", "model": "tiny@MARKED"})
    talkative.request("POST", "/predict", b'{"text": "MARKED', {"Content-Type": "application/json"})
    talkative.get("/models/MARKED?text=MARKED")
    talkative.get("/MARKED")
    talkative.get("/models", Authorization=basic("admin", "MARKED?"))
    talkative.get("/models", Authorization="Basic MARKED")
    talkative.stop()

    log = talkative.log.read_text()
    assert "POST /predict 200" in log  # it did log
    assert "MARKED" not in log
    assert basic("admin", "MARKED and long").removeprefix("Basic ").rstrip("=") not in log


def test_a_password_in_a_malformed_header_does_not_come_to_the_log(talkative) -> None:
    proof = basic("admin", "MARKED and long").encode()
    with socket.create_connection(("127.0.0.1", talkative.port), timeout=10) as connection:
        connection.sendall(b"GET /models HTTP/1.1\r\nHost: x\r\nAuthorization: " + proof + b"\x01\r\n\r\n")
        assert connection.recv(1000).startswith(b"HTTP/1.1 400 ")
    talkative.stop()

    assert proof.removeprefix(b"Basic ") not in talkative.log.read_bytes()
