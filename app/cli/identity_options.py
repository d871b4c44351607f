"""What the commands about users, keys and clients have in common."""

import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from ..bootstrap.identity import wire_identity
from ..domain.caller import Scope
from ..service.identity.identity import Identity
from ..settings import load_settings
from .terminal import print_json, telling_errors

F = TypeVar("F", bound=Callable[..., Any])

HELP: Final = {"help_option_names": ["-h", "--help"]}

as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead.")
scopes = click.option(
    "--scope",
    "scopes",
    multiple=True,
    type=click.Choice([scope.value for scope in Scope]),
    help="May do this; repeatable.",
)
models = click.option("--model", "models", multiple=True, help="May use this model; repeatable. None named: all.")
password_stdin = click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")


@contextmanager
def opened_identity(root: Path) -> Iterator[Identity]:
    """Give what knows callers, or end with a sentence; servers of this machine know of every change at once."""
    with telling_errors(), closing(wire_identity(load_settings(root))) as identity:
        yield identity


def scopes_of(given: tuple[str, ...]) -> frozenset[Scope]:
    """Give the scopes that were typed."""
    return frozenset(map(Scope, given))


def models_of(given: tuple[str, ...]) -> frozenset[str] | None:
    """Give the models that were typed; None: all."""
    return frozenset(given) or None


def read_password(*, is_on_stdin: bool) -> str:
    """Read a new password: from standard input, or from the terminal, twice and without showing it."""
    if is_on_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    return str(click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))


def told(names: frozenset[str] | None) -> str:
    """Write a list for a table."""
    return "all" if names is None else " ".join(sorted(names))


def print_secret(what: str, thing: object, secret: str | None, *, is_json: bool) -> None:
    """Print what was made with its secret: once, for it is kept nowhere."""
    if is_json:
        print_json({what: thing, "secret": secret})
    elif secret is not None:
        click.echo(secret)
    if secret is not None:
        click.echo(f"This is the secret of the {what}. It is shown this once and kept nowhere: put it away.", err=True)
