"""`/login` and `/logout`."""

from typing import Final

from flask import Response, request

from ...domain.errors import AuthenticationError
from .form import Field, Form, read_form
from .local_path import local_path
from .page import go, page_blueprint, show
from .parts import client_address, parts
from .session_cookie import VISIT_COOKIE, clear_cookie, set_cookie
from .visitor import maybe_visitor, visit_token

sign_in = page_blueprint("sign_in")

_FIELDS: Final = (Field("name", 64), Field("password", 4_096, is_secret=True), Field("next", 4_000))
_REFUSED: Final = (
    "This did not let you in. Look at the name and the password and try again. After several tries that were wrong, "
    "wait a while: until then, not even the right ones work."
)


@sign_in.get("/login")
def ask() -> Response:
    """Ask who it is; who is signed in goes on."""
    wanted = local_path(request.args.get("next"))
    if maybe_visitor() is not None:
        return go(wanted)
    return show("login.html", form=Form(_FIELDS, {"next": [wanted]}), token=visit_token())


@sign_in.post("/login")
def enter() -> Response:
    """Begin a session, under a secret that nobody knew before."""
    form = read_form(*_FIELDS)
    address = client_address()
    try:
        with parts().guesses.attempt(address):
            caller = parts().identity.check_password(form.text("name"), form.text("password"), address)
    except AuthenticationError:
        form.refuse("", _REFUSED)
        response = show("login.html", 401, form=form, token=visit_token())
        response.headers["WWW-Authenticate"] = 'Form realm="Parley"'  # no browser has a dialogue for it
        return response
    before = maybe_visitor()
    secret = parts().identity.sessions.begin(parts().identity.users.get(caller.user or caller.name))
    if before is not None:
        parts().identity.sessions.end(before.session)
    response = _go_on(local_path(form.text("next")))
    set_cookie(response, secret, is_secure=parts().is_secure)
    clear_cookie(response, VISIT_COOKIE, is_secure=parts().is_secure)
    return response


def _go_on(path: str) -> Response:
    """
    Send a browser on after it signed in.

    What a client asked wrongly is told on its own site. Browsers hold the policy of this page's form against that, so
    the form ends here, and they go on from a page.
    """
    if not path.startswith("/oauth/authorize"):
        return go(path)
    response = show("go_on.html", path=path)
    response.headers["Refresh"] = f"0; url={path}"
    return response


@sign_in.get("/logout")
def ask_whether_to_leave() -> Response:
    """Show a button: a link on another page must not sign anybody out."""
    return show("logout.html")


@sign_in.post("/logout")
def leave() -> Response:
    """End the session at once, here and at the server."""
    read_form()
    found = maybe_visitor()
    if found is not None:
        parts().identity.sessions.end(found.session)
    response = go("/login")
    clear_cookie(response, is_secure=parts().is_secure)
    return response
