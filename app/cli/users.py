"""`python -m app users`: who is let in, beside the administrator."""

from pathlib import Path
from typing import Any, Final

import click

from ..domain.identity import User
from ..service.identity.user_changes import UNCHANGED
from .identity_options import (
    HELP,
    as_json,
    models,
    models_of,
    opened_identity,
    password_stdin,
    read_password,
    scopes,
    scopes_of,
    told,
)
from .terminal import print_json, print_table, whoever_types

_HEADINGS: Final = ("name", "scopes", "models", "since (UTC)", "")
_AT_ONCE: Final = 500


@click.group(context_settings=HELP)
def users() -> None:
    """Let people in, change what they may do, and shut them out."""


@users.command("list")
@as_json
@click.pass_obj
def list_users(root: Path, /, as_json: bool) -> None:  # noqa: FBT001 - as click gives them
    """Show all users."""
    found: list[User] = []
    with opened_identity(root) as identity:
        while page := identity.users.page(limit=_AT_ONCE, after=found[-1].name if found else None):
            found += page
    if as_json:
        print_json({"users": found})
    else:
        print_table(_HEADINGS, [_row(user) for user in found])


@users.command()
@click.argument("name")
@scopes
@models
@password_stdin
@as_json
@click.pass_obj
def add(  # noqa: PLR0913, PLR0917 - as click gives them
    root: Path,
    /,
    name: str,
    scopes: tuple[str, ...],
    models: tuple[str, ...],
    password_stdin: bool,  # noqa: FBT001
    as_json: bool,  # noqa: FBT001
) -> None:
    """Let somebody in, with a password that is asked for."""
    password = read_password(is_on_stdin=password_stdin)
    with opened_identity(root) as identity:
        user = identity.users.create(name, password, scopes_of(scopes), models_of(models), whoever_types())
    _tell(user, f"{name} may come in", is_json=as_json)


@users.command()
@click.argument("name")
@password_stdin
@click.pass_obj
def password(root: Path, /, name: str, password_stdin: bool) -> None:  # noqa: FBT001 - as click gives them
    """Give a user another password; their sessions end. Servers of this machine know it at once."""
    new = read_password(is_on_stdin=password_stdin)
    with opened_identity(root) as identity:
        identity.users.set_password(name, new, whoever_types())
    click.echo(f"{name} has another password")


@users.command()
@click.argument("name")
@scopes
@models
@click.option("--all-models", is_flag=True, help="May use all models.")
@as_json
@click.pass_obj
def change(  # noqa: PLR0913, PLR0917 - as click gives them
    root: Path,
    /,
    name: str,
    scopes: tuple[str, ...],
    models: tuple[str, ...],
    all_models: bool,  # noqa: FBT001
    as_json: bool,  # noqa: FBT001
) -> None:
    """Change what a user may do; what is not named stays."""
    chosen: Any = None if all_models else models_of(models) or UNCHANGED
    with opened_identity(root) as identity:
        user = identity.users.change(name, scopes=scopes_of(scopes) or None, models=chosen, by=whoever_types())
    _tell(user, f"{name} is changed", is_json=as_json)


@users.command()
@click.argument("name")
@as_json
@click.pass_obj
def disable(root: Path, /, name: str, as_json: bool) -> None:  # noqa: FBT001 - as click gives them
    """Shut a user out, with their keys, clients and sessions, until they are enabled again."""
    with opened_identity(root) as identity:
        user = identity.users.change(name, is_disabled=True, by=whoever_types())
    _tell(user, f"{name} is disabled", is_json=as_json)


@users.command()
@click.argument("name")
@as_json
@click.pass_obj
def enable(root: Path, /, name: str, as_json: bool) -> None:  # noqa: FBT001 - as click gives them
    """Let a user in again, one too who is locked out."""
    with opened_identity(root) as identity:
        user = identity.users.change(name, is_disabled=False, by=whoever_types())
    _tell(user, f"{name} may come in", is_json=as_json)


@users.command()
@click.argument("name")
@click.pass_obj
def delete(root: Path, /, name: str) -> None:
    """Delete a user with all that is theirs: keys, clients, tokens, sessions."""
    with opened_identity(root) as identity:
        identity.users.delete(name, whoever_types())
    click.echo(f"{name} is deleted")


def _tell(user: User, sentence: str, *, is_json: bool) -> None:
    if is_json:
        print_json({"user": user})
    else:
        click.echo(sentence)


def _row(user: User) -> tuple[object, ...]:
    since = None if user.created_at.timestamp() == 0 else f"{user.created_at:%Y-%m-%d %H:%M}"
    return user.name, told(user.scopes), told(user.models), since, "disabled" if user.is_disabled else None
