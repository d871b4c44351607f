"""After all that can be done with a server, no secret and no text that was sent is left where it can be read."""

import base64
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from app.domain.identity import ClientAuthentication
from tests.person import FORM, Person
from tests.redis_server import PASSWORD as REDIS_PASSWORD
from tests.redis_server import RedisServer
from tests.web.oauth.conftest import PASSWORD as HERS
from tests.web.oauth.conftest import VERIFIER, Office, Registered
from tests.workers import until

PASSWORD = "MARKED-password-4711"
CALLBACK_SECRET = "MARKED-callback-secret-4711"
SIGNING_KEY = "MARKED-signing-key-4711-" + "k" * 40
GUESS = "MARKED-guess-4711"
BEARER = "MARKED-bearer-4711"
TEXT = "MARKED-text-4711"
SECRETS = (
    PASSWORD,
    CALLBACK_SECRET,
    SIGNING_KEY,
    GUESS,
    BEARER,
    HERS,
    REDIS_PASSWORD,
    REDIS_PASSWORD.replace("@", "%40"),
)
IN_FILES = (CALLBACK_SECRET,)
"""Secrets that a server is not told by its environment."""
_KEY = re.compile(r"prl_[0-9a-f]{8}_([A-Za-z0-9_-]{43})")


def _basic(password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"admin:{password}".encode()).decode()}


MINE = _basic(PASSWORD)
JSON = {"Content-Type": "application/json"}
# Of predictions, only the answer itself gives the text back.
DOORS: list[tuple[str, str, bytes, dict[str, str]]] = [
    ("POST", "/predict", f'{{"texts": ["{TEXT}", 7]}}'.encode(), MINE | JSON),
    ("POST", "/predict", f'{{"text": "{TEXT}"'.encode(), MINE | JSON),
    ("POST", "/predict", f'{{"text": "{TEXT}", "model": "nope"}}'.encode(), MINE | JSON),
    ("POST", "/predict", f'{{"text": "{TEXT * 2_000}"}}'.encode(), MINE | JSON),
    ("POST", "/predict?mode=queue", f'{{"text": "{TEXT}"}}'.encode(), MINE | JSON),
    ("POST", "/predict?mode=queue", f'{{"text": "{TEXT}", "model": "nope"}}'.encode(), MINE | JSON),
    ("GET", f"/predictions/{TEXT}", b"", _basic(GUESS)),
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
    ("POST", "/train", b'{"model": "tiny", "callback_url": "https://hooks.example/x"}', MINE | JSON),
    ("POST", "/models/tiny/rollback", b"", MINE),
]


@pytest.fixture(scope="module")
def marked(
    start_server: Callable[..., Any], tiny_models: Path, redis_process: RedisServer, tmp_path_factory: Any
) -> Any:
    """A server whose secrets can be told from all else; Redis is there, and it logs all it can."""
    models = tmp_path_factory.mktemp("marked") / "models"
    shutil.copytree(tiny_models, models, ignore=shutil.ignore_patterns(".*"))
    secrets = tmp_path_factory.mktemp("secrets")
    (secrets / "callback").write_text(CALLBACK_SECRET)
    return start_server(
        models,
        PARLEY_DEFAULT_MODEL="tiny",
        PARLEY_ADMIN_PASSWORD=PASSWORD,
        PARLEY_CALLBACK_SECRET_FILE=str(secrets / "callback"),
        PARLEY_CALLBACK_ALLOW="hooks.example",
        PARLEY_SIGNING_KEY=SIGNING_KEY,
        PARLEY_REDIS_URL=redis_process.url,
        PARLEY_RATE_LIMIT="100000/minute",
        PARLEY_LOG_LEVEL="debug",
        PARLEY_LOG_FILE=str(tmp_path_factory.mktemp("log") / "parley.log"),
    )


@pytest.fixture(scope="module")
def office(marked: Any) -> Iterator[Office]:
    office = Office(marked)
    office.new_user("ada")
    yield office
    office.identity.close()


def _signed_in(server: Any) -> tuple[Person, set[str]]:
    """Try a wrong password and use the right one; give who is signed in, and what was made for that."""
    person = Person(server)
    asked = person.get("/login")
    made = {asked.token, person.cookies["parley-visit"]}
    wrong = person.send("/login", {"csrf_token": asked.token, "name": "admin", "password": GUESS, "next": ""})
    assert wrong.status == 401
    assert _marks(wrong.reply.body, SECRETS) == set()
    person.sign_in("admin", PASSWORD)
    return person, {*made, person.cookies["parley"], person.get("/account").token}


def _keys_made_used_and_rotated(person: Person) -> set[str]:
    """Make a key on the page, use it in both ways, and rotate it; each is shown once."""
    shown = person.fill("/account/keys/new", label="a bot", scopes=["predict"], models="", expires_at="", origins="")
    first = _KEY.search(shown.source)
    assert first is not None, shown.text
    server = person.server
    assert server.get("/models", Authorization=f"Bearer {first[0]}").status == 200
    assert server.get("/models", **{"Authorization": "", "X-API-Key": first[0]}).status == 200
    [rotate] = re.findall(r"/account/keys/[0-9a-f-]{36}/rotate", person.get("/account/keys").source)
    second = _KEY.search(person.fill(rotate).source)
    assert second is not None
    assert server.get("/models", Authorization=f"Bearer {first[0]}").status == 401
    return {first[1], second[1]}


