"""`python -m app models`: look at versions, and change which one answers."""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, Concatenate, ParamSpec

import click

from ..bootstrap.registry import wire_registry
from ..bootstrap.versions import wire_versions
from ..domain.model_reference import ACTIVE, ModelReference
from ..service.versions import Versions, VersionSummary
from ..settings import Settings, load_settings
from .terminal import models_dir_of, print_aliases, print_json, print_table, telling_errors, whoever_types

_P = ParamSpec("_P")
_HELP = {"help_option_names": ["-h", "--help"]}


@click.group(context_settings=_HELP)
@click.option("--models-dir", type=click.Path(file_okay=False, path_type=Path), help="The registry.")
@click.pass_context
def models(context: click.Context, models_dir: Path | None) -> None:
    """Look at models and their versions, and change which version answers."""
    with telling_errors():
        context.obj = load_settings(context.obj, flags=models_dir_of(models_dir))


def models_command(name: str) -> Callable[[Callable[Concatenate[Versions, _P], None]], click.Command]:
    """Make a command of a function that is given the use cases first; errors end it with their sentence."""

    def make(run: Callable[Concatenate[Versions, _P], None]) -> click.Command:
        @wraps(run)
        def typed(settings: Settings, /, *args: _P.args, **options: _P.kwargs) -> None:
            with telling_errors():
                run(wire_versions(settings), *args, **options)

        return models.command(name, context_settings=_HELP)(click.pass_obj(typed))

    return make


as_json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
_number = click.IntRange(1, 999_999_999)


@models.command("list", context_settings=_HELP)
@as_json_option
@click.pass_obj
def list_models(settings: Settings, *, as_json: bool) -> None:
    """List every model of the registry."""
    with telling_errors():
        versions = wire_versions(settings)
        found = [_model(versions, name) for name in wire_registry(settings).names()]
    if as_json:
        print_json({"models": found})
    else:
        print_table(("model", "active", "versions", "aliases"), [tuple(one.values()) for one in found])


@models_command("versions")
@click.argument("name")
@as_json_option
def list_versions(versions: Versions, name: str, *, as_json: bool) -> None:
    """List the versions of a model, the newest first."""
    found = [_version(one) for one in reversed(versions.versions_of(name))]
    if as_json:
        print_json({"name": name, "aliases": versions.aliases(name), "versions": found})
        return
    rows = [(*list(one.values())[:-2], _accuracy(one["metrics"]), one["error"]) for one in found]
    headings = ("version", "aliases", "family", "intents", "examples", "created", "job", "parent", "accuracy", "")
    print_table(headings, [tuple(", ".join(c) if isinstance(c, list) else c for c in row) for row in rows])


@models_command("activate")
@click.argument("name")
@click.argument("version", type=_number)
@click.option("--force", is_flag=True, help="Whatever the gate finds; it is kept in the audit log.")
@as_json_option
def activate(versions: Versions, name: str, version: int, *, force: bool, as_json: bool) -> None:
    """Let a version answer, where the gate lets it; 1 where not, with what is worse."""
    print_aliases(name, versions.activate(name, version, whoever_types(), force=force), as_json=as_json)


@models_command("rollback")
@click.argument("name")
@as_json_option
def rollback(versions: Versions, name: str, *, as_json: bool) -> None:
    """Let the version answer that did before."""
    print_aliases(name, versions.roll_back(name, whoever_types()), as_json=as_json)


@models_command("alias")
@click.argument("name")
@click.argument("alias")
@click.argument("version", type=_number, required=False)
@click.option("--remove", is_flag=True, help="Let it mean nothing any more.")
@as_json_option
def set_alias(  # noqa: PLR0913, PLR0917 - one parameter an option, as click calls it
    versions: Versions,
    name: str,
    alias: str,
    version: int | None,
    remove: bool,  # noqa: FBT001
    as_json: bool,  # noqa: FBT001
) -> None:
    """Let an alias of your own, such as staging, mean a version."""
    if remove == (version is not None):
        raise click.UsageError("give a version, or --remove")
    if version is None:
        aliases = versions.remove_alias(name, alias, whoever_types())
    else:
        aliases = versions.set_alias(name, alias, version, whoever_types())
    print_aliases(name, aliases, as_json=as_json)


@models_command("delete")
@click.argument("name")
@click.argument("version", type=_number)
@as_json_option
def delete(versions: Versions, name: str, version: int, *, as_json: bool) -> None:
    """Delete a version that no alias means."""
    print_aliases(name, versions.delete(name, version, whoever_types()), as_json=as_json)


@models_command("export")
@click.argument("model")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def export(versions: Versions, model: str, file: Path) -> None:
    """Write a version (name, name@7 or name@alias) to one archive, which must not be there yet."""
    name = ModelReference.parse(model).name
    version = versions.number(name, model.partition("@")[2] or ACTIVE)
    with file.open("xb") as archive:
        try:
            versions.export(name, version, whoever_types(), archive)
        except BaseException:
            file.unlink()
            raise
    click.echo(f"{name}@{version} is in {file}")


@models_command("import")
@click.argument("name")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--activate/--no-activate", default=None, help="Absent: only where no version of the model is active.")
@as_json_option
def import_(versions: Versions, name: str, file: Path, *, activate: bool | None, as_json: bool) -> None:
    """Publish the version of an archive as the next one of a model, new or not."""
    with file.open("rb") as archive:
        manifest, aliases = versions.import_(name, archive, whoever_types(), activate=activate)
    if as_json:
        print_json({"name": name, "version": manifest.version, "aliases": aliases})
    else:
        click.echo(f"version {manifest.version}")
        print_aliases(name, aliases, as_json=False)


@models.command("sign", context_settings=_HELP)
@click.argument("name")
@click.pass_obj
def sign(settings: Settings, name: str) -> None:
    """Sign every version of a model with `signing_key`, for those published before there was one, or by another."""
    if settings.signing_key is None:
        raise click.UsageError("set PARLEY_SIGNING_KEY: there is no key to sign with")
    with telling_errors():
        signed = wire_versions(settings).sign(name, whoever_types())
    click.echo(f"signed {name}: {', '.join(map(str, signed)) or 'no version'}")


def _model(versions: Versions, name: str) -> dict[str, Any]:
    found = versions.versions_of(name)
    aliases = versions.aliases(name)
    told = ", ".join(f"{alias} {version}" for alias, version in sorted(aliases.items()))
    return {"name": name, "active": aliases.get(ACTIVE), "versions": len(found), "aliases": told}


def _version(one: VersionSummary) -> dict[str, Any]:
    facts = one.facts
    keys = ("family", "intents", "examples", "created_at", "job", "parent", "metrics")
    of_facts = {key: getattr(facts, key) if facts else None for key in keys}
    return {"version": one.version, "aliases": list(one.aliases), **of_facts, "error": one.problem}


def _accuracy(metrics: dict[str, dict[str, float] | None] | None) -> str | None:
    measured = metrics and (metrics.get("test") or metrics.get("validation"))
    return f"{measured['accuracy']:.1%}" if measured else None
