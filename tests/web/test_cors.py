"""Pages of listed origins may ask and read what is answered, errors too; pages of others may not."""

from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from flask.testing import FlaskClient
from selenium import webdriver

from app.bootstrap.serving import wire_serving
from app.settings import load_settings
from app.web.wsgi import application_of

LISTED, OTHER = "https://bot.example", "https://evil.example"
EXPOSED = "X-Request-ID, ETag, Content-Disposition, Retry-After, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset"


def _allowed(headers: Any) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name.startswith("Access-Control-")}


@pytest.fixture(scope="module")
def listing(start_server: Callable[..., Any], tiny_models: Path) -> Any:
    """A server that lists one origin."""
    return start_server(tiny_models, PARLEY_DEFAULT_MODEL="tiny", PARLEY_CORS_ORIGINS=LISTED)


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/models", {}, 200),
        ("GET", "/healthz", {"Authorization": ""}, 200),
        ("GET", "/models", {"Authorization": ""}, 401),
        ("GET", "/models/nope", {}, 404),
        ("POST", "/predict", {}, 415),
        ("GET", "/nope", {}, 404),
        ("DELETE", "/models", {}, 405),
        ("GET", "/apispec.json", {}, 200),
        ("GET", "/", {}, 200),
    ],
)
def test_a_listed_origin_may_read_every_reply(
    listing, method: str, path: str, headers: dict[str, str], status: int
) -> None:
    reply = listing.request(method, path, None, {"Origin": LISTED, **headers})

    assert reply.status == status
    assert _allowed(reply.headers) == {
        "Access-Control-Allow-Origin": LISTED,
        "Access-Control-Expose-Headers": EXPOSED,
    }


@pytest.mark.parametrize("path", ["/models", "/nope", "/"])
@pytest.mark.parametrize(
    "origin", ["", OTHER, "null", LISTED + ".evil.example", LISTED.upper(), "http://bot.example", f"{LISTED}:8443", "*"]
)
def test_no_other_origin_is_told_that_it_may(listing, path: str, origin: str) -> None:
    reply = listing.get(path, Origin=origin)

    assert _allowed(reply.headers) == {}
    assert reply.headers.get_all("Vary") == ["Origin"]


@pytest.mark.parametrize("path", ["/models", "/nope", "/"])
def test_caches_learn_that_the_origin_matters(listing, path: str) -> None:
    assert listing.get(path, Origin=LISTED).headers.get_all("Vary") == ["Origin"]


def _preflight(server: Any, origin: str, path: str = "/predict") -> Any:
    wanted = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type"}
    return server.request("OPTIONS", path, None, {"Authorization": "", "Origin": origin, **wanted})


@pytest.mark.parametrize("path", ["/predict", "/models/tiny", "/nope"])
def test_a_listed_origin_learns_what_it_may_ask_without_a_proof(listing, path: str) -> None:
    reply = _preflight(listing, LISTED, path)

    assert (reply.status, reply.body) == (204, b"")
    assert _allowed(reply.headers) == {
        "Access-Control-Allow-Origin": LISTED,
        "Access-Control-Expose-Headers": EXPOSED,
        "Access-Control-Allow-Methods": "GET, HEAD, POST, PUT, PATCH, DELETE",
        "Access-Control-Allow-Headers": "Authorization, Content-Type, If-Match, X-API-Key, X-Request-ID",
        "Access-Control-Max-Age": "600",
    }


def test_another_origin_learns_nothing(listing) -> None:
    reply = _preflight(listing, OTHER)

    assert (reply.status, _allowed(reply.headers)) == (204, {})


def test_a_question_for_methods_that_no_browser_asks_is_answered_as_ever(listing) -> None:
    reply = listing.request("OPTIONS", "/predict", None, {"Origin": LISTED})

    assert set(reply.headers["Allow"].split(", ")) == {"POST", "OPTIONS"}


def test_a_preflight_counts_against_no_limit(start_server: Callable[..., Any], tmp_path: Path) -> None:
    server = start_server(tmp_path, PARLEY_CORS_ORIGINS=LISTED, PARLEY_RATE_LIMIT="1/hour")

    assert [_preflight(server, LISTED).status for _ in range(5)] == [204] * 5
    refused = [server.get("/models", Origin=LISTED) for _ in range(2)][-1]
    assert (refused.status, refused.headers["Access-Control-Allow-Origin"]) == (429, LISTED)


