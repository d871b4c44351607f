"""`/account`: who am I, my password, my sessions."""

from typing import Final

from flask import Response, request

from ...domain.errors import AuthenticationError, ParleyError
from .form import Field, Form, read_form
from .page import go, page_blueprint, show, show_form
from .parts import client_address, parts
from .session_cookie import clear_cookie, set_cookie
from .visitor import visitor

account = page_blueprint("account")

_PASSWORDS: Final = (
    Field("old", 1_000, is_secret=True),
    Field("password", 1_000, is_secret=True),
    Field("again", 1_000, is_secret=True),
)


@account.get("/account")
def see() -> Response:
    """Show who is signed in and what they may do."""
    return show("account.html", me=visitor(), told=request.args.get("told"))


@account.post("/account/sessions/end")
def leave_everywhere() -> Response:
    """End all sessions of whoever asks, this one too."""
    me = visitor()
    read_form()
    parts().identity.sessions.end_all(me.user)
    response = go("/login")
    clear_cookie(response, is_secure=parts().is_secure)
    return response


@account.get("/account/password")
def ask_for_password() -> Response:
    """Ask for the old and the new password."""
    visitor()
    return show("password.html", form=Form(_PASSWORDS))


@account.post("/account/password")
def change_password() -> Response:
    """Change it; all sessions end, and this browser gets a new one."""
    me = visitor()
    form = read_form(*_PASSWORDS)
    if form.text("password") != form.text("again"):
        form.refuse("again", "This is not the same as the new password.")
        return show_form("password.html", form)
    address = client_address()
    try:
        with parts().guesses.attempt(address):
            parts().identity.users.change_password(me.user, form.text("old"), form.text("password"), address)
    except AuthenticationError:
        form.refuse("old", "This is not your password.")
    except ParleyError as error:
        form.take(error)
    else:
        return _with_new_session(me.user)
    return show_form("password.html", form)


def _with_new_session(user: str) -> Response:
    parts().identity.sessions.end_all(user)
    response = go("/account?told=password")
    set_cookie(response, parts().identity.sessions.begin(parts().identity.users.get(user)), is_secure=parts().is_secure)
    return response
