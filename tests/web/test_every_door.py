"""
Nobody who proves nothing gets past any door (S25): every route, every method, every spelling, every kind of bad proof.

The row expects 401 for whatever is not public, and so it is here, unknown paths and methods included: which routes
there are is told to those who prove who they are. Preflights are answered without a proof where CORS is on.
"""

import http.client
import itertools
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from app.bootstrap.serving import wire_serving
from app.domain.caller import Scope
from app.settings import load_settings
from app.web.application import OPERATIONS
from app.web.wsgi import application_of
from tests.proofs import Keys, basic, identity_of

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
TWISTS: dict[str, Callable[[str], str]] = {
    "trailing /": lambda path: path + "/",
    "//": lambda path: "/" + path,
    "// within": lambda path: path[:1] + path[1:].replace("/", "//", 1),
    "%2f": lambda path: path[:1] + path[1:].replace("/", "%2f"),
    "case": str.upper,
    "/.": lambda path: path + "/.",
    ";": lambda path: path + ";x=1",
    "encoded": lambda path: "/" + "".join(f"%{ord(letter):02x}" for letter in path[1:]),
}
# What anybody may see: by GET and HEAD, the pages for people and what they load; and operations that ask for no scope.
OPEN_PAGES = {"landing.show", "static", "flasgger.apidocs", "flasgger.apispec", "flasgger.static"}
# Left by flasgger: a redirect to the page above, and one of a sign-in that nothing here begins.
OPEN_PAGES |= {"flasgger.<lambda>", "flasgger.oauth_redirect"}
OPEN_PAGES |= {"sign_in.ask", "sign_in.ask_whether_to_leave"}
# Pages look at the session of a browser alone: who has none is sent to sign in, and their forms count for nothing.
PAGES = {"account", "clients", "consent", "keys", "sign_in", "users"}
A_NAME = {"uuid": "00000000-0000-0000-0000-000000000000", "any(rotate, revoke)": "rotate"}
A_FAMILY = 25
"""Requests of an address: fewer than the guesses that are looked at."""


