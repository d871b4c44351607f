"""
Nobody who proves nothing gets past any door (S25): every route, every method, every spelling, every kind of bad proof.

The row expects 401 for whatever is not public, and so it is here, unknown paths and methods included: which routes
there are is told to those who prove who they are. Preflights are answered without a proof where CORS is on. Amended for
two kinds of doors: a page for people sends who is not signed in to the sign-in (303), and takes no form from them;
what clients of OAuth2 send is answered in the shape of its standards, after they proved who they are in its own way.
"""

import http.client
import itertools
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from werkzeug.routing import Rule

from app.bootstrap.serving import wire_serving
from app.domain.caller import Scope
from app.settings import load_settings
from app.web.application import OPERATIONS, PAGES
from app.web.wsgi import application_of
from tests.person import FORM, Person
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
# What anybody may see: by GET and HEAD, operations that ask for no scope, the sign-in and what pages load.
OPEN_PAGES = {"landing.show", "static", "flasgger.apidocs", "flasgger.apispec", "flasgger.static"}
OPEN_PAGES |= {"sign_in.ask", "sign_in.ask_whether_to_leave"}
# Left by flasgger: a redirect to the page above, and one of a sign-in that nothing here begins.
OPEN_PAGES |= {"flasgger.<lambda>", "flasgger.oauth_redirect"}
A_FAMILY = 25
"""Requests of an address: fewer than the guesses that are looked at."""
A_KEY = "00000000-0000-4000-8000-000000000000"
PASSWORD = "a password of somebody alone"
SEEN = ("GET", "HEAD")

Expected = Callable[[str, str], set[int] | None]
"""Gives what somebody who proves nothing is answered: `expected("GET", "/models")`; None: anything, it is public."""


@pytest.fixture(scope="module")
def url_map(tiny_models: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Rule]:
    """The whole URL map."""
    environment = {"PARLEY_ADMIN_PASSWORD": "right horse, wrong battery", "PARLEY_MODELS_DIR": str(tiny_models)}
    settings = load_settings(tmp_path_factory.mktemp("rules"), environment=environment)
    return list(application_of(settings, wire_serving(settings)).url_map.iter_rules())


@pytest.fixture(scope="module")
def rules(url_map: list[Rule]) -> dict[str, str]:
    """The paths of the URL map by endpoint, with names put in, and of the routes that Flask is not asked for."""
    paths = {rule.endpoint: _named(rule.rule)[0] for rule in url_map}
    return paths | {operation.name: re.sub(r"{\w+}", "tiny", operation.path) for operation in OPERATIONS}


def _named(rule: str) -> list[str]:
    """Give the paths of a rule with a name put in, or each that it knows."""
    found = re.search(r"<any\(([^)]*)\):\w+>", rule)
    known = [rule.replace(found[0], one) for one in found[1].split(", ")] if found else [rule]
    return [re.sub(r"<[^>]+>", "tiny", re.sub(r"<uuid:\w+>", A_KEY, one)) for one in known]


def is_page(endpoint: str) -> bool:
    """Whether it is a page for people who are signed in, or a form of any page."""
    return endpoint.partition(".")[0] in {pages.name for pages in PAGES} and endpoint not in OPEN_PAGES


@pytest.fixture(scope="module")
def pages(url_map: list[Rule]) -> set[tuple[str, str]]:
    """Give the pages for people who are signed in, and all forms, by method and path."""
    found = [rule for rule in url_map if is_page(rule.endpoint)]
    methods = {*METHODS} - {"OPTIONS"}
    return {(one, path) for rule in found for path in _named(rule.rule) for one in methods & (rule.methods or set())}


@pytest.fixture(scope="module")
def expected(rules: dict[str, str], pages: set[tuple[str, str]]) -> Expected:
    """Say what somebody is answered who proves nothing, and sends nothing."""
    unscoped = [operation for operation in OPERATIONS if operation.scope is None]
    open_paths = {rules[name] for name in OPEN_PAGES} | {rules[one.name] for one in unscoped if one.method == "GET"}
    of_clients = {(one.method, rules[one.name]) for one in unscoped if one.method != "GET"}
    # a name that is twisted is a name: the page of another user
    of_pages = [(method, re.compile(re.escape(path).replace("tiny", "[^/]+"))) for method, path in pages]
    folders = tuple(rules[name].removesuffix("tiny") for name in ("static", "flasgger.static"))

    def ask(method: str, path: str) -> set[int] | None:
        plain = "/" + unquote(path).lstrip("/")
        if method in SEEN and (plain in open_paths or plain.startswith(folders) or plain == "/apidocs"):
            return None
        is_page = any(method == one and pattern.fullmatch(plain) for one, pattern in of_pages)
        if is_page or (method, plain) in of_clients:
            found = {303} if method in SEEN else {415}
            return found if (method, path) in of_clients | pages else found | {401}
        return {401}

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


def unexpected(
    asked: list[tuple[str, str]], walker: Walker, expected: Expected, proof: dict[str, str]
) -> list[tuple[str, str, int]]:
    """Give what was answered otherwise than to somebody who proves nothing."""
    found = []
    for method, path in dict.fromkeys(asked):
        wanted = expected(method, path)
        if wanted is not None and (status := walker.status(method, path, proof)) not in wanted:
            found.append((method, path, status))
    return found


@pytest.mark.controls("every-door")
@pytest.mark.controls("pages-ask-who")
def test_without_a_proof_nothing_but_what_is_public_is_answered(rules, walker, expected) -> None:
    twisted = [(method, twist(path)) for method in METHODS for path in rules.values() for twist in TWISTS.values()]

    assert unexpected([*doors(rules), *twisted], walker, expected, {}) == []


