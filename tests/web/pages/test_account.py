"""What somebody sees of themselves, and how they change their password."""

import pytest

from tests.person import Person

pytestmark = pytest.mark.xdist_group("pages")

PASSWORD = "long enough for anybody"


def _is_signed_in(person: Person) -> bool:
    return person.get("/account").status == 200


def _change(person: Person, **fields: str) -> object:
    return person.fill("/account/password", **fields)


def test_a_user_sees_what_they_may_do(new_user) -> None:
    page = new_user(scopes=("predict", "review"), models="tiny").get("/account")

    assert "predict: ask models" in page.text
    assert "review: look at traffic" in page.text
    assert "train and publish" not in page.text
    assert "Models tiny" in page.text


def test_a_changed_password_ends_the_other_sessions_and_keeps_this_browser_signed_in(house, new_user) -> None:
    person = new_user()
    elsewhere, before = Person(house).sign_in(person.name, PASSWORD), person.cookies["parley"]

    page = person.fill(
        "/account/password", old=PASSWORD, password="another of some length", again="another of some length"
    )

    assert (page.status, page.location) == (303, "/account?told=password")
    assert _is_signed_in(person)
    assert not _is_signed_in(elsewhere)
    assert not _is_signed_in(Person(house, {"parley": before}))
    assert Person(house).fill("/login", name=person.name, password=PASSWORD, next="").status == 401
    assert _is_signed_in(Person(house).sign_in(person.name, "another of some length"))


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"old": "not it, but long", "password": "another of some length", "again": "another of some length"}, "old"),
        ({"old": PASSWORD, "password": "short", "again": "short"}, "password"),
        ({"old": PASSWORD, "password": "another of some length", "again": "another of some strength"}, "again"),
    ],
    ids=["old", "password", "again"],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_typed_is_shown(new_user, typed, field: str) -> None:
    page = new_user().fill("/account/password", **typed)

    assert page.status == 400
    [wrong] = [given for tag, given in page.elements if tag == "input" and "aria-invalid" in given]
    assert wrong["id"] == field
    assert f"{field}-error" in wrong["aria-describedby"].split()
    assert f'id="{field}-error"' in page.source
    assert not any(secret in page.source for secret in {*typed.values()} - {"short"})


def test_the_administrators_password_that_a_setting_gives_is_not_changed_here(house) -> None:
    person = Person(house).sign_in()

    page = person.fill(
        "/account/password",
        old="right horse, wrong battery",
        password="another of some length",
        again="another of some length",
    )

    assert page.status in {400, 409}
    assert "PARLEY_ADMIN_PASSWORD" in page.text
    assert _is_signed_in(person)
