"""Signing in and out: who is let in, what the browser keeps of it, and what others can do with that."""

import secrets
from pathlib import Path
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

from app.bootstrap.serving import wire_serving
from app.settings import load_settings
from app.web.wsgi import application_of
from tests.person import Page, Person
from tests.server import PASSWORD

pytestmark = pytest.mark.xdist_group("pages")

ELSEWHERE = [
    "//evil.example", "///evil.example", "/\\evil.example", "\\/evil.example", "/\t/evil.example", "/\n/evil.example",
    "https://evil.example", "HTTPS:evil.example", "javascript:alert(1)", "%09//evil.example", " //evil.example",
    "evil.example", "/ok\r\nSet-Cookie: a=b", "/\x00", "account", "",
]  # fmt: skip


def _is_signed_in(person: Person) -> bool:
    return person.get("/account").status == 200


def _session_of(page: Page) -> list[str]:
    return [written for written in page.headers.get_all("Set-Cookie") or () if written.startswith("parley=")]


def test_who_is_not_signed_in_is_brought_back_to_where_they_wanted_to_go(somebody: Person) -> None:
    sent_away = somebody.get("/account/keys?told=x")
    assert (sent_away.status, sent_away.location) == (303, "/login?next=/account/keys%3Ftold%3Dx")

    wanted = somebody.get(sent_away.location or "").elements
    [following] = [given["value"] for _, given in wanted if given.get("name") == "next"]
    page = somebody.fill("/login", name="admin", password=PASSWORD, next=following)

    assert (page.status, page.location) == (303, "/account/keys?told=x")


def test_a_session_is_shown_to_no_script_and_to_no_other_host(somebody: Person) -> None:
    page = somebody.fill("/login", name="admin", password=PASSWORD, next="")

    [written] = _session_of(page)
    assert {part.strip() for part in written.split(";")[1:]} == {"HttpOnly", "Path=/", "SameSite=Lax"}
    assert page.headers["Cache-Control"] == "no-store"


