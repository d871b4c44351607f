"""Whatever is answered, pages run nothing inline and data nothing at all, errors included."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest

from app.web.answering import Answering
from app.web.application import create_app
from tests.attacks.wrong_requests import wrong_requests
from tests.services import broken_services

PAGES = ("text/html", "text/css", "text/javascript", "image/", "font/")


def _policy(headers: Any) -> dict[str, str]:
    [written] = headers.get_all("Content-Security-Policy")
    return {name: value for name, _, value in (rule.partition(" ") for rule in written.split("; "))}


def _paths() -> Iterator[str]:
    """Give every path that Flask knows, with something in the place of what it takes."""
    app = create_app(Answering(broken_services(None), max_body_bytes=1))  # type: ignore[arg-type]
    for rule in app.url_map.iter_rules():
        yield re.sub(r"<[^>]*>", "tiny", rule.rule)


def _replies(server: Any) -> Iterator[tuple[str, Any]]:
    files = ["/static/apidocs.js", "/static/landing.css", "/apidocs/swagger-ui/swagger-ui.css", "/static/../x"]
    for path in [*_paths(), *files, "/models/tiny/versions/1/report.html", "/nope", "/%00", "//"]:
        if path.endswith("/events"):
            continue
        for method in ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE"):
            for proof in ({}, {"Authorization": ""}):
                yield f"{method} {path}", server.request(method, path + "?x", None, proof)
    for method, path, body, headers in list(wrong_requests())[::5]:
        yield f"{method} {path}", server.request(method, path, body, headers)


@pytest.mark.controls("data-is-data", "page-policy")
def test_every_reply_says_what_browsers_may_not_do_with_it(expendable: Any) -> None:
    n_pages = 0
    for asked, reply in _replies(expendable):
        headers, kind = reply.headers, reply.headers.get("Content-Type", "")
        assert headers.get_all("X-Content-Type-Options") == ["nosniff"], asked
        policy = _policy(headers)
        assert policy["default-src"] == "'none'", asked
        assert policy["frame-ancestors"] == "'none'", asked
        assert "unsafe" not in policy.get("script-src", ""), asked
        assert "unsafe-inline" not in policy.get("style-src", "") or "sandbox" in policy, asked
        n_pages += kind.startswith(PAGES)
        assert kind.startswith((*PAGES, "application/", "text/plain", "text/csv")) or not reply.body, (asked, kind)
        if not kind.startswith(PAGES):
            assert headers["Cache-Control"] == "no-store" or reply.status in {204, 405} or not reply.body, asked

    assert n_pages > 5


class _Inline(HTMLParser):
    """Finds what a policy without `unsafe-inline` forbids."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._in: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self._in = tag if tag == "style" or (tag == "script" and "src" not in named) else None
        self.found += [f"{tag} {name}" for name in named if name.startswith("on") or name == "style"]
        self.found += [f"{tag} {value}" for value in named.values() if (value or "").startswith("javascript:")]

    def handle_data(self, data: str) -> None:
        if self._in and data.strip():
            self.found.append(f"inline {self._in}")

    def handle_endtag(self, tag: str) -> None:
        self._in = None if tag == self._in else self._in


def test_no_page_has_anything_inline(server: Any) -> None:
    """But the report of a version, which is one file to be kept, runs no script and stands in a sandbox."""
    n_pages = 0
    for path in dict.fromkeys(_paths()):
        reply = server.get(path)
        if reply.headers.get("Content-Type", "").startswith("text/html"):
            n_pages += 1
            page = _Inline()
            page.feed(reply.body.decode())
            assert [one for one in page.found if "sandbox" not in _policy(reply.headers) or "style" not in one] == [], (
                path
            )

    assert n_pages >= 2