@pytest.fixture(scope="module")
def rules(tiny_models: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The paths of the whole URL map by endpoint, with names put in, and of the routes that Flask is not asked for."""
    environment = {"PARLEY_ADMIN_PASSWORD": "right horse, wrong battery", "PARLEY_MODELS_DIR": str(tiny_models)}
    settings = load_settings(tmp_path_factory.mktemp("rules"), environment=environment)
    url_map = application_of(settings, wire_serving(settings)).url_map
    paths = {
        rule.endpoint: re.sub(r"<(?:([^<>]*):)?\w+>", lambda found: A_NAME.get(found[1], "tiny"), rule.rule)
        for rule in url_map.iter_rules()
    }
    return paths | {operation.name: re.sub(r"{\w+}", "tiny", operation.path) for operation in OPERATIONS}


@pytest.fixture(scope="module")
def is_public(rules: dict[str, str]) -> Callable[[str, str], bool]:
    """Say whether anybody may ask: `is_public("GET", "/healthz")`."""
    paths = {(method, rules[name]) for name in OPEN_PAGES for method in ("GET", "HEAD")}
    paths |= {(operation.method, rules[operation.name]) for operation in OPERATIONS if operation.scope is None}
    paths |= {("HEAD", path) for method, path in paths if method == "GET"}
    folders = tuple(rules[name].removesuffix("tiny") for name in ("static", "flasgger.static"))

    def ask(method: str, path: str) -> bool:
        plain = "/" + unquote(path).lstrip("/")
        is_file = method in {"GET", "HEAD"} and (plain.startswith(folders) or plain == "/apidocs")
        return is_file or (method, plain) in paths

    return ask


@pytest.fixture(scope="module")
def refusals(rules: dict[str, str]) -> Callable[[str, str], set[int]]:
    """Give the statuses by which whoever is not signed in is refused: `refusals("GET", "/account")`."""
    pages = {path for name, path in rules.items() if name.partition(".")[0] in PAGES}

    def ask(method: str, path: str) -> set[int]:
        plain = "/" + unquote(path).lstrip("/")
        is_page = not pages.isdisjoint({plain, plain.rpartition("/")[0] + "/tiny"})  # users may have any name
        of_page = {"GET": {303}, "HEAD": {303}, "POST": {403, 415}}.get(method, set())
        return {401} | of_page if is_page else {401}

    return ask


@pytest.fixture(scope="module")
def keys(server: Any) -> Iterator[Keys]:
    with identity_of(server) as identity:
        yield Keys(identity)


class Walker:
    """Asks over connections that are kept, each from another address, so that no guesses are too many."""

    def __init__(self, server: Any) -> None:
        self._server, self._sources = server, itertools.count(1)
        self._left = 0
        self._connection: http.client.HTTPConnection | None = None

    def status(self, method: str, path: str, headers: dict[str, str]) -> int:
        if self._connection is None or not self._left:
            self.close()
            number = next(self._sources)
            source = f"127.{10 + number // 65_536}.{number // 256 % 256}.{number % 256}"
            self._connection, self._left = self._server.from_address(source).connection(), A_FAMILY
        self._left -= 1
        self._connection.request(method, path, headers=headers)
        response = self._connection.getresponse()
        response.read()
        return response.status

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()


@pytest.fixture(scope="module")
def walker(server: Any) -> Iterator[Walker]:
    walker = Walker(server)
    yield walker
    walker.close()


def doors(rules: dict[str, str]) -> list[tuple[str, str]]:
    """Give every method at every path, and every twist of a path with each of its methods."""
    paths = sorted({*rules.values(), "/nope", "/models/tiny/nope"})
    own = {(operation.method, rules[operation.name]) for operation in OPERATIONS}
    twisted = [(method, twist(path)) for method, path in sorted(own) for twist in TWISTS.values()]
    return [*itertools.product(METHODS, paths), *twisted]


def test_without_a_proof_nothing_but_what_is_public_is_answered(rules, walker, is_public, refusals) -> None:
    everywhere = [*doors(rules), *((method, twist(p)) for method in METHODS for p in rules.values() for twist in TWISTS.values())]  # fmt: skip  # noqa: E501
    wrong = [
        (method, path, status)
        for method, path in dict.fromkeys(everywhere)
        if not is_public(method, path) and (status := walker.status(method, path, {})) not in refusals(method, path)
    ]

    assert wrong == []


@pytest.fixture(params=["wrong", "expired", "revoked", "of another header", "no token"])
def no_proof(keys: Keys, request: pytest.FixtureRequest) -> dict[str, str]:
    return {
        "wrong": lambda: {"Authorization": "Bearer prl_" + "x" * 52},
        "expired": lambda: {"Authorization": keys.expired()},
        "revoked": lambda: {"Authorization": keys.revoked()},
        "of another header": lambda: {"X-API-Key": "x" * 43},
        "no token": lambda: {"Cookie": "parley=" + "x" * 43, "X-CSRF-Token": "x" * 43},
    }[request.param]()


def test_what_proves_nothing_opens_nothing(rules, walker, is_public, refusals, no_proof) -> None:
    wrong = [
        (method, path, status)
        for method, path in doors(rules)
        if not is_public(method, path)
        and (status := walker.status(method, path, no_proof)) not in refusals(method, path)
    ]

    assert wrong == []


def test_a_wrong_password_opens_nothing(rules, walker) -> None:
    proof = {"Authorization": basic("admin", "wrong horse, right battery")}

    of_each_scope = {operation.scope: operation for operation in OPERATIONS if operation.scope is not None}.values()

    statuses = [walker.status(one.method, rules[one.name], proof) for one in of_each_scope]

    assert set(statuses) == {401}


def test_a_proof_without_the_scope_is_told_so_and_opens_nothing(rules, walker, is_public, refusals, keys) -> None:
    proof = {"Authorization": keys.make(Scope.REVIEW)}
    own = {(o.method, rules[o.name]) for o in OPERATIONS if o.scope not in {None, Scope.REVIEW}}
    own |= {("HEAD", path) for method, path in own if method == "GET"}

    for method, path in doors(rules):
        if is_public(method, path):
            continue
        status = walker.status(method, path, proof)
        # whoever has proved who they are may know which routes there are
        expected = {403} if (method, path) in own else {403, 404, 405} | ({200} if method == "OPTIONS" else set())
        assert status in expected | refusals(method, path) - {401}, (method, path, status)


def test_every_route_is_an_operation_or_a_page(rules) -> None:
    others = {name for name in rules if name in OPEN_PAGES or name.partition(".")[0] not in PAGES}

    assert others == {operation.name for operation in OPERATIONS} | OPEN_PAGES
