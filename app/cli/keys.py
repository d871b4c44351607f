"""`python -m app keys`: API keys, for programs."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

import click

from ..domain.identity import Key
from .identity_options import HELP, as_json, models, models_of, opened_identity, print_secret, scopes, scopes_of, told
from .terminal import print_json, print_table, whoever_types

_HEADINGS: Final = (
    "id",
    "begins with",
    "label",
    "user",
    "scopes",
    "models",
    "origins",
    "expires (UTC)",
    "used (UTC)",
    "",
)


@click.group(context_settings=HELP)
def keys() -> None:
    """Make keys for programs, and take them back."""


@keys.command("list")
@click.option("--user", help="Of this user.")
@as_json
@click.pass_obj
def list_keys(root: Path, /, user: str | None, as_json: bool) -> None:  # noqa: FBT001 - as click gives them
    """Show keys, in the order they were made."""
    with opened_identity(root) as identity:
        found = identity.keys.all() if user is None else identity.keys.of(user)
    if as_json:
        print_json({"keys": found})
    else:
        print_table(_HEADINGS, [_row(key) for key in found])


@keys.command()
@click.argument("user")
@click.argument("label")
@scopes
@models
@click.option(
    "--origin", "origins", multiple=True, help="Pages of this origin may send it; repeatable. None: no browser."
)
@click.option("--expires-in", "days", type=click.IntRange(1, 36_500), help="Days that it is of use. None: for good.")
@as_json
@click.pass_obj
def create(  # noqa: PLR0913, PLR0917 - as click gives them
    root: Path,
    /,
    user: str,
    label: str,
    scopes: tuple[str, ...],
    models: tuple[str, ...],
    origins: tuple[str, ...],
    days: int | None,
    as_json: bool,  # noqa: FBT001
) -> None:
    """Make a key of a user, and print it once."""
    expires_at = None if days is None else datetime.now(UTC) + timedelta(days=days)
    pages = frozenset(origins) or None
    with opened_identity(root) as identity:
        key, secret = identity.keys.create(
            user, label, scopes_of(scopes), models_of(models), pages, expires_at, whoever_types()
        )
    print_secret("key", key, secret, is_json=as_json)


@keys.command()
@click.argument("key_id", metavar="ID", type=click.UUID)
@as_json
@click.pass_obj
def rotate(root: Path, /, key_id: UUID, as_json: bool) -> None:  # noqa: FBT001 - as click gives them
    """Give a key another secret, and print it once; the one before is of no use from now on."""
    with opened_identity(root) as identity:
        key, secret = identity.keys.rotate(key_id, whoever_types())
    print_secret("key", key, secret, is_json=as_json)


@keys.command()
@click.argument("key_id", metavar="ID", type=click.UUID)
@click.pass_obj
def revoke(root: Path, /, key_id: UUID) -> None:
    """Let a key be of no use from now on."""
    with opened_identity(root) as identity:
        identity.keys.revoke(key_id, whoever_types())
    click.echo("revoked")


def _row(key: Key) -> tuple[object, ...]:
    origins = None if key.origins is None else told(key.origins)
    state = "revoked" if key.revoked_at else None
    of_key = (key.id, f"prl_{key.prefix}_", key.label, key.user, told(key.scopes), told(key.models), origins)
    return *of_key, _time(key.expires_at), _time(key.last_used_at), state


def _time(time: datetime | None) -> str | None:
    return None if time is None else f"{time:%Y-%m-%d %H:%M}"
