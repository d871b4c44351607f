"""What can be done with a server, all of it with secrets and texts that can be told from all else."""

import base64
import json
import re
from typing import Any

from app.domain.identity import ClientAuthentication
from tests.conftest import TINY
from tests.outgoing.receivers import Receiver, receiving
from tests.person import FORM, Person
from tests.redis_server import PASSWORD as REDIS_PASSWORD
from tests.web.oauth.conftest import PASSWORD as HERS
from tests.web.oauth.conftest import VERIFIER, Office, Registered
from tests.workers import until

PASSWORD = "MARKED-password-4711"
DATABASE_PASSWORD = "MARKED-database-4711"
CALLBACK_SECRET = "MARKED-callback-secret-4711"
SIGNING_KEY = "MARKED-signing-key-4711-" + "k" * 40
GUESS = "MARKED-guess-4711"
BEARER = "MARKED-bearer-4711"
TEXT = "MARKED-text-4711"
SECRETS = (
    PASSWORD,
    CALLBACK_SECRET,
    DATABASE_PASSWORD,
    SIGNING_KEY,
    GUESS,
    BEARER,
    HERS,
    REDIS_PASSWORD,
    REDIS_PASSWORD.replace("@", "%40"),
)
IN_FILES = (CALLBACK_SECRET, DATABASE_PASSWORD)
"""Secrets that a server is not told by its environment."""
_KEY = re.compile(r"prl_[0-9a-f]{8}_([A-Za-z0-9_-]{43})")


def basic(password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"admin:{password}".encode()).decode()}


MINE = basic(PASSWORD)
JSON = {"Content-Type": "application/json"}
# Of predictions, only the answer itself gives the text back.
DOORS: list[tuple[str, str, bytes, dict[str, str]]] = [
    ("POST", "/predict", f'{{"texts": ["{TEXT}", 7]}}'.encode(), MINE | JSON),
    ("POST", "/predict", f'{{"text": "{TEXT}"'.encode(), MINE | JSON),
    ("POST", "/predict", f'{{"text": "{TEXT}", "model": "nope"}}'.encode(), MINE | JSON),
    ("POST", "/predict", f'{{"text": "{TEXT * 2_000}"}}'.encode(), MINE | JSON),
    ("POST", "/predict?mode=queue", f'{{"text": "{TEXT}"}}'.encode(), MINE | JSON),
    ("POST", "/predict?mode=queue", f'{{"text": "{TEXT}", "model": "nope"}}'.encode(), MINE | JSON),
    ("GET", f"/predictions/{TEXT}", b"", basic(GUESS)),
    ("POST", "/predict", f'{{"text": "{TEXT}"}}'.encode(), basic(GUESS) | JSON),
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


def marks_in(content: bytes, marks: tuple[str, ...]) -> set[str]:
    encoded = {mark: base64.b64encode(f"admin:{mark}".encode())[:-4] for mark in marks}
    return {mark for mark in marks if mark.encode() in content or encoded[mark] in content}


def signed_in(server: Any) -> tuple[Person, set[str]]:
    """Try a wrong password and use the right one; give who is signed in, and what was made for that."""
    person = Person(server)
    asked = person.get("/login")
    made = {asked.token, person.cookies["parley-visit"]}
    wrong = person.send("/login", {"csrf_token": asked.token, "name": "admin", "password": GUESS, "next": ""})
    assert wrong.status == 401
    assert marks_in(wrong.reply.body, SECRETS) == set()
    person.sign_in("admin", PASSWORD)
    return person, {*made, person.cookies["parley"], person.get("/account").token}


def keys_made_used_and_rotated(person: Person) -> set[str]:
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


def tokens_in_every_way(office: Office) -> set[str]:
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
        assert marks_in(reply.body, (*SECRETS, *made)) == set()
    return made


def trained_and_told(server: Any, marks: tuple[str, ...]) -> None:
    """Train a model to the end, and see what whoever is called back is sent."""
    examples = [{"text": text, "intent": intent} for intent, texts in TINY.items() for text in texts]
    with receiving(Receiver()) as receiver:
        wish = {
            "model": "marked",
            "family": "classical",
            "examples": examples,
            "callback_url": f"http://127.0.0.1:{receiver.port}/told",
        }
        job = server.request("POST", "/train", json.dumps(wish).encode(), MINE | JSON).json()["job"]
        until(lambda: receiver.received)
    ended = server.request("GET", f"/jobs/{job['id']}", b"", MINE)
    events = server.request("GET", f"/jobs/{job['id']}/events", b"", MINE)
    assert ended.json()["job"]["state"] == "succeeded", ended.body
    [told] = receiver.received
    for content in (ended.body, events.body, told.body, str(told.headers).encode()):
        assert marks_in(content, marks) == set()
