"""A person is asked before a client may act for them; what comes of the answer is good once, for that client alone."""

import sqlite3
from collections.abc import Callable
from contextlib import closing

import pytest

from app.domain.caller import Scope
from app.domain.identity import ClientAuthentication, GrantType
from tests.person import Person
from tests.web.oauth.conftest import BACK, PASSWORD, VERIFIER, Office, Registered, told_at


def test_who_is_not_signed_in_does_that_first_and_comes_back_to_the_question(office: Office, bot: Registered) -> None:
    person = Person(office.server)
    question = office.question(bot)

    sent = person.get(question)
    assert (sent.status, sent.location is not None and sent.location.startswith("/login?next=")) == (303, True)
    token = person.get(sent.location or "").token
    fields = {"csrf_token": token, "name": "ada", "password": PASSWORD, "next": question}
    gone = person.send("/login", fields)

    assert (gone.status, gone.headers["Refresh"]) == (200, f"0; url={question}")
    assert ("a", {"href": question}) in [(tag, given) for tag, given in gone.elements]
    assert person.get(question).status == 200


def test_a_person_is_told_who_asks_and_for_what(office: Office, ada: Person) -> None:
    name, uri = "<b>Bot</b> & co", "https://bot.example/about?a=b&c=<d>".replace("<d>", "d")
    client = office.new_client(name=name, uri=uri, scopes=(Scope.PREDICT, Scope.TRAIN), models=frozenset({"tiny"}))

    page = ada.get(office.question(client, scope="profile train"))

    assert page.status == 200
    assert name in page.text
    assert "<b>Bot" not in page.source
    assert uri in page.text
    assert uri not in [given.get("href") for _, given in page.elements]
    for words in ("ask models", "train models", "tiny", BACK, "ada"):
        assert words in page.text
    assert "everything" not in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert "form-action 'self' http://127.0.0.1:9;" in page.headers["Content-Security-Policy"]


def test_a_client_gets_what_is_left_that_a_person_may_do(office: Office, ada: Person) -> None:
    client = office.new_client("admin", scopes=(Scope.PREDICT, Scope.ADMIN))

    code = office.code(ada, client, scope="predict admin")

    assert office.exchanged(client, code).json()["scope"] == "predict"


def test_a_person_who_says_no_gives_nothing(office: Office, ada: Person, bot: Registered) -> None:
    told = office.answered(ada, bot, answer="no")

    assert (told["error"], told["state"], told["iss"]) == ("access_denied", "xyz", office.server.url)
    assert "code" not in told


def test_the_answer_says_whose_it_is(office: Office, ada: Person, bot: Registered) -> None:
    told = office.answered(ada, bot)

    assert sorted(told) == ["code", "iss", "state"]
    assert (told["state"], told["iss"]) == ("xyz", office.server.url)


def test_an_answer_without_the_token_of_the_page_is_none(office: Office, ada: Person, bot: Registered) -> None:
    page = ada.get(office.question(bot))
    hidden = {given["name"]: given["value"] for _, given in page.elements if given.get("type") == "hidden"}
    hidden.pop("csrf_token")

    replies = [
        ada.send("/oauth/authorize", {**hidden, "answer": "yes", **token}) for token in ({}, {"csrf_token": "made up"})
    ]

    assert [reply.status for reply in replies] == [403, 403]
    assert [reply.location for reply in replies] == [None, None]


@pytest.mark.parametrize(
    "fields",
    [
        {"client_id": "made-up"},
        {"client_id": ""},
        {"redirect_uri": f"{BACK}/further"},
        {"redirect_uri": f"{BACK}?a=b"},
        {"redirect_uri": BACK.upper()},
        {"redirect_uri": "https://evil.example/"},
        {"redirect_uri": "javascript:alert(1)"},
        {"redirect_uri": "http://127.0.0.1:9/back#"},
        {"redirect_uri": "\u00fc\"'\\"},
    ],
    ids=str,
)
def test_nobody_is_sent_to_an_address_that_is_not_known(
    office: Office, ada: Person, bot: Registered, fields: dict[str, str]
) -> None:
    page = ada.get(office.question(bot, **fields))

    assert (page.status, page.location) == (400, None)
    assert "evil" not in page.source


def test_a_field_that_stands_twice_is_refused(office: Office, ada: Person, bot: Registered) -> None:
    page = ada.get(office.question(bot) + "&state=another")

    assert (page.status, page.location) == (400, None)