@pytest.mark.parametrize(
    "kind",
    [
        pytest.param("wrong", marks=pytest.mark.controls("every-door")),
        pytest.param("expired", marks=pytest.mark.controls("keys-end")),
        pytest.param("revoked", marks=pytest.mark.controls("keys-end")),
        "of another header", "no token", "no session",
    ],
)  # fmt: skip
def test_what_proves_nothing_opens_nothing(rules, walker, expected, keys, kind: str) -> None:
    proof = {
        "wrong": lambda: {"Authorization": "Bearer prl_" + "x" * 52},
        "expired": lambda: {"Authorization": keys.expired()},
        "revoked": lambda: {"Authorization": keys.revoked()},
        "of another header": lambda: {"X-API-Key": "x" * 43},
        "no token": lambda: {"Cookie": "parley=" + "x" * 43, "X-CSRF-Token": "x" * 43},
        "no session": lambda: {"Cookie": "parley=" + "x" * 43},
    }[kind]()

    assert unexpected(doors(rules), walker, expected, proof) == []


def test_a_wrong_password_opens_nothing(rules, walker) -> None:
    proof = {"Authorization": basic("admin", "wrong horse, right battery")}

    of_each_scope = {operation.scope: operation for operation in OPERATIONS if operation.scope is not None}.values()

    statuses = [walker.status(one.method, rules[one.name], proof) for one in of_each_scope]

    assert set(statuses) == {401}


@pytest.mark.controls("scopes")
def test_a_proof_without_the_scope_is_told_so_and_opens_nothing(rules, walker, expected, keys) -> None:
    proof = {"Authorization": keys.make(Scope.REVIEW)}
    own = {(o.method, rules[o.name]) for o in OPERATIONS if o.scope not in {None, Scope.REVIEW}}
    own |= {("HEAD", path) for method, path in own if method == "GET"}

    for method, path in doors(rules):
        of_nobody = expected(method, path)
        if of_nobody is None:
            continue
        status = walker.status(method, path, proof)
        # whoever has proved who they are may know which routes there are; pages know nothing but sessions
        known = {403, 404, 405} | ({200} if method == "OPTIONS" else set())
        allowed = {403} if (method, path) in own else of_nobody - {401} | (known if 401 in of_nobody else set())
        assert status in allowed, (method, path, status)


@pytest.mark.controls("pages-ask-who")
def test_a_page_sends_who_is_not_signed_in_to_the_sign_in_and_back(pages, server, keys) -> None:
    a_key = keys.make(*Scope)

    for path in sorted(path for method, path in pages if method == "GET"):
        for proof in ("", a_key, server.authorization):
            page = Person(server).get(path, Authorization=proof)
            assert (page.status, page.location) == (303, f"/login?next={path}"), path


def test_no_form_is_taken_from_who_is_not_signed_in(pages, server, keys) -> None:
    a_key = keys.make(*Scope)

    for path in sorted(path for method, path in pages if method == "POST"):
        for proof in ("", a_key, server.authorization):
            page = Person(server).send(path, {"csrf_token": "x" * 43}, Authorization=proof)
            assert page.status == 403, path


@pytest.fixture(scope="module")
def somebody(server: Any, keys: Keys) -> Person:
    """Who may predict, and nothing else."""
    keys.identity.users.create("somebody", PASSWORD, frozenset({Scope.PREDICT}), None, "admin")
    return Person(server.from_address("127.9.9.9")).sign_in("somebody", PASSWORD)


@pytest.mark.controls("forms-of-ours")
def test_no_form_is_taken_that_does_not_come_from_a_page_of_the_same_session(pages, somebody) -> None:
    other = Person(somebody.server).sign_in("somebody", PASSWORD).get("/account").token

    for path in sorted(path for method, path in pages if method == "POST"):
        for fields in ({}, {"csrf_token": "x" * 43}, {"csrf_token": other}):
            assert somebody.send(path, fields).status == 403, path


@pytest.mark.controls("scopes")
def test_a_page_of_administrators_is_for_nobody_else(url_map, somebody) -> None:
    token = somebody.get("/account").token
    of_users = [rule for rule in url_map if rule.endpoint.startswith("users.")]
    assert len(of_users) > 5

    for rule in of_users:
        [path] = _named(rule.rule)
        page = somebody.send(path, {"csrf_token": token}) if "POST" in rule.methods else somebody.get(path)
        assert page.status == 403, path


def test_what_clients_send_without_a_proof_is_refused_in_the_shape_of_its_standard(rules, server) -> None:
    of_clients = [one for one in OPERATIONS if one.scope is None and one.method != "GET"]

    for operation in of_clients:
        for body, status in (("", {400, 401}), ("token=x&grant_type=client_credentials&client_id=nobody", {401})):
            reply = server.request("POST", rules[operation.name], body, {"Authorization": "", "Content-Type": FORM})
            assert reply.status in status, operation.name
            assert isinstance(reply.json()["error"], str), operation.name


def test_every_route_is_an_operation_or_a_page_and_what_is_open_is_listed(rules) -> None:
    named = {operation.name for operation in OPERATIONS} | OPEN_PAGES

    assert set(rules) == named | {endpoint for endpoint in rules if is_page(endpoint)}
    assert {one.name for one in OPERATIONS if one.scope is None and one.method != "GET"} == {
        "oauth_token", "oauth_revoke", "oauth_introspect",
    }  # fmt: skip
