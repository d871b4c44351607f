"""A person at the pages of a server: keeps cookies and sends the forms of pages, without a browser."""

import itertools
import re
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode

from .server import PASSWORD, Reply, Server

FORM = "application/x-www-form-urlencoded"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
_addresses = (f"198.51.{third}.{fourth}" for third, fourth in itertools.product(range(256), range(1, 255)))


class _Parts(HTMLParser):
    """Collects the elements of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))


@dataclass
class Page:
    """A page that somebody sees."""

    reply: Reply

    @property
    def status(self) -> int:
        return self.reply.status

    @property
    def headers(self) -> Any:
        return self.reply.headers

    @property
    def source(self) -> str:
        return self.reply.body.decode()

    @property
    def text(self) -> str:
        """What is read of it."""
        return " ".join(unescape(re.sub(r"<[^>]*>", " ", self.source)).split())

    @property
    def location(self) -> str | None:
        found: str | None = self.headers["Location"]
        return found

    @property
    def elements(self) -> list[tuple[str, dict[str, str]]]:
        parts = _Parts()
        parts.feed(self.source)
        return parts.elements

    @property
    def token(self) -> str:
        """What its forms carry; of the sign-in page there is one, of others all are the same."""
        found = {attributes["value"] for _, attributes in self.elements if attributes.get("name") == "csrf_token"}
        [token] = found
        return token

    def value(self, name: str) -> str:
        """What stands in a field."""
        [found] = [given["value"] for tag, given in self.elements if tag == "input" and given.get("id") == name]
        return found


@dataclass
class Person:
    """Somebody with cookies and an address of their own; the server trusts the proxy that tells it."""

    server: Server
    cookies: dict[str, str] = field(default_factory=dict)
    address: str = field(default_factory=lambda: next(_addresses))
    name: str = "admin"

    def ask(self, method: str, path: str, body: str | None = None, headers: dict[str, str] | None = None) -> Page:
        sent = {
            "Authorization": "",
            "Accept": BROWSER,
            "X-Forwarded-For": self.address,
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            **(headers or {}),
        }
        reply = self.server.request(method, path, body, sent)
        for written in reply.headers.get_all("Set-Cookie") or ():
            name, _, value = written.partition(";")[0].partition("=")
            self.cookies[name] = value
            if not value:
                del self.cookies[name]
        return Page(reply)

    def get(self, path: str, **headers: str) -> Page:
        return self.ask("GET", path, headers=headers)

    def send(self, path: str, fields: dict[str, Any] | list[tuple[str, str]], **headers: str) -> Page:
        """Send a form as it is given."""
        body = urlencode(fields, doseq=True)
        return self.ask("POST", path, body, {"Content-Type": FORM, **headers})

    def fill(self, path: str, *, at: str | None = None, **fields: Any) -> Page:
        """Open a page and send its form, filled in; `at` is where the form leads, if it is not where the page is."""
        return self.send(at or path, {"csrf_token": self.get(path).token, **fields})

    def sign_in(self, name: str = "admin", password: str = PASSWORD) -> "Person":
        page = self.fill("/login", name=name, password=password, next="")
        assert (page.status, page.location) == (303, "/account"), page.text
        return self
