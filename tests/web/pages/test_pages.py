"""What holds for every page: how it is built, what it refuses, and how it says so."""

import json
from typing import Any

import pytest

from tests.person import Page, Person

pytestmark = pytest.mark.xdist_group("pages")

PATHS = [
    "/", "/login", "/logout", "/account", "/account/password", "/account/keys", "/account/keys/new", "/account/clients",
    "/account/clients/new", "/users", "/new-user", "/nothing/here",
]  # fmt: skip


def _look(house, admin: Person, path: str) -> Page:
    return (Person(house) if path == "/login" else admin).get(path)


@pytest.mark.parametrize("path", PATHS)
def test_a_page_says_its_language_its_title_and_one_heading(house, admin: Person, path: str) -> None:
    elements = _look(house, admin, path).elements

    assert ("html", {"lang": "en"}) in elements
    assert [tag for tag, _ in elements if tag in {"title", "h1", "main"}] == ["title", "main", "h1"]
    assert ("a", {"class": "skip", "href": "#content"}) in elements


@pytest.mark.parametrize("path", PATHS)
def test_everything_that_can_be_typed_into_has_a_label_and_every_reference_leads_somewhere(
    house, admin: Person, path: str
) -> None:
    elements = _look(house, admin, path).elements
    ids = [given["id"] for _, given in elements if "id" in given]
    labelled = {given["for"] for tag, given in elements if tag == "label" and "for" in given}
    typed = [given for tag, given in elements if tag in {"input", "select", "textarea"} and "hidden" not in given]
    typed = [given for given in typed if given.get("type") not in {"hidden", "checkbox"}]

    assert len(ids) == len(set(ids))
    assert {given["id"] for given in typed} <= labelled
    for _, given in elements:
        assert set(given.get("aria-describedby", "").split()) <= set(ids)
        assert given.get("aria-labelledby", "content") in ids


@pytest.mark.parametrize("path", PATHS)
def test_a_page_has_neither_script_nor_style_in_it(house, admin: Person, path: str) -> None:
    page = _look(house, admin, path)

    assert not [tag for tag, _ in page.elements if tag in {"script", "style"}]
    assert not [name for _, given in page.elements for name in given if name == "style" or name.startswith("on")]
    assert "unsafe" not in page.headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", [path for path in PATHS if path not in {"/", "/nothing/here"}])
def test_a_page_is_kept_by_nobody(house, admin: Person, path: str) -> None:
    headers = _look(house, admin, path).headers

    assert headers.get_all("Cache-Control") == ["no-store"]
    assert headers.get_all("Referrer-Policy") == ["same-origin"]
    assert headers["X-Request-ID"]


def test_what_is_not_there_is_a_page_for_people_and_data_for_programs(ada: Person) -> None:
    page = ada.get("/nothing/here", **{"X-Request-ID": "abc-1"})
    told = ada.get("/nothing/here", Accept="*/*")

    assert (page.status, "There is nothing here" in page.text, "abc-1" in page.text) == (404, True, True)
    assert (told.status, json.loads(told.source)["error"]["code"]) == (404, "not_found")


def test_a_program_that_asks_for_a_page_is_told_in_its_own_words(ada: Person) -> None:
    told = ada.get("/users", Accept="application/json")

    assert (told.status, json.loads(told.source)["error"]["code"]) == (403, "missing_scope")


def test_another_method_is_refused_with_a_page(ada: Person) -> None:
    page = ada.ask("PUT", "/account")

    assert (page.status, "Not possible here" in page.text) == (405, True)


def test_who_is_nobody_is_asked_to_sign_in_whether_or_not_there_is_something(somebody: Person) -> None:
    page = somebody.get("/nothing/here")

    assert (page.status, page.headers["Content-Type"]) == (401, "text/html; charset=utf-8")
    assert ("a", {"href": "/login"}) in page.elements
    assert "Basic" not in str(page.headers.get_all("WWW-Authenticate"))


@pytest.mark.parametrize(
    "further",
    [
        [("label", "two")],
        [("is_admin", "yes")],
        [("models", "x" * 2_001)],
        [("label\x00", "x")],
        [("scopes", "predict")] * 51,
    ],
    ids=["twice", "unknown", "too long", "strange name", "too often"],
)
def test_a_form_that_no_page_sends_is_refused(ada: Person, further: list[tuple[str, str]]) -> None:
    fields = [("csrf_token", ada.get("/account").token), ("label", "one"), ("scopes", "predict"), *further]

    page = ada.send("/account/keys/new", fields)

    assert (page.status, "That cannot be used" in page.text) == (400, True)
    assert "one" not in [given.get("value") for _, given in page.elements]


def test_what_nobody_types_is_refused(ada: Person) -> None:
    page = ada.fill("/account/keys/new", label="a\x00b", scopes=["predict"])

    assert page.status == 400


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("application/json", "{}", 415),
        ("multipart/form-data; boundary=x", "--x--", 415),
        ("text/plain", "csrf_token=x", 415),
        ("application/x-www-form-urlencoded", "a=" + "x" * 70_000, 413),
        ("application/x-www-form-urlencoded", "&".join(["a=b"] * 2_000), 403),
        ("application/x-www-form-urlencoded", "%ff%fe=%00&&&=", 403),
    ],
    ids=["json", "multipart", "text", "too large", "many", "rubbish"],
)
def test_what_is_no_form_is_refused(ada: Person, kind: str, body: str, status: int) -> None:
    page = ada.ask("POST", "/account/sessions/end", body, {"Content-Type": kind})

    assert (page.status, page.headers["Content-Type"]) == (status, "text/html; charset=utf-8")
    assert ada.get("/account").status == 200


@pytest.mark.parametrize(
    "cookie", ["", "x", "a" * 300, "%00", "../../etc/passwd", "a b", "'; drop table sessions; --", "é"], ids=range(8)
)
def test_a_session_that_cannot_be_is_none(somebody: Person, cookie: str) -> None:
    assert somebody.get("/account", Cookie=f"parley={cookie}").status == 303


def test_pages_are_counted_by_route_and_forms_are_logged_nowhere(house, ada: Person) -> None:
    marked = "marked-b4f1c2"
    ada.fill("/account/keys/new", label=marked, scopes=["predict"], expires_at="x")
    ada.get(f"/account/keys/{marked}/revoke")

    metrics: Any = house.get("/metrics").body.decode()

    assert 'endpoint="/account/keys/new"' in metrics
    assert marked not in metrics
    assert marked not in house.log.read_text()
