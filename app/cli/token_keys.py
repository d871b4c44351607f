"""`python -m app token-keys`: the keys that access tokens are signed with."""

from pathlib import Path

import click
import msgspec

from ..bootstrap.oauth import open_token_keys
from ..settings import load_settings
from .refusals import told_refusals


@click.group("token-keys", context_settings={"help_option_names": ["-h", "--help"]})
def token_keys() -> None:
    """The keys that access tokens are signed with (`token_format: jwt`)."""


@token_keys.command("list")
@click.pass_obj
def list_keys(root: Path, /) -> None:
    """Print the public halves, the newest first, as a JSON Web Key Set."""
    with told_refusals():
        click.echo(msgspec.json.encode({"keys": open_token_keys(load_settings(root)).public()}))


@token_keys.command()
@click.pass_obj
def rotate(root: Path, /) -> None:
    """Sign with a new key from now on; the old one is accepted until its last token has expired."""
    with told_refusals():
        click.echo(open_token_keys(load_settings(root)).rotate())
