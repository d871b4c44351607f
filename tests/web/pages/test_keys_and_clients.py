"""API keys and OAuth2 clients, made and ended on pages by whoever they belong to."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.person import Page, Person

pytestmark = pytest.mark.xdist_group("pages")

KEY = {"label": "shop bot", "scopes": ["predict"], "models": "", "expires_at": "", "origins": ""}
CLIENT = {
    "name": "shop", "uri": "", "grant_types": ["client_credentials"], "redirect_uris": "",
    "authentication": "client_secret_basic", "scopes": ["predict"], "models": "",
}  # fmt: skip
NASTY = [
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "' onmouseover='alert(1)", "{{ 7 * 7 }}",
    "</title>",
]  # fmt: skip


def _new_key(person: Person, **fields: Any) -> Page:
    return person.fill("/account/keys/new", **{**KEY, **fields})


def _new_client(person: Person, **fields: Any) -> Page:
    return person.fill("/account/clients/new", **{**CLIENT, **fields})


def _works(person: Person, key: str) -> bool:
    reply = person.server.get("/models", Authorization="", **{"X-API-Key": key})
    assert reply.status in {200, 401}
    return reply.status == 200


def _paths(page: Page, end: str) -> list[str]:
    return [given["href"] for tag, given in page.elements if tag == "a" and given.get("href", "").endswith(end)]


def test_a_key_is_shown_once_and_works_until_it_is_revoked(new_user) -> None:
    person = new_user()
    made = _new_key(person)
    secret = made.value("secret")
    assert (made.status, made.headers["Cache-Control"]) == (200, "no-store")
    assert _works(person, secret)

    listed = person.get("/account/keys")
    assert "shop bot" in listed.text
    assert secret not in listed.source
    [revoke] = _paths(listed, "/revoke")
    assert person.get(revoke).status == 200
    assert _works(person, secret)

    assert person.fill(revoke).status == 303
    assert not _works(person, secret)
    assert "revoked" in person.get("/account/keys").text


def test_a_rotated_key_replaces_the_one_before(new_user) -> None:
    person = new_user()
    before = _new_key(person).value("secret")
    [rotate] = _paths(person.get("/account/keys"), "/rotate")

    now = person.fill(rotate).value("secret")

    assert now != before
    assert (_works(person, before), _works(person, now)) == (False, True)


def test_the_last_day_of_a_key_is_its_owners_choice(new_user) -> None:
    person = new_user()
    day = datetime.now(UTC).date() + timedelta(days=3)

    assert _new_key(person, expires_at=day.isoformat()).status == 200

    assert f"Expires {day.day} {day:%B %Y}" in person.get("/account/keys").text


@pytest.mark.parametrize(
    ("fields", "at"),
    [
        ({"label": ""}, "label"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["everything"]}, "scopes"),
        ({"scopes": ["predict", "admin"]}, "scopes"),
        ({"models": "../etc"}, "models"),
        ({"expires_at": "tomorrow"}, "expires_at"),
        ({"expires_at": "2020-01-01"}, "expires_at"),
        ({"origins": "not an origin", "scopes": ["predict"]}, "origins"),
        ({"origins": "https://shop.example", "scopes": ["predict", "train"]}, "scopes"),
    ],
    ids=lambda one: one if isinstance(one, str) else "-".join(one),
)
def test_a_key_that_cannot_be_is_refused_at_its_field_and_what_was_typed_stays(ada: Person, fields, at: str) -> None:
    page = _new_key(ada, **fields)

    assert page.status == 400
    assert f'id="{at}-error"' in page.source, page.text
    assert "label" in fields or page.value("label") == "shop bot"


def test_nobody_hands_on_a_model_that_is_not_theirs(new_user) -> None:
    page = _new_key(new_user(models="tiny"), models="tiny tinyseq")

    assert (page.status, 'id="models-error"' in page.source) == (400, True)


def test_the_keys_and_clients_of_others_are_not_there(ada: Person, new_user) -> None:
    _new_key(ada)
    _new_client(ada)
    theirs = [
        *_paths(ada.get("/account/keys"), "/revoke"), *_paths(ada.get("/account/keys"), "/rotate"),
        *_paths(ada.get("/account/clients"), "/revoke"), *_paths(ada.get("/account/clients"), "/rotate"),
    ]  # fmt: skip
    other = new_user()
    token = other.get("/account").token

    assert theirs
    for path in theirs:
        assert other.get(path).status == 404
        assert other.send(path, {"csrf_token": token}).status == 404
    assert "You have no keys" in other.get("/account/keys").text


def test_the_secret_of_a_client_is_shown_once_and_can_be_made_anew(new_user) -> None:
    person = new_user()
    made = _new_client(person)
    secret, name = made.value("secret"), made.value("client-id")
    assert (made.status, made.headers["Cache-Control"]) == (200, "no-store")
    listed = person.get("/account/clients")
    assert name in listed.text
    assert secret not in listed.source

    [rotate] = _paths(listed, "/rotate")
    assert person.fill(rotate).value("secret") not in {"", secret}

    [revoke] = _paths(listed, "/revoke")
    assert person.fill(revoke).status == 303
    assert "revoked" in person.get("/account/clients").text


def test_a_public_client_has_no_secret(new_user) -> None:
    page = _new_client(
        new_user(),
        authentication="none",
        grant_types=["authorization_code"],
        redirect_uris="https://app.example/cb\r\nhttps://app.example/other",
    )

    assert page.status == 200, page.text
    assert 'id="secret"' not in page.source


@pytest.mark.parametrize(
    ("fields", "at"),
    [
        ({"name": ""}, "name"),
        ({"grant_types": []}, "grant_types"),
        ({"grant_types": ["password"]}, "grant_types"),
        ({"grant_types": ["implicit", "client_credentials"]}, "grant_types"),
        ({"authentication": "magic"}, "authentication"),
        ({"scopes": ["admin"]}, "scopes"),
        ({"grant_types": ["authorization_code"], "redirect_uris": ""}, "redirect_uris"),
        ({"grant_types": ["authorization_code"], "redirect_uris": "javascript:alert(1)"}, "redirect_uris"),
    ],
    ids=range(8),
)
def test_a_client_that_cannot_be_is_refused_at_its_field(ada: Person, fields, at: str) -> None:
    page = _new_client(ada, **fields)

    assert page.status == 400
    assert f'id="{at}-error"' in page.source, page.text


def test_clients_of_an_older_system_find_the_form(ada: Person, somebody: Person) -> None:
    assert ada.get("/create_client").location == "/account/clients/new"
    assert somebody.get("/create_client").location == "/login?next=/create_client"


@pytest.mark.parametrize("name", NASTY)
def test_a_name_is_text_wherever_it_is_shown(new_user, name: str) -> None:
    person = new_user()
    pages = [_new_key(person, label=name), _new_client(person, name=name)]
    for listing in ("/account/keys", "/account/clients"):
        pages.append(person.get(listing))
        pages += [person.get(path) for end in ("/rotate", "/revoke") for path in _paths(pages[-1], end)]
    pages.append(_new_key(person, label=name, expires_at="x"))

    assert [page.status for page in pages] == [200] * 8 + [400]
    for page in pages:
        elements = page.elements
        assert name in page.text or page.value("label") == name or "<" in name
        assert not [tag for tag, _ in elements if tag in {"script", "img"}]
        assert not [attribute for _, given in elements for attribute in given if attribute.startswith("on")]
        assert "49" not in page.text or name != NASTY[3]
        assert sum(tag == "title" for tag, _ in elements) == 1