def test_a_client_with_one_address_need_not_name_it_and_one_with_two_must(office: Office, ada: Person) -> None:
    one, two = office.new_client(), office.new_client(redirect_uris=(BACK, BACK + "2"))

    code = office.code(ada, one, redirect_uri="")

    assert office.exchanged(one, code, redirect_uri="").status == 200
    assert ada.get(office.question(two, redirect_uri="")).status == 400


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"response_type": ""}, "unsupported_response_type"),
        ({"response_type": 'made_up\u00fc"'}, "unsupported_response_type"),
        ({"response_type": "code token"}, "unsupported_response_type"),
        ({"scope": "made_up"}, "invalid_scope"),
        ({"scope": "admin"}, "invalid_scope"),
        ({"code_challenge": ""}, "invalid_request"),
        ({"code_challenge_method": ""}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"state": "x" * 3_000}, "invalid_request"),
    ],
    ids=str,
)
def test_what_else_is_wrong_is_told_to_the_client(
    office: Office, ada: Person, bot: Registered, fields: dict[str, str], error: str
) -> None:
    page = ada.get(office.question(bot, **fields))

    assert page.status == 303
    told = told_at(page.location or "")
    assert (told["error"], told["iss"]) == (error, office.server.url)
    assert told["state"] == fields.get("state", "xyz")


def test_a_client_that_was_not_registered_for_it_may_not_ask(office: Office, ada: Person) -> None:
    client = office.new_client(grants=frozenset({GrantType.AUTHORIZATION_CODE}))
    other = office.new_client(grants=frozenset({GrantType.IMPLICIT}))

    pages = [ada.get(office.question(client, response_type="token")), ada.get(office.question(other))]

    assert ["unauthorized_client" in (page.location or "") for page in pages] == [True, True]


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"code_verifier": ""}, "invalid_request"),
        ({"code_verifier": VERIFIER + "x"}, "invalid_grant"),
        ({"code_verifier": "short"}, "invalid_request"),
        ({"redirect_uri": ""}, "invalid_grant"),
        ({"redirect_uri": BACK + "/"}, "invalid_grant"),
    ],
    ids=str,
)
def test_a_code_is_used_up_by_a_request_that_is_not_right(
    office: Office, ada: Person, bot: Registered, fields: dict[str, str], error: str
) -> None:
    code = office.code(ada, bot)

    reply = office.exchanged(bot, code, **fields)

    assert (reply.status, reply.json()["error"]) == (400, error)
    assert office.exchanged(bot, code).json()["error"] == "invalid_grant"


def test_a_code_is_good_for_its_client_alone(office: Office, ada: Person, bot: Registered) -> None:
    code = office.code(ada, bot)

    assert office.exchanged(office.new_client(), code).json()["error"] == "invalid_grant"
    assert office.exchanged(bot, code).status == 200


def test_a_code_that_comes_twice_ends_what_came_of_it(office: Office, ada: Person, bot: Registered) -> None:
    code, other = office.code(ada, bot), office.code(ada, bot)
    tokens, others = office.exchanged(bot, code).json(), office.exchanged(bot, other).json()
    assert office.used(tokens["access_token"]) == 200

    assert office.exchanged(bot, code).json()["error"] == "invalid_grant"

    assert office.used(tokens["access_token"]) == 401
    assert _refreshed(office, bot, tokens["refresh_token"]) == "invalid_grant"
    assert office.used(others["access_token"]) == 200


def test_a_code_that_has_expired_is_refused(office: Office, ada: Person, bot: Registered) -> None:
    code = office.code(ada, bot)
    with closing(sqlite3.connect(office.server.log.parent / "var" / "parley.db", timeout=10)) as database:
        database.execute("UPDATE codes SET expires_at = '2020-01-01 00:00:00.000000' WHERE used_at IS NULL")
        database.commit()

    assert office.exchanged(bot, code).json()["error"] == "invalid_grant"


def _refreshed(office: Office, client: Registered, token: str, **fields: str) -> str:
    """Exchange a refresh token, and give the next one or the error."""
    reply = office.token(client, grant_type="refresh_token", refresh_token=token, **fields).json()
    return str(reply.get("refresh_token") or reply["error"])


def test_a_refresh_token_that_is_used_twice_ends_all_that_came_of_the_consent(
    office: Office, ada: Person, bot: Registered
) -> None:
    first = office.exchanged(bot, office.code(ada, bot)).json()
    second = _refreshed(office, bot, first["refresh_token"])
    third = _refreshed(office, bot, second)
    assert office.used(first["access_token"]) == 200

    assert _refreshed(office, bot, first["refresh_token"]) == "invalid_grant"

    assert _refreshed(office, bot, third) == "invalid_grant"
    assert office.used(first["access_token"]) == 401


def test_a_refresh_token_is_good_for_its_client_alone_and_for_no_more_than_was_given(
    office: Office, ada: Person, bot: Registered
) -> None:
    client = office.new_client(scopes=(Scope.PREDICT, Scope.TRAIN))
    token = office.exchanged(client, office.code(ada, client, scope="predict")).json()["refresh_token"]

    assert _refreshed(office, bot, token) == "invalid_grant"
    assert _refreshed(office, client, token, scope="predict train") == "invalid_scope"
    assert len(_refreshed(office, client, token)) == 43


