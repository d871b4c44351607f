"""Replies forbid browsers what nobody needs, and pages work with what is left."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.bootstrap.serving import wire_serving
from app.settings import load_settings
from app.web.wsgi import application_of

DATA = {
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}
PAGES = ["/", "/apidocs/", "/static/pages.css", "/apidocs/swagger-ui/swagger-ui-bundle.js"]


@pytest.mark.parametrize("path", ["/models", "/models/nope", "/healthz", "/nope", "/apispec.json"])
def test_data_is_kept_by_nobody_shown_in_no_frame_and_run_by_nothing(server, path: str) -> None:
    headers = server.get(path).headers

    assert {name: headers.get_all(name) for name in DATA} == {name: [value] for name, value in DATA.items()}


def test_a_prediction_is_kept_by_nobody(server) -> None:
    reply = server.post("/predict", {"text": "hello"})

    assert (reply.status, reply.headers["Cache-Control"]) == (200, "no-store")


def _policy(reply: Any) -> dict[str, str]:
    [written] = reply.headers.get_all("Content-Security-Policy")
    return dict(rule.split(" ", maxsplit=1) for rule in written.split("; "))


@pytest.mark.parametrize("path", PAGES)
def test_a_page_runs_nothing_but_its_own_files(server, path: str) -> None:
    reply = server.get(path)

    policy = _policy(reply)
    assert reply.status == 200
    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert "unsafe" not in str(policy)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_tells_nobody_where_one_came_from_and_asks_for_no_device(server, path: str) -> None:
    headers = server.get(path).headers

    assert (headers["Referrer-Policy"], headers["X-Frame-Options"]) == ("no-referrer", "DENY")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert all(f"{device}=()" in headers["Permissions-Policy"] for device in ("camera", "microphone", "geolocation"))


@pytest.mark.parametrize("path", ["/models", "/nope", "/"])
def test_only_a_server_behind_tls_asks_for_it(
    start_server: Callable[..., Any], server, tmp_path: Path, path: str
) -> None:
    behind = start_server(tmp_path, PARLEY_BEHIND_TLS="true")

    assert behind.get(path).headers["Strict-Transport-Security"] == "max-age=31536000"
    assert server.get(path).headers["Strict-Transport-Security"] is None


@pytest.fixture
def wsgi(tmp_path: Path) -> FlaskClient:
    """The application as other servers run it."""
    environment = {"PARLEY_ADMIN_PASSWORD": "open, sesame, open", "PARLEY_BEHIND_TLS": "true"}
    settings = load_settings(tmp_path, environment=environment)
    return application_of(settings, wire_serving(settings)).test_client()


@pytest.mark.parametrize("path", ["/models", "/nope", "/", "/apidocs/"])
def test_another_server_says_the_same(wsgi: FlaskClient, server, path: str) -> None:
    ours, theirs = server.get(path).headers, wsgi.get(path, auth=("admin", "open, sesame, open")).headers
    named = {*DATA, "Referrer-Policy", "X-Frame-Options", "Permissions-Policy"} - {"Cache-Control"}

    assert {name: theirs.get(name) for name in named} == {name: ours.get(name) for name in named}
    assert theirs["Strict-Transport-Security"] == "max-age=31536000"
