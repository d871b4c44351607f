"""`python -m app clients`: programs that the OAuth2 server gives tokens to."""

from pathlib import Path
from typing import Final

import click

from ..domain.identity import Client, ClientAuthentication, GrantType
from .identity_options import HELP, as_json, models, models_of, opened_identity, print_secret, scopes, scopes_of, told
from .terminal import print_json, print_table, whoever_types

_HEADINGS: Final = ("id", "name", "user", "scopes", "models", "grants", "authentication", "")


@click.group(context_settings=HELP)
def clients() -> None:
    """Register clients of the OAuth2 server, and take them back."""


@clients.command("list")
@click.option("--user", help="Of this user.")
@as_json
@click.pass_obj
def list_clients(root: Path, /, user: str | None, as_json: bool) -> None:  # noqa: FBT001 - as click gives them
    """Show clients, in the order they were registered."""
    with opened_identity(root) as identity:
        found = identity.clients.all() if user is None else identity.clients.of(user)
    if as_json:
        print_json({"clients": found})
    else:
        print_table(_HEADINGS, [_row(client) for client in found])


@clients.command()
@click.argument("user")
@click.argument("name")
@scopes
@models
@click.option(
    "--grant",
    "grants",
    multiple=True,
    type=click.Choice([grant.value for grant in GrantType]),
    help="Gets tokens so; repeatable.",
)
@click.option("--redirect-uri", "redirect_uris", multiple=True, help="People may be sent back to it; repeatable.")
@click.option(
    "--authentication",
    type=click.Choice([way.value for way in ClientAuthentication]),
    default=ClientAuthentication.BASIC.value,
    show_default=True,
    help="How it proves who it is; none: a public client.",
)
@click.option("--uri", default="", help="Of a page that says what it is.")
@as_json
@click.pass_obj
def register(  # noqa: PLR0913, PLR0917 - as click gives them
    root: Path,
    /,
    user: str,
    name: str,
    scopes: tuple[str, ...],
    models: tuple[str, ...],
    grants: tuple[str, ...],
    redirect_uris: tuple[str, ...],
    authentication: str,
    uri: str,
    as_json: bool,  # noqa: FBT001
) -> None:
    """Register a client of a user, and print its secret once; its id is shown on standard error."""
    with opened_identity(root) as identity:
        client, secret = identity.clients.register(
            user,
            name,
            scopes_of(scopes),
            models_of(models),
            frozenset(map(GrantType, grants)),
            redirect_uris,
            ClientAuthentication(authentication),
            uri,
            whoever_types(),
        )
    click.echo(f"client {client.id}", err=True)
    print_secret("client", client, secret, is_json=as_json)


@clients.command()
@click.argument("client_id", metavar="ID")
@as_json
@click.pass_obj
def rotate(root: Path, /, client_id: str, as_json: bool) -> None:  # noqa: FBT001 - as click gives them
    """Give a client another secret, and print it once; the one before is of no use from now on."""
    with opened_identity(root) as identity:
        client, secret = identity.clients.rotate_secret(client_id, whoever_types())
    print_secret("client", client, secret, is_json=as_json)


@clients.command()
@click.argument("client_id", metavar="ID")
@click.pass_obj
def revoke(root: Path, /, client_id: str) -> None:
    """Let a client and its tokens be of no use from now on."""
    with opened_identity(root) as identity:
        identity.clients.revoke(client_id, whoever_types())
    click.echo("revoked")


def _row(client: Client) -> tuple[object, ...]:
    rights = told(client.scopes), told(client.models), told(frozenset(client.grant_types))
    state = "revoked" if client.revoked_at else None
    return client.id, client.name, client.user, *rights, client.authentication, state