def test_over_tls_cookies_are_for_this_very_host_and_for_nothing_but_tls(tmp_path: Path) -> None:
    environment = {"PARLEY_ADMIN_PASSWORD": PASSWORD, "PARLEY_BEHIND_TLS": "true", "PARLEY_VAR_DIR": str(tmp_path)}
    settings = load_settings(tmp_path, environment=environment)
    browser: FlaskClient = application_of(settings, wire_serving(settings)).test_client()

    written = browser.get("/login", base_url="https://parley.example").headers.getlist("Set-Cookie")

    [visit] = [
        {part.strip() for part in one.split(";")[1:]} for one in written if one.startswith("__Host-parley-visit=")
    ]
    assert visit == {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"}


def test_an_unknown_user_and_a_wrong_password_are_told_the_same(house) -> None:
    pages = []
    for name in ("admin", "nobody-of-that-name"):
        page = Person(house).fill("/login", name=name, password="wrong horse, wrong battery", next="")
        assert (page.status, _session_of(page)) == (401, [])
        pages.append(page.text)

    assert pages[0] == pages[1]


def test_what_was_typed_stays_but_for_the_password(somebody: Person) -> None:
    page = somebody.fill("/login", name="nobody.here", password="my secret, mistyped", next="/account/keys")

    assert page.value("name") == "nobody.here"
    assert "mistyped" not in page.source
    assert 'value="/account/keys"' in page.source


@pytest.mark.parametrize("token", ["missing", "empty", "wrong", "twice", "of another visitor"])
def test_the_sign_in_form_counts_only_with_the_token_of_its_page(house, somebody: Person, token: str) -> None:
    right = somebody.get("/login").token
    tokens = {"missing": [], "empty": [""], "wrong": [secrets.token_urlsafe(32)], "twice": [right, right]}
    shown = tokens.get(token, [Person(house).get("/login").token])

    page = somebody.send("/login", {"csrf_token": shown, "name": "admin", "password": PASSWORD, "next": ""})

    assert (page.status, _session_of(page)) == (403, [])
    assert "Open the page again" in page.text


@pytest.mark.parametrize("what", ["missing", "of the sign-in form", "of another session"])
def test_a_form_counts_only_with_the_token_of_its_session(house, ada: Person, new_user, what: str) -> None:
    other = new_user()
    shown = {
        "missing": [],
        "of the sign-in form": [Person(house).get("/login").token],
        "of another session": [other.get("/account").token],
    }[what]

    page = ada.send("/account/sessions/end", {"csrf_token": shown})

    assert page.status == 403
    assert _is_signed_in(ada)


@pytest.mark.parametrize(
    "headers",
    [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"},
     {"Origin": "null"}, {"Origin": "http://127.0.0.1:1"}],
    ids=lambda headers: "-".join(*headers.items()),
)  # fmt: skip
def test_a_form_that_another_site_sends_is_refused_even_with_the_token(ada: Person, headers: dict[str, str]) -> None:
    token = ada.get("/account").token

    page = ada.send("/account/sessions/end", {"csrf_token": token}, **headers)

    assert page.status == 403
    assert _is_signed_in(ada)


def test_a_form_that_our_page_sends_is_taken_with_what_browsers_tell(somebody: Person) -> None:
    told = {"Origin": somebody.server.url, "Sec-Fetch-Site": "same-origin"}
    fields = {"csrf_token": somebody.get("/login").token, "name": "admin", "password": PASSWORD, "next": ""}

    assert somebody.send("/login", fields, **told).status == 303


def test_a_session_that_somebody_had_planted_is_worthless_after_signing_in(house, somebody: Person) -> None:
    planted = secrets.token_urlsafe(32)
    somebody.cookies["parley"] = planted

    somebody.sign_in()

    assert somebody.cookies["parley"] != planted
    assert not _is_signed_in(Person(house, {"parley": planted}))


def test_the_session_before_ends_with_signing_in_again(house, new_user) -> None:
    person = new_user()
    before = person.cookies["parley"]

    person.cookies["parley-visit"] = secrets.token_urlsafe(32)
    visit = Person(house, {"parley-visit": person.cookies["parley-visit"]}).get("/login").token
    page = person.send("/login", {"csrf_token": visit, "name": "admin", "password": PASSWORD, "next": ""})

    assert page.status == 303
    assert person.cookies["parley"] != before
    assert not _is_signed_in(Person(house, {"parley": before}))


@pytest.mark.parametrize("path", ELSEWHERE, ids=range(len(ELSEWHERE)))
def test_signing_in_leads_nowhere_but_here(admin: Person, path: str) -> None:
    page = admin.get(f"/login?next={quote(path, safe='')}")

    assert (page.status, page.location) == (303, "/account")


def test_a_path_that_was_tampered_with_in_the_form_leads_nowhere_else(somebody: Person) -> None:
    page = somebody.fill("/login", name="admin", password=PASSWORD, next="//evil.example")

    assert page.location == "/account"


def test_signing_out_ends_the_session_at_once_wherever_its_secret_is(house, new_user) -> None:
    person = new_user()
    secret = person.cookies["parley"]
    assert _is_signed_in(Person(house, {"parley": secret}))

    page = person.fill("/account", at="/logout")

    assert (page.status, page.location) == (303, "/login")
    assert "parley" not in person.cookies
    assert not _is_signed_in(Person(house, {"parley": secret}))


def test_a_link_signs_nobody_out(ada: Person) -> None:
    page = ada.get("/logout")

    assert (page.status, "Sign out" in page.text) == (200, True)
    assert _is_signed_in(ada)


def test_signing_out_everywhere_ends_all_sessions_of_a_user_and_no_others(house, new_user, ada: Person) -> None:
    person = new_user()
    elsewhere = Person(house).sign_in(person.name, "long enough for anybody")

    assert person.fill("/account", at="/account/sessions/end").status == 303

    assert not _is_signed_in(person)
    assert not _is_signed_in(elsewhere)
    assert _is_signed_in(ada)


def test_too_many_tries_from_one_address_are_refused_with_a_page_and_others_are_not(house, somebody: Person) -> None:
    page = somebody.get("/login")
    for number in range(40):
        fields = {"csrf_token": page.token, "name": f"guess{number}", "password": "wrong and long enough", "next": ""}
        refused = somebody.send("/login", fields)
        if refused.status != 401:
            break

    assert refused.status == 429
    assert int(refused.headers["Retry-After"]) > 0
    assert "Wait a little" in refused.text
    assert _is_signed_in(Person(house).sign_in())
