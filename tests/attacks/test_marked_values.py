"""After all that can be done with a server, no secret and no text that was sent is left where it can be read."""

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.attacks.marked_deeds import (
    BEARER,
    CALLBACK_SECRET,
    DATABASE_PASSWORD,
    DOORS,
    GUESS,
    IN_FILES,
    JSON,
    MINE,
    PASSWORD,
    SECRETS,
    SIGNING_KEY,
    TEXT,
    keys_made_used_and_rotated,
    marks_in,
    signed_in,
    tokens_in_every_way,
    trained_and_told,
)
from tests.attacks.what_is_kept import dumped, files_and_log, files_of, value
from tests.database import PASSWORD as ANY_PASSWORD
from tests.database import PostgresServer
from tests.redis_server import RedisServer
from tests.web.oauth.conftest import Office
from tests.workers import until


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str | None:
    """A database with a password in its URL, or the file that is used without one."""
    if request.param == "sqlite":
        return None
    server: PostgresServer = request.getfixturevalue("postgres_server")
    server.execute('CREATE DATABASE "marked"')
    return server.url("marked").replace(ANY_PASSWORD, DATABASE_PASSWORD)


@pytest.fixture(scope="module")
def marked(
    start_server: Callable[..., Any],
    tiny_models: Path,
    redis_process: RedisServer,
    database_url: str | None,
    tmp_path_factory: Any,
) -> Any:
    """A server whose secrets can be told from all else; Redis is there, and it logs all it can."""
    models = tmp_path_factory.mktemp("marked") / "models"
    shutil.copytree(tiny_models, models, ignore=shutil.ignore_patterns(".*"))
    secrets = tmp_path_factory.mktemp("secrets")
    (secrets / "callback").write_text(CALLBACK_SECRET)
    (secrets / "database").write_text(database_url or "")
    return start_server(
        models,
        **({} if database_url is None else {"PARLEY_DATABASE_URL_FILE": str(secrets / "database")}),
        PARLEY_DEFAULT_MODEL="tiny",
        PARLEY_ADMIN_PASSWORD=PASSWORD,
        PARLEY_CALLBACK_SECRET_FILE=str(secrets / "callback"),
        PARLEY_JOB_WORKERS="1",
        PARLEY_CALLBACK_ALLOW="hooks.example, http://127.0.0.1",
        PARLEY_SIGNING_KEY=SIGNING_KEY,
        PARLEY_REDIS_URL=redis_process.database(1),
        PARLEY_RATE_LIMIT="100000/minute",
        PARLEY_LOG_LEVEL="debug",
        PARLEY_LOG_FILE=str(tmp_path_factory.mktemp("log") / "parley.log"),
    )


@pytest.fixture(scope="module")
def office(marked: Any, database_url: str | None) -> Iterator[Office]:
    office = Office(marked, database_url)
    office.new_user("ada")
    yield office
    office.identity.close()


PAGES = (
    "/",
    "/login",
    "/account",
    "/account/keys",
    "/account/keys/new",
    "/account/clients",
    "/users",
    "/audit",
    "/jobs",
)


def test_no_secret_and_no_text_is_left_anywhere(
    marked: Any, office: Office, redis_process: RedisServer, database_url: str | None
) -> None:
    replies = []
    person, of_session = signed_in(marked)
    made = keys_made_used_and_rotated(person) | tokens_in_every_way(office)
    for method, path, body, headers in DOORS:
        reply = marked.request(method, path, body, {"Authorization": "", **headers})
        replies.append(reply)
        assert marks_in(reply.body + str(reply.headers).encode(), SECRETS) == set(), (method, path)
        if reply.status >= 400 and TEXT not in path:
            assert marks_in(reply.body, (TEXT,)) == set(), (method, path, reply.body[:300])
    assert {200, 400, 401, 404} <= {reply.status for reply in replies}
    answer = marked.request("POST", "/predict", f'{{"text": "{TEXT}"}}'.encode(), MINE | JSON)
    assert answer.json()["text"] == TEXT
    trained_and_told(marked, (*SECRETS, *made, TEXT))
    until(lambda: re.search(rb'request_log_total{outcome="written"} [1-9]', marked.get("/metrics").body))
    queued = _queued_and_kept(marked, **MINE)

    session = person.cookies["parley"]
    for path in PAGES:
        page = person.get(path)
        assert marks_in(page.reply.body + str(page.headers).encode(), (*SECRETS, *made, session, TEXT)) == set(), path

    everything = (*SECRETS, *made, *of_session, TEXT)
    assert marks_in(marked.get("/metrics").body, everything) == set()
    for file in files_and_log(marked):
        assert marks_in(file.read_bytes(), everything) == set(), file
    if database_url is not None:
        assert marks_in(dumped(database_url), (*everything, *(one.encode().hex() for one in everything))) == set()
    for process in psutil.Process(marked.process.pid).children(recursive=True):
        assert marks_in(" ".join(process.cmdline()).encode(), everything) == set()
        assert marks_in(str(process.environ()).encode(), (*IN_FILES, GUESS, BEARER, TEXT, *made, *of_session)) == set()
    with redis_process.client(1) as client:
        assert client.exists(f"parley:prediction:{queued}")
        for key in client.scan_iter():
            assert marks_in(key + value(client, key), everything) == set()


@pytest.mark.controls("sealed-queue")
def test_a_queue_in_the_database_holds_no_text_in_clear(server: Any) -> None:
    queued = _queued_and_kept(server)

    for file in files_of(server):
        assert marks_in(file.read_bytes(), (TEXT,)) == set(), file
    assert server.get(f"/predictions/{queued}").json()["prediction"]["result"]["text"] == TEXT
    server.request("DELETE", f"/predictions/{queued}")


def _queued_and_kept(server: Any, **proof: str) -> str:
    """Have a text answered through the queue, and give the id under which the result is kept."""
    asked = server.request("POST", "/predict?mode=queue", f'{{"text": "{TEXT}"}}'.encode(), {**proof, **JSON})
    where = asked.headers["Location"]
    until(lambda: server.get(where, **proof).json()["prediction"]["state"] == "succeeded")
    return str(asked.json()["prediction"]["id"])
