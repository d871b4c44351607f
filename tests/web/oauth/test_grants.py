"""Every way to a token works with OAuth2 libraries that others wrote; the rest is refused by its name (F21-F25)."""

import base64
from typing import Any

import pytest
import requests
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata
from oauthlib.oauth2 import BackendApplicationClient, LegacyApplicationClient, MobileApplicationClient
from requests_oauthlib import OAuth2Session as OtherSession

from app.domain.caller import Scope
from app.domain.identity import ClientAuthentication, GrantType
from tests.person import Person
from tests.web.oauth.conftest import BACK, PASSWORD, VERIFIER, Office, Registered


@pytest.fixture(autouse=True)
def _loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let oauthlib speak HTTP to this machine."""
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")


def _carried(office: Office, person: Person, url: str, answer: str = "yes") -> str:
    """Be the browser: go where a client sends it, answer, and give where it is sent back to."""
    assert url.startswith(office.server.url)
    page = person.get(url.removeprefix(office.server.url))
    assert page.status == 200, page.text
    hidden = {given["name"]: given["value"] for _, given in page.elements if given.get("type") == "hidden"}
    return person.send("/oauth/authorize", {**hidden, "answer": answer}).location or ""


@pytest.mark.parametrize("way", [ClientAuthentication.BASIC, ClientAuthentication.POST])
def test_authlib_gets_a_token_for_a_client_itself(office: Office, way: ClientAuthentication) -> None:
    client = office.new_client(authentication=way)
    session = OAuth2Session(client.id, client.secret, scope="predict", token_endpoint_auth_method=way.value)

    token = session.fetch_token(f"{office.server.url}/oauth/token", grant_type="client_credentials")

    assert (token["token_type"], token["expires_in"], token["scope"]) == ("Bearer", 3600, "predict")
    assert len(token["access_token"]) == 43
    assert "refresh_token" not in token
    assert session.get(f"{office.server.url}/models").status_code == 200


@pytest.mark.parametrize(
    "way", [ClientAuthentication.BASIC, ClientAuthentication.POST, ClientAuthentication.NONE], ids=str
)
def test_authlib_gets_tokens_by_a_code_and_the_next_ones_by_a_refresh_token(
    office: Office, ada: Person, way: ClientAuthentication
) -> None:
    client = office.new_client(
        authentication=way, grants=frozenset({GrantType.AUTHORIZATION_CODE, GrantType.REFRESH_TOKEN})
    )
    token_url = f"{office.server.url}/oauth/token"
    session = OAuth2Session(
        client.id, client.secret or None, redirect_uri=BACK, scope="predict", token_endpoint_auth_method=way.value,
        code_challenge_method="S256",
    )  # fmt: skip
    url, state = session.create_authorization_url(f"{office.server.url}/oauth/authorize", code_verifier=VERIFIER)

    back = _carried(office, ada, url)
    first = dict(session.fetch_token(token_url, authorization_response=back, state=state, code_verifier=VERIFIER))
    me = session.get(f"{office.server.url}/api/me")
    second = session.refresh_token(token_url, refresh_token=first["refresh_token"])

    assert me.json() == {"id": "ada", "username": "ada"}
    assert second["access_token"] != first["access_token"]
    assert second["refresh_token"] != first["refresh_token"]
    assert office.used(second["access_token"]) == 200


def test_requests_oauthlib_gets_a_token_for_a_client_itself(office: Office, bot: Registered) -> None:
    session = OtherSession(client=BackendApplicationClient(bot.id, scope="predict"))

    token = session.fetch_token(f"{office.server.url}/oauth/token", client_id=bot.id, client_secret=bot.secret)

    assert token["scope"] == ["predict"]
    assert session.get(f"{office.server.url}/models").status_code == 200


def test_requests_oauthlib_gets_tokens_by_a_code(office: Office, ada: Person, bot: Registered) -> None:
    session = OtherSession(bot.id, redirect_uri=BACK, scope="predict", pkce="S256")
    url, _ = session.authorization_url(f"{office.server.url}/oauth/authorize")

    token = session.fetch_token(
        f"{office.server.url}/oauth/token",
        authorization_response=_carried(office, ada, url),
        client_secret=bot.secret,
        include_client_id=None,
    )

    assert session.get(f"{office.server.url}/api/me").json()["username"] == "ada"
    assert token["refresh_token"]


def test_requests_oauthlib_gets_a_token_by_a_password_as_old_clients_do(office: Office, bot: Registered) -> None:
    session = OtherSession(client=LegacyApplicationClient(bot.id, scope="profile"))

    token = session.fetch_token(
        f"{office.server.url}/oauth/token", username="ada", password=PASSWORD, auth=(bot.id, bot.secret)
    )

    assert token["scope"] == ["profile"]  # as it was asked
    assert session.get(f"{office.server.url}/api/me").json()["username"] == "ada"


def test_requests_oauthlib_gets_a_token_in_the_address_as_old_clients_do(
    office: Office, ada: Person, bot: Registered
) -> None:
    session = OtherSession(client=MobileApplicationClient(bot.id), redirect_uri=BACK, scope="predict")
    url, _ = session.authorization_url(f"{office.server.url}/oauth/authorize")

    token = session.token_from_fragment(_carried(office, ada, url))

    assert "refresh_token" not in token
    assert session.get(f"{office.server.url}/api/me").json()["username"] == "ada"


def test_a_token_is_told_as_the_standard_has_it(office: Office, bot: Registered) -> None:
    reply = office.token(bot, grant_type="client_credentials")

    assert reply.headers["Cache-Control"] == "no-store"
    assert reply.headers["Content-Type"] == "application/json"
    assert sorted(reply.json()) == ["access_token", "expires_in", "scope", "token_type"]


def test_a_client_for_itself_stands_for_no_user(office: Office, bot: Registered) -> None:
    token = office.tokens(bot, grant_type="client_credentials")["access_token"]

    reply = office.server.get("/api/me", Authorization=f"Bearer {token}")

    assert reply.status == 400
    assert "no user" in reply.json()["error"]["message"]


@pytest.mark.parametrize(
    ("asked", "given"),
    [("", "predict train"), ("train", "train"), ("train predict train", "train predict"), ("profile", "profile")],
)
def test_a_client_gets_what_it_asks_of_what_it_may_have(office: Office, asked: str, given: str) -> None:
    client = office.new_client(scopes=(Scope.PREDICT, Scope.TRAIN))

    assert office.tokens(client, grant_type="client_credentials", scope=asked)["scope"] == given


WRONG = [
    # what is sent in place of a right request for a client itself, the status, the error
    ({"grant_type": ""}, 400, "invalid_request"),
    ({"grant_type": "made_up"}, 400, "unsupported_grant_type"),
    ({"grant_type": 'a"\\\u00fc'}, 400, "unsupported_grant_type"),
    ({"scope": "admin"}, 400, "invalid_scope"),
    ({"scope": "predict train"}, 400, "invalid_scope"),
    ({"scope": "made_up"}, 400, "invalid_scope"),
    ({"scope": 'x"\\\u00fc'}, 400, "invalid_scope"),
    ({"grant_type": "authorization_code"}, 400, "invalid_request"),
    ({"grant_type": "authorization_code", "code": "made up"}, 400, "invalid_grant"),
    ({"grant_type": "refresh_token"}, 400, "invalid_request"),
    ({"grant_type": "refresh_token", "refresh_token": "made up"}, 400, "invalid_grant"),
    ({"grant_type": "password"}, 400, "invalid_request"),
    ({"grant_type": "password", "username": "ada", "password": "wrong"}, 400, "invalid_grant"),
    ({"grant_type": "password", "username": "nobody", "password": "wrong"}, 400, "invalid_grant"),
    ({"client_secret": "twice"}, 400, "invalid_request"),
    ({"client_id": "another"}, 400, "invalid_request"),
]


@pytest.mark.parametrize(("fields", "status", "error"), WRONG, ids=range(len(WRONG)))
def test_what_is_not_right_is_refused_by_its_name(
    office: Office, bot: Registered, fields: dict[str, str], status: int, error: str
) -> None:
    reply = office.token(bot, **{"grant_type": "client_credentials", "scope": "predict", **fields})

    assert (reply.status, reply.json()["error"]) == (status, error)
    assert sorted(reply.json()) == ["error", "error_description"]
    assert reply.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("grant", ["client_credentials", "authorization_code", "refresh_token", "password"])
def test_a_client_that_was_not_registered_for_a_grant_does_not_get_it(office: Office, grant: str) -> None:
    client = office.new_client(grants=frozenset({GrantType.IMPLICIT}))

    reply = office.token(client, grant_type=grant, code="x", refresh_token="x", username="ada", password="x")

    assert (reply.status, reply.json()["error"]) == (400, "unauthorized_client")


def _proofs(
    bot: Registered, poster: Registered, public: Registered
) -> dict[str, tuple[dict[str, str], dict[str, str]]]:
    """Give wrong proofs: fields and headers."""

    def basic(written: str) -> dict[str, str]:
        return {"Authorization": f"Basic {base64.b64encode(written.encode('utf-8', 'surrogatepass')).decode()}"}

    return {
        "nothing": ({}, {}),
        "a wrong secret": ({}, basic(f"{bot.id}:wrong")),
        "no secret": ({}, basic(f"{bot.id}:")),
        "no client": ({}, basic(":secret")),
        "a client that is not there": ({}, basic(f"nobody:{bot.secret}")),
        "the secret of another": ({}, basic(f"{bot.id}:{poster.secret}")),
        "what is no base64": ({}, {"Authorization": "Basic %%%"}),
        "what is no UTF-8": ({}, {"Authorization": "Basic " + base64.b64encode(b"\xff:\xff").decode()}),
        "no colon": ({}, basic("client")),
        "another kind of proof": ({}, {"Authorization": f"Bearer {bot.secret}"}),
        "in the form, but registered for the header": ({"client_id": bot.id, "client_secret": bot.secret}, {}),
        "in the header, but registered for the form": ({}, {"Authorization": poster.basic}),
        "a wrong secret in the form": ({"client_id": poster.id, "client_secret": "wrong"}, {}),
        "its name alone": ({"client_id": bot.id}, {}),
        "a public client with a secret": ({"client_id": public.id, "client_secret": "any"}, {}),
        "a public client in the header": ({}, basic(f"{public.id}:any")),
    }


PROOFS = [
    "nothing", "a wrong secret", "no secret", "no client", "a client that is not there", "the secret of another",
    "what is no base64", "what is no UTF-8", "no colon", "another kind of proof",
    "in the form, but registered for the header", "in the header, but registered for the form",
    "a wrong secret in the form", "its name alone", "a public client with a secret", "a public client in the header",
]  # fmt: skip


@pytest.fixture(scope="session")
def poster(office: Office) -> Registered:
    return office.new_client(authentication=ClientAuthentication.POST)


@pytest.fixture(scope="session")
def public(office: Office) -> Registered:
    return office.new_client(
        authentication=ClientAuthentication.NONE,
        grants=frozenset({GrantType.AUTHORIZATION_CODE, GrantType.REFRESH_TOKEN}),
    )


@pytest.mark.parametrize("path", ["/oauth/token", "/oauth/revoke", "/oauth/introspect"])
def test_a_client_that_does_not_prove_who_it_is_learns_nothing(
    office: Office, bot: Registered, poster: Registered, public: Registered, path: str
) -> None:
    proofs = _proofs(bot, poster, public)
    assert list(proofs) == PROOFS

    replies = [
        office.send(path, None, {"grant_type": "client_credentials", "token": "x", **fields}, **headers)
        for fields, headers in proofs.values()
    ]

    assert {(reply.status, reply.body) for reply in replies} == {(401, replies[0].body)}
    assert replies[0].json()["error"] == "invalid_client"
    assert all(reply.headers["WWW-Authenticate"].startswith("Basic ") for reply in replies)


def test_a_revoked_client_and_one_of_a_disabled_user_prove_nothing(office: Office) -> None:
    user = office.new_user("short-lived")
    clients = [office.new_client(user) for _ in range(2)]
    tokens = [office.tokens(client, grant_type="client_credentials")["access_token"] for client in clients]
    assert [office.used(token) for token in tokens] == [200, 200]

    office.identity.clients.revoke(clients[0].id, "admin")
    assert [office.used(token) for token in tokens] == [401, 200]
    office.identity.users.change(user, is_disabled=True, by="admin")

    assert [office.used(token) for token in tokens] == [401, 401]
    assert [office.token(client, grant_type="client_credentials").status for client in clients] == [401, 401]


def test_a_token_is_good_for_no_more_than_its_user_may_do_now(office: Office) -> None:
    user = office.new_user("demoted")
    client = office.new_client(user, scopes=(Scope.PREDICT, Scope.TRAIN))
    token = office.tokens(client, grant_type="client_credentials")["access_token"]
    trains = {"Authorization": f"Bearer {token}"}
    asked = "/models/nope/examples"
    assert office.server.request("GET", asked, headers=trains).status == 404

    office.identity.users.change(user, scopes=frozenset({Scope.PREDICT}), by="admin")

    assert office.server.request("GET", asked, headers=trains).status == 403
    assert office.used(token) == 200
    assert office.tokens(client, grant_type="client_credentials")["scope"] == "predict"


FORMS = [
    (b"grant_type=client_credentials&grant_type=password", {}, 400),
    (b"grant_type=%ff", {}, 400),
    (b"grant_type=\xff", {}, 400),
    (b"grant_type=a%00b", {}, 400),
    (b"&".join(b"a=b" for _ in range(40)), {}, 400),
    (b"grant_type=client_credentials&a=" + b"x" * 70_000, {}, 400),
    (b"", {}, 400),
    (b"x" * (1 << 21), {}, 413),
    (b'{"grant_type": "client_credentials"}', {"Content-Type": "application/json"}, 415),
    (b"grant_type=client_credentials", {"Content-Type": ""}, 415),
    (b"grant_type=client_credentials", {"Content-Type": "multipart/form-data; boundary=x"}, 415),
]


@pytest.mark.parametrize(("body", "headers", "status"), FORMS, ids=range(len(FORMS)))
def test_what_is_no_form_is_refused_in_the_same_shape(
    office: Office, bot: Registered, body: bytes, headers: dict[str, str], status: int
) -> None:
    sent = {"Authorization": bot.basic, "Content-Type": "application/x-www-form-urlencoded", **headers}

    reply = office.server.request("POST", "/oauth/token", body, sent)

    assert (reply.status, reply.json()["error"]) == (status, "invalid_request")


def test_fields_that_mean_nothing_are_passed_over(office: Office, bot: Registered) -> None:
    assert office.token(bot, grant_type="client_credentials", audience="x", resource="y").status == 200


def test_old_grants_are_off_unless_the_operator_allows_them(signer: Office) -> None:
    client = signer.new_client()

    reply = signer.token(client, grant_type="password", username="ada", password=PASSWORD)
    page = Person(signer.server).sign_in("ada", PASSWORD).get(signer.question(client, response_type="token"))

    assert (reply.status, reply.json()["error"]) == (400, "unsupported_grant_type")
    assert (page.status, "unsupported_response_type" in (page.location or "")) == (303, True)
    metadata = signer.server.get("/.well-known/oauth-authorization-server").json()
    assert metadata["grant_types_supported"] == ["client_credentials", "authorization_code", "refresh_token"]


def test_wrong_passwords_of_the_old_grant_lock_out(office: Office, bot: Registered) -> None:
    user = office.new_user("guessed-at")
    right = {"grant_type": "password", "username": user, "password": PASSWORD}
    assert office.token(bot, **right).status == 200

    for _ in range(5):
        office.token(bot, **{**right, "password": "wrong"}, scope="predict")

    locked = office.server.get("/audit?deed=lock_out").json()["entries"]
    assert user in {entry["details"]["user"] for entry in locked}


def test_the_metadata_say_where_everything_is(office: Office) -> None:
    metadata: dict[str, Any] = office.server.get("/.well-known/oauth-authorization-server", Authorization="").json()

    assert metadata["issuer"] == office.server.url
    for name in ("token_endpoint", "revocation_endpoint", "introspection_endpoint"):
        assert requests.post(metadata[name], data={"token": "x"}, timeout=10).status_code in {400, 401}
    assert requests.get(metadata["jwks_uri"], timeout=10).json() == {"keys": []}
    assert metadata["code_challenge_methods_supported"] == ["S256"]
    AuthorizationServerMetadata(metadata).validate()


def test_no_secret_or_token_stands_in_the_log_or_the_database(office: Office, ada: Person, bot: Registered) -> None:
    given = office.tokens(bot, grant_type="client_credentials")
    code = office.code(ada, bot)
    by_code = office.exchanged(bot, code).json()
    office.token(bot, grant_type="password", username="ada", password=PASSWORD)
    secrets = [given["access_token"], by_code["access_token"], by_code["refresh_token"], code, bot.secret, PASSWORD]

    var = office.server.log.parent
    read = b"".join(path.read_bytes() for path in [office.server.log, *var.rglob("*")] if path.is_file())

    assert bot.id.encode() in read
    assert [secret for secret in secrets if secret.encode() in read] == []
