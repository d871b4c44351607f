"""The application runs under another WSGI server than its own, with the settings of the folder it is started in."""

import base64
import http.client
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

PROOF = "Basic " + base64.b64encode(b"admin:open, sesame, open").decode()


@pytest.fixture(scope="module")
def folder(tiny_models: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder to start in, with a service file."""
    folder = tmp_path_factory.mktemp("waitress")
    (folder / "config").mkdir()
    (folder / "config/service.yaml").write_text(f"default_model: tiny\nmodels_dir: {tiny_models}\n")
    return folder


@pytest.fixture(scope="module")
def ask(folder: Path, root: Path) -> Iterator[Callable[..., Any]]:
    """Ask Parley under waitress and give status, headers and body: `ask("POST", "/predict", body)`."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PARLEY_")}  # noqa: TID251
    process = subprocess.Popen(
        [
            Path(sys.executable).with_name("waitress-serve"),
            "--listen=127.0.0.1:0",
            "--call",
            "app.web.wsgi:create_application",
        ],
        cwd=folder,
        env={
            **inherited,
            "PYTHONPATH": str(root),
            "PARLEY_ADMIN_PASSWORD": "open, sesame, open",
            "PARLEY_VAR_DIR": "kept",
        },
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    told = next((line for line in process.stderr if "Serving on http://" in line), "")
    assert told, "waitress ended before it served"
    port = int(told.rpartition(":")[2])

    def ask_it(method: str, path: str, body: Any = None, **headers: str) -> tuple[int, http.client.HTTPMessage, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            sent = {"Authorization": PROOF, "Content-Type": "application/json", **headers}
            connection.request(method, path, body, sent)
            response = connection.getresponse()
            return response.status, response.headers, response.read()
        finally:
            connection.close()

    while ask_it("GET", "/readyz")[0] != 200:
        pass
    yield ask_it
    process.kill()
    process.communicate()


def test_it_predicts(ask) -> None:
    status, _, body = ask("POST", "/predict", b'{"text": "will it rain"}')

    assert status == 200
    assert b'"model":"tiny","version":2' in body
    assert b'"intent":"weather"' in body


def test_a_body_in_chunks_is_read(ask) -> None:
    status, _, body = ask("POST", "/predict", iter([b'{"text": "will ', b'it rain"}']))

    assert (status, b'"intent":"weather"' in body) == (200, True)


def test_it_asks_for_a_proof(ask) -> None:
    status, headers, _ = ask("GET", "/models", Authorization="")

    assert (status, headers["WWW-Authenticate"]) == (401, 'Basic realm="Parley", charset="UTF-8"')


@pytest.mark.parametrize("chunked", [False, True], ids=["whole", "chunked"])
def test_who_sends_too_much_is_told_so(ask, *, chunked: bool) -> None:
    body = b" " * (2 << 20)

    status, _, answer = ask("POST", "/predict", iter([body]) if chunked else body)

    assert (status, b'"body_too_large"' in answer) == (413, True)


@pytest.mark.parametrize(
    ("path", "status"), [("/", 200), ("/apidocs/", 200), ("/apispec.json", 200), ("/models/tiny", 200), ("/nope", 404)]
)
def test_it_serves_what_its_own_server_serves(ask, path: str, status: int) -> None:
    assert ask("GET", path)[0] == status


@pytest.mark.usefixtures("ask")
def test_relative_folders_start_where_it_was_started(folder: Path) -> None:
    assert (folder / "kept" / "admin-password.argon2").exists()


def test_examples_are_edited_and_searched(ask) -> None:
    status, headers, body = ask("POST", "/models/desk/examples", b'{"text": "a+b & c", "intent": "x"}')
    assert (status, headers["ETag"]) == (200, '"1"')
    path = f"/models/desk/examples/{json.loads(body)['ids'][0]}"

    assert ask("PATCH", path, b'{"intent": null}', **{"If-Match": '"1"'})[0] == 200
    assert ask("PATCH", path, b'{"intent": "y"}', **{"If-Match": '"1"'})[0] == 409
    assert json.loads(ask("GET", "/models/desk/examples?search=a%2Bb+%26&intent=null")[2])["matching"] == 1
    assert ask("GET", "/models/desk/examples?intnet=x")[0] == 400
    assert ask("GET", "/models/desk/examples/export")[1]["Content-Disposition"].startswith("attachment;")
    assert ask("DELETE", f"{path}?revision=2")[0] == 200
