"""Users, made and changed by an administrator, and by nobody else."""

import pytest

from tests.person import Person

pytestmark = pytest.mark.xdist_group("pages")

PASSWORD = "long enough for anybody"
OF_ADMINISTRATORS = [
    ("GET", "/users"), ("GET", "/new-user"), ("POST", "/new-user"), ("GET", "/users/admin"), ("POST", "/users/admin"),
    ("POST", "/users/admin/password"), ("GET", "/users/nobody/delete"), ("POST", "/users/nobody/delete"),
]  # fmt: skip


def _can_sign_in(server, name: str, password: str) -> bool:
    return Person(server).fill("/login", name=name, password=password, next="").status == 303


@pytest.mark.parametrize(("method", "path"), OF_ADMINISTRATORS)
def test_what_administrators_do_is_nothing_for_others(ada: Person, somebody: Person, method: str, path: str) -> None:
    if method == "GET":
        assert ada.get(path).status == 403
        assert somebody.get(path).status == 303
    else:
        assert ada.send(path, {"csrf_token": ada.get("/account").token}).status == 403
        assert somebody.send(path, {}).status == 403


def test_others_do_not_see_that_there_are_users(ada: Person, admin: Person) -> None:
    assert 'href="/users"' not in ada.get("/account").source
    assert 'href="/users"' in admin.get("/account").source


def test_a_new_user_is_listed_and_signs_in(house, admin: Person) -> None:
    page = admin.fill("/new-user", name="grace", password=PASSWORD, scopes=["predict", "train"], models="tiny")

    assert page.location == "/users?told=created"
    assert "grace" in admin.get("/users").text
    person = Person(house).sign_in("grace", PASSWORD)
    assert "train: train and publish" in person.get("/account").text


@pytest.mark.parametrize(
    ("fields", "at"),
    [
        ({"name": "Not A Name"}, "name"),
        ({"name": "admin"}, "name"),
        ({"password": "short"}, "password"),
        ({"scopes": []}, "scopes"),
    ],
    ids=range(4),
)
def test_a_user_that_cannot_be_is_refused_at_its_field(admin: Person, fields, at: str) -> None:
    typed = {"name": "somebody", "password": PASSWORD, "scopes": ["predict"], "models": "", **fields}
    page = admin.fill("/new-user", **typed)

    assert page.status == 400
    assert f'id="{at}-error"' in page.source, page.text
    assert page.value("name") == typed["name"]
    assert page.value("password") == ""


def test_what_a_user_may_do_is_changed_at_once(admin: Person, new_user) -> None:
    person = new_user(scopes=("predict", "train"))

    page = admin.fill(f"/users/{person.name}", scopes=["review"], models="tiny", is_disabled="")

    assert page.location == f"/users/{person.name}?told=changed"
    seen = person.get("/account").text
    assert "review: look at traffic" in seen
    assert "train and publish" not in seen


def test_a_disabled_user_is_out_at_once_and_comes_back_when_enabled(house, admin: Person, new_user) -> None:
    person = new_user()

    admin.fill(f"/users/{person.name}", scopes=["predict"], models="", is_disabled="yes")
    assert person.get("/account").status == 303
    assert not _can_sign_in(house, person.name, PASSWORD)
    assert "disabled" in admin.get("/users").text

    admin.fill(f"/users/{person.name}", scopes=["predict"], models="", is_disabled="")
    assert _can_sign_in(house, person.name, PASSWORD)


def test_a_password_that_an_administrator_sets_ends_the_sessions(house, admin: Person, new_user) -> None:
    person = new_user()

    page = admin.fill(f"/users/{person.name}", at=f"/users/{person.name}/password", password="set by somebody else")

    assert page.status == 303
    assert person.get("/account").status == 303
    assert _can_sign_in(house, person.name, "set by somebody else")


def test_a_weak_password_is_refused_where_it_was_typed(admin: Person, new_user) -> None:
    person = new_user()

    page = admin.fill(f"/users/{person.name}", at=f"/users/{person.name}/password", password="short")

    assert (page.status, 'id="password-error"' in page.source) == (400, True)


def test_a_user_is_deleted_after_a_question(house, admin: Person, new_user) -> None:
    person = new_user()
    asked = admin.get(f"/users/{person.name}/delete")
    assert f"Delete {person.name}?" in asked.text
    assert person.get("/account").status == 200

    assert admin.fill(f"/users/{person.name}/delete").location == "/users?told=deleted"

    assert person.get("/account").status == 303
    assert not _can_sign_in(house, person.name, PASSWORD)
    assert admin.get(f"/users/{person.name}").status == 404
