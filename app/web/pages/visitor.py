"""Who looks at a page, and whether a form comes from a page of theirs."""

import secrets
from typing import Final, NamedTuple, cast
from urllib.parse import quote, urlsplit

from flask import Response, abort, g, request

from ...domain.caller import Caller, Scope
from ...domain.page_errors import ForgedFormError
from ...service.identity.csrf import csrf_token, is_csrf_token
from .form import TOKEN_FIELD, check_form
from .parts import parts
from .session_cookie import VISIT_COOKIE, read_cookie, set_cookie

_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_OURS: Final = frozenset({"same-origin", "none"})
_PORTS: Final = {"http": ":80", "https": ":443"}


class Visitor(NamedTuple):
    """Somebody who is signed in."""

    caller: Caller
    session: str
    """The secret of the session."""

    @property
    def user(self) -> str:
        """The name of the user."""
        return self.caller.user or self.caller.name

    @property
    def is_administrator(self) -> bool:
        """Whether they may look after others."""
        return Scope.ADMIN in self.caller.scopes

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """What they may hand on: nobody gives more than they have."""
        return tuple(Scope) if self.is_administrator else tuple(scope for scope in Scope if scope in self.caller.scopes)


def meet() -> None:
    """
    Find out who looks at a page, before it is made; who changes something must do it by a form of ours.

    Raises:
        ForgedFormError: the form came from elsewhere.
        UnsupportedMediaTypeError: what was sent is no form.
        StorageUnavailableError: sessions cannot be looked up now.
    """
    secret = read_cookie(request.headers.get("Cookie"), is_secure=parts().is_secure)
    caller = parts().identity.sessions.check(secret) if secret else None
    g.visitor = Visitor(caller, secret) if caller and secret else None
    g.caller_name = caller.name if caller else None
    if request.method not in _SAFE:
        check_form()
        _insist_on_our_form()


def visitor() -> Visitor:
    """Give who is signed in; who is not is sent to the page for it, and comes back from there."""
    found = maybe_visitor()
    if found is None:
        if request.method not in _SAFE:
            raise ForgedFormError
        came_for = request.full_path.removesuffix("?")
        abort(Response(status=303, headers={"Location": f"/login?next={quote(came_for, safe='/')}"}))
    return found


def maybe_visitor() -> Visitor | None:
    """Give who is signed in, or None."""
    return cast("Visitor | None", g.get("visitor"))


def administrator() -> Visitor:
    """
    Give who is signed in, where it is an administrator.

    Raises:
        MissingScopeError: it is somebody else.
    """
    found = visitor()
    found.caller.require(Scope.ADMIN)
    return found


def form_token() -> str:
    """Give what forms of this session carry."""
    found = maybe_visitor()
    return csrf_token(found.session) if found else ""


def visit_token() -> str:
    """Give what the sign-in form carries, before there is a session: it is derived from a cookie of its own."""
    visit = _visit()
    if visit is None:
        g.new_visit = visit = g.get("new_visit") or secrets.token_urlsafe(32)
    return csrf_token(visit)


def keep_visit(response: Response) -> None:
    """Have the browser keep the cookie of the sign-in form, where it is new."""
    if "new_visit" in g:
        set_cookie(response, g.new_visit, VISIT_COOKIE, is_secure=parts().is_secure)


def _visit() -> str | None:
    return read_cookie(request.headers.get("Cookie"), VISIT_COOKIE, is_secure=parts().is_secure)


def _insist_on_our_form() -> None:
    found = maybe_visitor()
    is_sign_in = request.endpoint == "sign_in.enter"
    secret = _visit() if is_sign_in else found.session if found else None
    shown = request.form.getlist(TOKEN_FIELD)
    if secret is None or len(shown) != 1 or not is_csrf_token(secret, shown[0]) or _is_sent_by_another_site():
        raise ForgedFormError


def _is_sent_by_another_site() -> bool:
    """Say what the browser knows of it: current ones tell over TLS which kind of site it was, others its origin."""
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site is not None:
        return site not in _OURS
    if origin is None:
        return False
    scheme, host = urlsplit(origin)[:2] if origin.isascii() else ("", "")
    return host.lower().removesuffix(_PORTS.get(scheme, "")) != request.host.lower().removesuffix(
        _PORTS.get(scheme, "")
    )