def _tokens_in_every_way(office: Office) -> set[str]:
    """Get tokens by each grant, refresh them, and fail to; give all that is secret of it."""
    bot = office.new_client()
    poster = office.new_client(authentication=ClientAuthentication.POST)
    ada = Person(office.server).sign_in("ada", HERS)
    code = office.code(ada, bot)
    own = office.tokens(bot, grant_type="client_credentials")
    hers = office.exchanged(bot, code).json()
    refreshed = office.tokens(bot, grant_type="refresh_token", refresh_token=hers["refresh_token"])
    posted = {"grant_type": "client_credentials", "client_id": poster.id, "client_secret": poster.secret}
    theirs = office.send("/oauth/token", None, posted).json()
    wrong = [
        office.token(Registered(bot.client, GUESS), grant_type="client_credentials"),
        office.send("/oauth/token", None, {**posted, "client_secret": GUESS}),
        office.exchanged(bot, code),
        office.token(bot, grant_type="refresh_token", refresh_token=hers["refresh_token"]),
        office.send("/oauth/token", None, f"grant_type=nope&client_secret={GUESS}", **{"Content-Type": FORM}),
    ]
    assert {reply.status for reply in wrong} <= {400, 401}
    for token in (own["access_token"], refreshed["access_token"]):
        office.used(token)
        office.send("/oauth/introspect", bot, {"token": token})
        office.send("/oauth/revoke", bot, {"token": token})
    tokens = {given[kind] for given in (own, hers, refreshed, theirs) for kind in given if kind.endswith("_token")}
    made = {*tokens, code, VERIFIER, bot.secret, poster.secret, bot.basic.removeprefix("Basic "), ada.cookies["parley"]}
    assert len(made) > 9
    for reply in wrong:
        assert _marks(reply.body, (*SECRETS, *made)) == set()
    return made


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


def _marks(content: bytes, marks: tuple[str, ...]) -> set[str]:
    encoded = {mark: base64.b64encode(f"admin:{mark}".encode())[:-4] for mark in marks}
    return {mark for mark in marks if mark.encode() in content or encoded[mark] in content}


def test_no_secret_and_no_text_is_left_anywhere(marked: Any, office: Office, redis_process: RedisServer) -> None:
    replies = []
    person, of_session = _signed_in(marked)
    made = _keys_made_used_and_rotated(person) | _tokens_in_every_way(office)
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
    queued = _queued_and_kept(marked, **MINE)

    session = person.cookies["parley"]
    for path in PAGES:
        page = person.get(path)
        assert _marks(page.reply.body + str(page.headers).encode(), (*SECRETS, *made, session, TEXT)) == set(), path

    everything = (*SECRETS, *made, *of_session, TEXT)
    assert _marks(marked.get("/metrics").body, everything) == set()
    for file in _files(marked):
        assert _marks(file.read_bytes(), everything) == set(), file
    for process in psutil.Process(marked.process.pid).children(recursive=True):
        assert _marks(" ".join(process.cmdline()).encode(), everything) == set()
        assert _marks(str(process.environ()).encode(), (*IN_FILES, GUESS, BEARER, TEXT, *made, *of_session)) == set()
    with redis_process.client() as client:
        assert client.exists(f"parley:prediction:{queued}")
        for key in client.scan_iter():
            assert _marks(key + _value(client, key), everything) == set()


def test_a_queue_in_the_database_holds_no_text_in_clear(server: Any) -> None:
    queued = _queued_and_kept(server)

    for file in _files_of(server):
        assert _marks(file.read_bytes(), (TEXT,)) == set(), file
    assert server.get(f"/predictions/{queued}").json()["prediction"]["result"]["text"] == TEXT
    server.request("DELETE", f"/predictions/{queued}")


def _queued_and_kept(server: Any, **proof: str) -> str:
    """Have a text answered through the queue, and give the id under which the result is kept."""
    asked = server.request("POST", "/predict?mode=queue", f'{{"text": "{TEXT}"}}'.encode(), {**proof, **JSON})
    where = asked.headers["Location"]
    until(lambda: server.get(where, **proof).json()["prediction"]["state"] == "succeeded")
    return str(asked.json()["prediction"]["id"])


def _value(client: Any, key: bytes) -> bytes:
    """Give what is kept under a name, as it is: a dump is compressed."""
    kind = client.type(key).decode()
    read = {
        "string": client.get,
        "hash": client.hgetall,
        "list": lambda name: client.lrange(name, 0, -1),
        "set": client.smembers,
        "zset": lambda name: client.zrange(name, 0, -1),
        "none": lambda _: b"",
    }[kind]
    found = read(key)
    values = [*found.keys(), *found.values()] if isinstance(found, dict) else found
    return values if isinstance(values, bytes) else b" ".join(values)


def _files(server: Any) -> list[Path]:
    """Logs, the database with its journal, and whatever else the server keeps."""
    log_file = next(Path(one.path) for one in _opened(server) if one.path.endswith("parley.log"))
    return [*_files_of(server), log_file]


def _files_of(server: Any) -> list[Path]:
    found = [file for file in server.log.parent.rglob("*") if file.is_file()]
    assert any(file.name.startswith("parley.db") for file in found)
    return found


def _opened(server: Any) -> list[Any]:
    supervisor = psutil.Process(server.process.pid)
    return [one for process in [supervisor, *supervisor.children()] for one in process.open_files()]
