"""`/users`: users, for administrators."""

from typing import Final
from urllib.parse import quote

from flask import Response, request

from ...domain.errors import ParleyError
from ...domain.identity import User
from .form import Field, Form, read_form
from .page import go, page_blueprint, show, show_form
from .parts import parts
from .rights import chosen_models, chosen_scopes
from .visitor import Visitor, administrator

users = page_blueprint("users")

_RIGHTS: Final = (Field("scopes", 20, is_list=True), Field("models", 2_000))
_NEW: Final = (Field("name", 64), Field("password", 1_000, is_secret=True), *_RIGHTS)
_CHANGE: Final = (*_RIGHTS, Field("is_disabled", 3))
_ON_A_PAGE: Final = 100
_PASSWORD: Final = (Field("password", 1_000, is_secret=True),)


@users.get("/users")
def see() -> Response:
    """List the users."""
    administrator()
    after = request.args.get("after")
    page = parts().identity.users.page(after=after, limit=_ON_A_PAGE + 1)
    following = page[_ON_A_PAGE - 1].name if len(page) > _ON_A_PAGE else None
    return show("users.html", users=page[:_ON_A_PAGE], following=following, told=request.args.get("told"))


@users.get("/new-user")
def ask() -> Response:
    """Ask for a new user."""
    me = administrator()
    return show("user_new.html", form=Form(_NEW, {"scopes": ["predict"]}), scopes=me.scopes)


@users.post("/new-user")
def create() -> Response:
    """Make a user."""
    me = administrator()
    form = read_form(*_NEW)
    scopes, models = chosen_scopes(form, me), chosen_models(form, me)
    if not form.errors:
        try:
            parts().identity.users.create(form.text("name"), form.text("password"), scopes, models, me.caller.name)
        except ParleyError as error:
            form.take(error)
        else:
            return go("/users?told=created")
    return show_form("user_new.html", form, scopes=me.scopes)


@users.get("/users/<name>")
def look_at(name: str) -> Response:
    """Show a user, and what can be changed."""
    me = administrator()
    return _show(me, parts().identity.users.get(name))


@users.post("/users/<name>")
def change(name: str) -> Response:
    """Change what a user may do."""
    me = administrator()
    form = read_form(*_CHANGE)
    scopes, models = chosen_scopes(form, me), chosen_models(form, me)
    if not form.errors:
        try:
            is_disabled = form.text("is_disabled") == "yes"
            parts().identity.users.change(
                name, scopes=scopes, models=models, is_disabled=is_disabled, by=me.caller.name
            )
        except ParleyError as error:
            form.take(error)
        else:
            return go(f"/users/{quote(name, safe='')}?told=changed")
    return _show(me, parts().identity.users.get(name), form)


@users.post("/users/<name>/password")
def set_password(name: str) -> Response:
    """Give a user another password; their sessions end."""
    me = administrator()
    form = read_form(*_PASSWORD)
    try:
        parts().identity.users.set_password(name, form.text("password"), me.caller.name)
    except ParleyError as error:
        form.take(error)
        return _show(me, parts().identity.users.get(name), password_form=form)
    return go(f"/users/{quote(name, safe='')}?told=password")


@users.get("/users/<name>/delete")
def confirm(name: str) -> Response:
    """Ask whether it is meant."""
    administrator()
    return show("user_delete.html", user=parts().identity.users.get(name))


@users.post("/users/<name>/delete")
def delete(name: str) -> Response:
    """Delete a user, with their keys, clients, tokens and sessions."""
    me = administrator()
    read_form()
    parts().identity.users.delete(name, me.caller.name)
    return go("/users?told=deleted")


def _show(me: Visitor, user: User, form: Form | None = None, password_form: Form | None = None) -> Response:
    known = {
        "scopes": sorted(user.scopes),
        "models": [" ".join(sorted(user.models or ()))],
        "is_disabled": ["yes" if user.is_disabled else ""],
    }
    status = 400 if (form and form.errors) or (password_form and password_form.errors) else 200
    return show(
        "user.html",
        status,
        user=user,
        form=form or Form(_CHANGE, known),
        password_form=password_form or Form(_PASSWORD),
        scopes=me.scopes,
        told=request.args.get("told"),
    )
