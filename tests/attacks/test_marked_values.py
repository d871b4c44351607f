"""After all that can be done with a server, no secret and no text that was sent is left where it can be read."""

import base64
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.redis_server import RedisServer
from tests.workers import until

PASSWORD = "MARKED-password-4711"
CALLBACK_SECRET = "MARKED-callback-secret-4711"
SIGNING_KEY = "MARKED-signing-key-4711-" + "k" * 40
GUESS = "MARKED-guess-4711"
BEARER = "MARKED-bearer-4711"
TEXT = "MARKED-text-4711"
SECRETS = (PASSWORD, CALLBACK_SECRET, SIGNING_KEY, GUESS, BEARER)


def _basic(password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"admin:{password}".encode()).decode()}


MINE = _basic(PASSWORD)
JSON = {"Content-Type": "application/json"}
# Further doors (sign-in, keys, OAuth) are further lines; of predictions, only the answer itself gives the text back.
DOORS: list[tuple[str, str, bytes, dict[str, str]]] = [
    ("POST", "/predict", f'{{"texts": ["{TEXT}", 7]}}'.encode(), MINE | JSON),
    ("POST", "/predict", f'{{"text": "{TEXT}"'.encode(), MINE | JSON),
    ("POST", "/predict", f'{{"text": "{TEXT}", "model": "nope"}}'.encode(), MINE | JSON),
    ("POST", "/predict", f'{{"text": "{TEXT * 2_000}"}}'.encode(), MINE | JSON),
    ("POST", "/predict", f'{{"text": "{TEXT}"}}'.encode(), _basic(GUESS) | JSON),
    ("POST", "/predict", f'{{"text": "{TEXT}"}}'.encode(), {"Authorization": f"Bearer {BEARER}"} | JSON),
    ("POST", "/predict", f'{{"text": "{TEXT}"}}'.encode(), {"X-API-Key": f"prl_{BEARER}"} | JSON),
    ("GET", f"/models/{TEXT}", b"", {"Authorization": f"Bearer {BEARER}"}),
    ("GET", "/metrics", b"", {}),
    ("GET", "/models", b"", MINE),
    ("GET", "/audit", b"", MINE),
    ("GET", "/jobs", b"", MINE),
    ("GET", "/", b"", {}),
    ("GET", "/apidocs/", b"", {}),
    ("GET", "/apispec.json", b"", {}),
    ("POST", "/train", b'{"model": "tiny", "callback_url": "https://127.0.0.1/x"}', MINE | JSON),
    ("POST", "/models/tiny/rollback", b"", MINE),
]


@pytest.fixture(scope="module")
def marked(
    start_server: Callable[..., Any], tiny_models: Path, redis_process: RedisServer, tmp_path_factory: Any
) -> Any:
    """A server whose secrets can be told from all else; Redis is there, and it logs all it can."""
    return start_server(
        tiny_models,
        PARLEY_DEFAULT_MODEL="tiny",
        PARLEY_ADMIN_PASSWORD=PASSWORD,
        PARLEY_CALLBACK_SECRET=CALLBACK_SECRET,
        PARLEY_CALLBACK_ALLOW="hooks.example",
        PARLEY_SIGNING_KEY=SIGNING_KEY,
        PARLEY_REDIS_URL=redis_process.url,
        PARLEY_RATE_LIMIT="100000/minute",
        PARLEY_LOG_LEVEL="debug",
        PARLEY_LOG_FILE=str(tmp_path_factory.mktemp("log") / "parley.log"),
    )


def _marks(content: bytes, marks: tuple[str, ...]) -> set[str]:
    encoded = {mark: base64.b64encode(f"admin:{mark}".encode())[:-4] for mark in marks}
    return {mark for mark in marks if mark.encode() in content or encoded[mark] in content}


def test_no_secret_and_no_text_is_left_anywhere(marked: Any, redis_process: RedisServer) -> None:
    replies = []
    for method, path, body, headers in DOORS:
        reply = marked.request(method, path, body, {"Authorization": "", **headers})
        replies.append(reply)
        assert _marks(reply.body + str(reply.headers).encode(), SECRETS) == set(), (method, path)
        if reply.status >= 400 and TEXT not in path:
            assert _marks(reply.body, (TEXT,)) == set(), (method, path, reply.body[:300])
    assert {200, 400, 401, 404} <= {reply.status for reply in replies}
    answer = marked.request("POST", "/predict", f'{{"text": "{TEXT}"}}'.encode(), MINE | JSON)
    assert answer.json()["text"] == TEXT
    until(lambda: re.search(rb'request_log_total{outcome="written"} [1-9]', marked.get("/metrics").body))

    everything = (*SECRETS, TEXT)
    assert _marks(marked.get("/metrics").body, everything) == set()
    for file in _files(marked):
        assert _marks(file.read_bytes(), everything) == set(), file
    for process in psutil.Process(marked.process.pid).children(recursive=True):
        assert _marks(" ".join(process.cmdline()).encode(), everything) == set()
    with redis_process.client() as client:
        for key in client.scan_iter():
            assert _marks(key + (client.dump(key) or b""), everything) == set()


def _files(server: Any) -> list[Path]:
    """Logs, the database with its journal, and whatever else the server keeps."""
    log_file = next(Path(one.path) for one in _opened(server) if one.path.endswith("parley.log"))
    found = [file for file in server.log.parent.rglob("*") if file.is_file()]
    assert any(file.name.startswith("parley.db") for file in found)
    return [*found, log_file]


def _opened(server: Any) -> list[Any]:
    supervisor = psutil.Process(server.process.pid)
    return [one for process in [supervisor, *supervisor.children()] for one in process.open_files()]
