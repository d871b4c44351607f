"""A server with clients and users of its own."""

import base64
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from app.bootstrap.identity import wire_identity
from app.domain.caller import Scope
from app.domain.identity import Client, ClientAuthentication, GrantType
from app.service.identity.identity import Identity
from app.settings import load_settings
from tests.person import FORM, Person
from tests.providers import AUDIENCE, Provider, providing
from tests.server import Reply, Server

PASSWORD = "a password of hers alone"
VERIFIER = "a-verifier-that-has-more-than-forty-three-characters"
CHALLENGE = base64.urlsafe_b64encode(sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
HERE = "https://parley.example"
BACK = "http://127.0.0.1:9/back"
ALL = frozenset(GrantType)


@dataclass
class Registered:
    """A client with its secret."""

    client: Client
    secret: str

    @property
    def id(self) -> str:
        return self.client.id

    @property
    def basic(self) -> str:
        return "Basic " + base64.b64encode(f"{self.id}:{self.secret}".encode()).decode()


_offices: list["Office"] = []
_numbers = itertools.count()


@dataclass
class Office:
    """A server, and what its operator does beside it."""

    server: Server
    database_url: str | None = None

    @cached_property
    def identity(self) -> Identity:
        flags = {"var_dir": self.server.log.parent / "var", "database_url": self.database_url}
        settings = load_settings(Path.cwd(), environment={}, flags=flags)
        return wire_identity(settings)

    def new_client(
        self,
        user: str = "ada",
        scopes: tuple[Scope, ...] = (Scope.PREDICT,),
        grants: frozenset[GrantType] = ALL,
        authentication: ClientAuthentication = ClientAuthentication.BASIC,
        **further: Any,
    ) -> Registered:
        """Register a client."""
        uris = further.get("redirect_uris", (BACK,))
        client, secret = self.identity.clients.register(
            user, further.get("name", "A bot"), frozenset(scopes), further.get("models"), grants, uris, authentication,
            further.get("uri", ""), user,
        )  # fmt: skip
        return Registered(client, secret or "")

    def new_user(self, name: str, scopes: tuple[Scope, ...] = (Scope.PREDICT, Scope.TRAIN)) -> str:
        self.identity.users.create(name, PASSWORD, frozenset(scopes), None, "admin")
        return name

    def send(self, path: str, client: Registered | None, fields: dict[str, str] | str, **headers: str) -> Reply:
        """Send a form as a client, with HTTP Basic."""
        proof = {"Authorization": client.basic if client else ""}
        body = fields if isinstance(fields, str) else urlencode(fields)
        return self.server.request("POST", path, body, {"Content-Type": FORM, **proof, **headers})

    def token(self, client: Registered, **fields: str) -> Reply:
        return self.send("/oauth/token", client, fields)

    def tokens(self, client: Registered, **fields: str) -> Any:
        """Get tokens, which has to work."""
        reply = self.token(client, **fields)
        assert reply.status == 200, reply.body
        return reply.json()

    def exchanged(self, client: Registered, code: str, **fields: str) -> Reply:
        """Exchange a code as it should be, but for what is told."""
        right = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "code_verifier": VERIFIER}
        return self.token(client, **{name: value for name, value in {**right, **fields}.items() if value})

    def question(self, client: Registered, **fields: str) -> str:
        """Give the address of the question whether a client may act for somebody."""
        right = {
            "response_type": "code", "client_id": client.id, "redirect_uri": BACK, "state": "xyz", "scope": "predict",
            "code_challenge": CHALLENGE, "code_challenge_method": "S256",
        }  # fmt: skip
        asked = {name: value for name, value in {**right, **fields}.items() if value}
        return f"/oauth/authorize?{urlencode(asked)}"

    def answered(self, person: Person, client: Registered, answer: str = "yes", **fields: str) -> dict[str, str]:
        """Answer the question, and give what the client is told."""
        path = self.question(client, **fields)
        page = person.get(path)
        assert page.status == 200, page.text
        hidden = {given["name"]: given["value"] for tag, given in page.elements if given.get("type") == "hidden"}
        gone = person.send("/oauth/authorize", {**hidden, "answer": answer})
        assert gone.status == 303, gone.text
        return told_at(gone.location or "")

    def code(self, person: Person, client: Registered, **fields: str) -> str:
        return self.answered(person, client, **fields)["code"]

    def used(self, token: str) -> int:
        """Use a token where `predict` is needed, and give the status."""
        return self.server.get("/models", Authorization=f"Bearer {token}").status


def told_at(location: str) -> dict[str, str]:
    """Read what a client is told at the address that a browser is sent to."""
    parts = urlsplit(location)
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == BACK
    return {name: value for name, [value] in parse_qs(parts.query or parts.fragment, strict_parsing=True).items()}


@pytest.fixture(autouse=True)
def _elsewhere() -> None:
    """Ask from another address in each test: what one of them guesses is not held against the next."""
    for office in _offices:
        number = next(_numbers)
        office.server = office.server.from_address(f"127.20.{number // 250}.{1 + number % 250}")


@pytest.fixture(scope="session")
def start_office(
    start_server: Callable[..., Server], tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., Office]:
    """Start a server without models, with the user `ada`, who may predict and train."""

    def start(**environment: str) -> Office:
        office = Office(start_server(tmp_path_factory.mktemp("models"), **environment))
        _offices.append(office)
        if "PARLEY_VAR_DIR" not in environment:  # one that was there before
            office.new_user("ada")
        return office

    return start


@pytest.fixture(scope="session")
def office(start_office: Callable[..., Office]) -> Office:
    """A server that gives the old grants, too."""
    return start_office(PARLEY_OAUTH_OLD_GRANTS="password,implicit", PARLEY_TRUSTED_PROXIES="127.0.0.1")


@pytest.fixture(scope="session")
def provider() -> Iterator[Provider]:
    """An OpenID provider on this machine."""
    with providing() as one:
        yield one


@pytest.fixture(scope="session")
def signer(start_office: Callable[..., Office], provider: Provider) -> Office:
    """A server that signs its tokens, accepts those of a provider, and gives no old grants."""
    return start_office(
        PARLEY_TOKEN_FORMAT="jwt", PARLEY_PUBLIC_URL=HERE, PARLEY_TOKEN_ALGORITHM="ES256",
        PARLEY_OIDC_ISSUER=provider.issuer, PARLEY_OIDC_AUDIENCE=AUDIENCE, PARLEY_OIDC_ALLOW="http://127.0.0.1",
    )  # fmt: skip


@pytest.fixture(scope="session")
def bot(office: Office) -> Registered:
    """A client of ada's that may get tokens in every way."""
    return office.new_client()


@pytest.fixture(scope="session")
def ada(office: Office) -> Person:
    """A user who is signed in, and stays so."""
    return Person(office.server).sign_in("ada", PASSWORD)