def test_less_may_be_asked_for_once_without_losing_the_rest(office: Office, ada: Person) -> None:
    client = office.new_client(scopes=(Scope.PREDICT, Scope.TRAIN))
    token = office.exchanged(client, office.code(ada, client, scope="predict train")).json()["refresh_token"]

    less = office.tokens(client, grant_type="refresh_token", refresh_token=token, scope="predict")
    again = office.tokens(client, grant_type="refresh_token", refresh_token=less["refresh_token"])

    assert (less["scope"], again["scope"]) == ("predict", "predict train")


def test_an_access_token_is_no_refresh_token_and_a_refresh_token_no_access_token(
    office: Office, ada: Person, bot: Registered
) -> None:
    tokens = office.exchanged(bot, office.code(ada, bot)).json()

    assert _refreshed(office, bot, tokens["access_token"]) == "invalid_grant"
    assert office.used(tokens["refresh_token"]) == 401


def test_what_a_client_revokes_is_refused_at_once(office: Office, ada: Person, bot: Registered) -> None:
    tokens = office.exchanged(bot, office.code(ada, bot)).json()
    assert office.used(tokens["access_token"]) == 200

    reply = office.send("/oauth/revoke", bot, {"token": tokens["access_token"], "token_type_hint": "refresh_token"})

    assert (reply.status, reply.json()) == (200, {})
    assert office.used(tokens["access_token"]) == 401
    further = office.tokens(bot, grant_type="refresh_token", refresh_token=tokens["refresh_token"])
    assert office.send("/oauth/revoke", bot, {"token": further["refresh_token"]}).status == 200
    assert office.used(further["access_token"]) == 401


def test_nobody_revokes_what_is_not_theirs_and_what_is_not_there_is_revoked(office: Office, bot: Registered) -> None:
    token = office.tokens(bot, grant_type="client_credentials")["access_token"]

    replies = [office.send("/oauth/revoke", office.new_client(), {"token": one}) for one in (token, "made up")]

    assert [(reply.status, reply.json().get("error")) for reply in replies] == [(400, "invalid_grant"), (200, None)]
    assert office.used(token) == 200
    assert office.send("/oauth/revoke", bot, {}).json()["error"] == "invalid_request"


def test_a_client_is_told_of_its_own_tokens_and_one_of_an_administrator_of_all(
    office: Office, ada: Person, bot: Registered
) -> None:
    office.new_user("auditor", (Scope.ADMIN,))
    stranger, auditor = office.new_client(), office.new_client("auditor")
    tokens = office.exchanged(bot, office.code(ada, bot, scope="profile")).json()

    def told(client: Registered, token: str) -> dict[str, object]:
        content: dict[str, object] = office.send("/oauth/introspect", client, {"token": token}).json()
        return content

    own = told(bot, tokens["access_token"])
    assert own == told(auditor, tokens["access_token"])
    expected = {"active": True, "client_id": bot.id, "sub": "ada", "username": "ada", "scope": "profile"}
    assert expected.items() <= own.items()
    assert int(str(own["exp"])) - int(str(own["iat"])) == 3600
    assert told(bot, tokens["refresh_token"])["active"] is True
    assert told(stranger, tokens["access_token"]) == told(bot, "made up") == {"active": False}
    office.send("/oauth/revoke", bot, {"token": tokens["access_token"]})
    assert told(bot, tokens["access_token"]) == {"active": False}


def test_a_client_without_a_secret_is_told_nothing(office: Office) -> None:
    public = office.new_client(
        authentication=ClientAuthentication.NONE, grants=frozenset({GrantType.AUTHORIZATION_CODE})
    )

    reply = office.send("/oauth/introspect", None, {"token": "x", "client_id": public.id})

    assert (reply.status, reply.json()["error"]) == (400, "unauthorized_client")


def test_a_new_password_ends_what_was_given_before(office: Office, bot: Registered) -> None:
    user = office.new_user("careful")
    person = Person(office.server).sign_in(user, PASSWORD)
    token = office.exchanged(bot, office.code(person, bot)).json()["access_token"]
    assert office.used(token) == 200

    office.identity.users.set_password(user, "another password of theirs", "admin")

    assert office.used(token) == 401


def test_a_person_of_the_same_name_does_not_get_the_tokens_of_the_one_before(office: Office, bot: Registered) -> None:
    user = office.new_user("succeeded")
    person = Person(office.server).sign_in(user, PASSWORD)
    token = office.exchanged(bot, office.code(person, bot)).json()["access_token"]

    office.identity.users.delete(user, "admin")
    office.new_user(user)

    assert office.used(token) == 401


def test_codes_and_tokens_outlive_the_server(start_office: Callable[..., Office]) -> None:
    office = start_office()
    client = office.new_client()
    person = Person(office.server).sign_in("ada", PASSWORD)
    tokens = office.exchanged(client, office.code(person, client)).json()
    code = office.code(person, client)
    office.server.stop()

    again = start_office(PARLEY_VAR_DIR=str(office.server.log.parent / "var"))

    assert again.used(tokens["access_token"]) == 200
    assert again.exchanged(client, code).status == 200
    assert len(_refreshed(again, client, tokens["refresh_token"])) == 43
