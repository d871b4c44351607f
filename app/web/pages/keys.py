"""`/account/keys`: API keys of whoever is signed in."""

from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from flask import Response, request

from ...domain.errors import ParleyError
from ...domain.identity import Key
from ...domain.identity_errors import UnknownIdentityError
from .form import Field, Form, read_form
from .page import go, page_blueprint, show, show_form
from .parts import parts
from .rights import chosen_day, chosen_models, chosen_scopes
from .visitor import Visitor, visitor

keys = page_blueprint("keys")

_FIELDS: Final = (
    Field("label", 100),
    Field("scopes", 20, is_list=True),
    Field("models", 2_000),
    Field("expires_at", 10),
    Field("origins", 2_000, has_lines=True),
)
_USUAL_LIFE: Final = timedelta(days=90)


@keys.get("/account/keys")
def see() -> Response:
    """List the keys, and what they may do."""
    me = visitor()
    now = datetime.now(UTC)
    mine = sorted(parts().identity.keys.of(me.user), key=lambda key: (key.revoked_at is not None, key.created_at))
    return show("keys.html", keys=mine, now=now, told=request.args.get("told"))


@keys.get("/account/keys/new")
def ask() -> Response:
    """Ask what a new key is for."""
    me = visitor()
    expires_at = (datetime.now(UTC) + _USUAL_LIFE).date().isoformat()
    form = Form(_FIELDS, {"scopes": ["predict"], "expires_at": [expires_at]})
    return show("key_form.html", form=form, scopes=me.scopes)


@keys.post("/account/keys/new")
def create() -> Response:
    """Make a key, and show it for the only time."""
    me = visitor()
    form = read_form(*_FIELDS)
    made = _made(form, me)
    if made is None:
        return show_form("key_form.html", form, scopes=me.scopes)
    key, secret = made
    return show("key_secret.html", key=key, secret=secret, is_new=True)


@keys.get("/account/keys/<uuid:key>/<any(rotate, revoke):deed>")
def confirm(key: UUID, deed: str) -> Response:
    """Ask whether it is meant."""
    return show(f"key_{deed}.html", key=_mine(visitor(), key))


@keys.post("/account/keys/<uuid:key>/rotate")
def rotate(key: UUID) -> Response:
    """Replace a key by one that may do the same, and show that for the only time."""
    me = visitor()
    read_form()
    new, secret = parts().identity.keys.rotate(key, me.caller.name, user=me.user)
    return show("key_secret.html", key=new, secret=secret, is_new=False)


@keys.post("/account/keys/<uuid:key>/revoke")
def revoke(key: UUID) -> Response:
    """End a key."""
    me = visitor()
    read_form()
    parts().identity.keys.revoke(key, me.caller.name, user=me.user)
    return go("/account/keys?told=revoked")


def _made(form: Form, me: Visitor) -> tuple[Key, str] | None:
    scopes, models = chosen_scopes(form, me), chosen_models(form, me)
    expires_at = chosen_day(form, "expires_at")
    origins = frozenset(form.words("origins")) or None
    if not form.text("label"):
        form.refuse("label", "Give it a name, so that you know later what uses it.")
    if form.errors:
        return None
    try:
        return parts().identity.keys.create(
            me.user, form.text("label"), scopes, models, origins, expires_at, me.caller.name
        )
    except ParleyError as error:
        form.take(error)
        return None


def _mine(me: Visitor, key: UUID) -> Key:
    for one in parts().identity.keys.of(me.user):
        if one.id == key:
            return one
    raise UnknownIdentityError("key", str(key))