def test_a_star_lists_all_origins(start_server: Callable[..., Any], tmp_path: Path) -> None:
    server = start_server(tmp_path, PARLEY_CORS_ORIGINS="*")

    origins = [
        server.get("/models", Origin=origin).headers["Access-Control-Allow-Origin"] for origin in (OTHER, "null")
    ]

    assert origins == ["*", "*"]
    assert _preflight(server, OTHER).headers["Access-Control-Allow-Methods"]


def test_unless_told_no_origin_may_ask(server, tmp_path: Path) -> None:
    reply, preflight = server.get("/models", Origin=LISTED), _preflight(server, LISTED)
    settings = load_settings(tmp_path, environment={"PARLEY_ADMIN_PASSWORD": "open, sesame, open"})
    without_keys = application_of(settings, wire_serving(settings)).test_client().get("/", headers={"Origin": LISTED})

    assert _allowed(reply.headers) | _allowed(preflight.headers) | _allowed(without_keys.headers) == {}
    assert without_keys.headers.getlist("Vary") == []


def test_no_cookie_or_remembered_password_is_ever_allowed(listing) -> None:
    replies = [listing.get("/models", Origin=LISTED), _preflight(listing, LISTED)]

    assert [reply.headers["Access-Control-Allow-Credentials"] for reply in replies] == [None, None]


@pytest.fixture
def wsgi(tmp_path: Path) -> FlaskClient:
    """The application as other servers run it."""
    settings = load_settings(
        tmp_path, environment={"PARLEY_ADMIN_PASSWORD": "open, sesame, open", "PARLEY_CORS_ORIGINS": LISTED}
    )
    return application_of(settings, wire_serving(settings)).test_client()


@pytest.mark.parametrize(("path", "status"), [("/models", 200), ("/nope", 404), ("/", 200)])
def test_another_server_says_the_same(wsgi: FlaskClient, listing, path: str, status: int) -> None:
    ours = listing.get(path, Origin=LISTED)

    theirs = wsgi.get(path, headers={"Origin": LISTED}, auth=("admin", "open, sesame, open"))

    assert (theirs.status_code, _allowed(theirs.headers)) == (status, _allowed(ours.headers))
    assert theirs.headers.getlist("Vary") == ["Origin"]


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[str]:
    """An origin with a blank page."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


ASK = """
const [url, proof, done] = arguments;
fetch(url + "/predict", {
  method: "POST",
  headers: {"Authorization": proof, "Content-Type": "application/json"},
  body: JSON.stringify({text: "hello"}),
}).then(async reply => done({
  status: reply.status, body: await reply.json(),
  id: reply.headers.get("X-Request-ID"), left: reply.headers.get("RateLimit-Remaining"),
}), error => done({failed: String(error)}));
"""


@pytest.mark.xdist_group("browser")
def test_a_browser_lets_a_page_of_a_listed_origin_predict_and_read_errors(
    start_server: Callable[..., Any], tiny_models: Path, browser: webdriver.Chrome, elsewhere: str
) -> None:
    settings = {"PARLEY_CORS_ORIGINS": elsewhere, "PARLEY_RATE_LIMIT": "5/hour", "PARLEY_DEFAULT_MODEL": "tiny"}
    server = start_server(tiny_models, **settings)
    browser.get(elsewhere)

    answer = browser.execute_async_script(ASK, server.url, server.authorization)
    refusal = browser.execute_async_script(ASK, server.url, "Basic wrong")

    assert (answer["status"], answer["body"]["intent"], answer["left"]) == (200, "greeting", "4")
    assert answer["id"] == answer["body"]["request_id"]
    assert (refusal["status"], refusal["body"]["error"]["code"]) == (401, "authentication")


@pytest.mark.xdist_group("browser")
def test_a_browser_keeps_the_replies_from_a_page_of_another_origin(
    server, browser: webdriver.Chrome, elsewhere: str
) -> None:
    browser.get(elsewhere)

    assert "failed" in browser.execute_async_script(ASK, server.url, server.authorization)
