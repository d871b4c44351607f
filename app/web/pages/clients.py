"""`/account/clients`: programs to which whoever is signed in lets the OAuth2 server give tokens."""

from typing import Final

from flask import Response, request

from ...domain.errors import ParleyError
from ...domain.identity import Client, ClientAuthentication, GrantType
from ...domain.identity_errors import UnknownIdentityError
from .form import Field, Form, read_form
from .page import go, page_blueprint, show, show_form
from .parts import parts
from .rights import chosen_models, chosen_scopes
from .visitor import Visitor, visitor

clients = page_blueprint("clients")

_FIELDS: Final = (
    Field("name", 100),
    Field("uri", 500),
    Field("grant_types", 40, is_list=True),
    Field("redirect_uris", 4_000, has_lines=True),
    Field("authentication", 40),
    Field("scopes", 20, is_list=True),
    Field("models", 2_000),
)
_OLD: Final = frozenset({GrantType.PASSWORD, GrantType.IMPLICIT})
_GRANTS: Final = {
    GrantType.CLIENT_CREDENTIALS: "The program itself, with its secret (client_credentials)",
    GrantType.AUTHORIZATION_CODE: "People who agree on a page (authorization_code)",
    GrantType.REFRESH_TOKEN: "New tokens without asking again (refresh_token)",
    GrantType.PASSWORD: "Old clients: the password of a user (password)",
    GrantType.IMPLICIT: "Old clients: a token in the address (implicit)",
}
_AUTHENTICATIONS: Final = {
    ClientAuthentication.BASIC: "Secret in the header (client_secret_basic)",
    ClientAuthentication.POST: "Secret in the body (client_secret_post)",
    ClientAuthentication.NONE: "No secret: it runs in a browser or on a phone (none)",
}


@clients.get("/account/clients")
def see() -> Response:
    """List the clients."""
    me = visitor()
    mine = sorted(parts().identity.clients.of(me.user), key=lambda one: (one.revoked_at is not None, one.created_at))
    return show("clients.html", clients=mine, told=request.args.get("told"))


@clients.get("/create_client")
def forward() -> Response:
    """Lead those on who know the address of an older system."""
    visitor()
    return go("/account/clients/new")


@clients.get("/account/clients/new")
def ask() -> Response:
    """Ask what a new client is."""
    begun = {
        "grant_types": [GrantType.CLIENT_CREDENTIALS.value],
        "authentication": [ClientAuthentication.BASIC.value],
        "scopes": ["predict"],
    }
    return _show(visitor(), Form(_FIELDS, begun))


@clients.post("/account/clients/new")
def register() -> Response:
    """Register a client, and show its secret for the only time."""
    me = visitor()
    form = read_form(*_FIELDS)
    made = _made(form, me)
    if made is None:
        return _show(me, form)
    client, secret = made
    return show("client_secret.html", client=client, secret=secret, is_new=True)


@clients.get("/account/clients/<client>/<any(rotate, revoke):deed>")
def confirm(client: str, deed: str) -> Response:
    """Ask whether it is meant."""
    return show(f"client_{deed}.html", client=_mine(visitor(), client))


@clients.post("/account/clients/<client>/rotate")
def rotate(client: str) -> Response:
    """Give a client a new secret, and show that for the only time."""
    me = visitor()
    read_form()
    found = _mine(me, client)
    secret = parts().identity.clients.rotate_secret(found.id, me.caller.name, user=me.user)
    return show("client_secret.html", client=found, secret=secret, is_new=False)


@clients.post("/account/clients/<client>/revoke")
def revoke(client: str) -> Response:
    """End a client and its tokens."""
    me = visitor()
    read_form()
    parts().identity.clients.revoke(client, me.caller.name, user=me.user)
    return go("/account/clients?told=revoked")


def _show(me: Visitor, form: Form) -> Response:
    old = parts().has_old_grants
    grants = {grant.value: told for grant, told in _GRANTS.items() if old or grant not in _OLD}
    kinds = {one.value: told for one, told in _AUTHENTICATIONS.items()}
    return show_form("client_form.html", form, scopes=me.scopes, grants=grants, authentications=kinds)


def _made(form: Form, me: Visitor) -> tuple[Client, str | None] | None:
    scopes, models = chosen_scopes(form, me), chosen_models(form, me)
    grants = frozenset(grant for grant in GrantType if grant in form.choices("grant_types"))
    if not form.text("name"):
        form.refuse("name", "Give it a name: people see it when they are asked to agree.")
    if not grants or len(grants) < len(set(form.choices("grant_types"))):
        form.refuse("grant_types", "Choose at least one of these.")
    if grants & _OLD and not parts().has_old_grants:
        form.refuse("grant_types", "Whoever runs this server has not allowed this.")
    if form.text("authentication") not in set(ClientAuthentication):
        form.refuse("authentication", "Choose one of these.")
    if form.errors:
        return None
    try:
        return parts().identity.clients.register(
            me.user,
            form.text("name"),
            scopes,
            models,
            grants,
            form.words("redirect_uris"),
            ClientAuthentication(form.text("authentication")),
            form.text("uri"),
            me.caller.name,
        )
    except ParleyError as error:
        form.take(error)
        return None


def _mine(me: Visitor, client: str) -> Client:
    for one in parts().identity.clients.of(me.user):
        if one.id == client:
            return one
    raise UnknownIdentityError("client", client)
