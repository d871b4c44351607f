"""`python -m app import-model`: bring a model of another system along."""

import json
from pathlib import Path
from typing import Any, Final

import click

from ..bootstrap.old_models import wire_old_models
from ..domain.training_errors import UnimportableModelError
from ..settings import load_settings
from .terminal import models_dir_of, print_json, telling_errors, whoever_types

_HELP: Final = {"help_option_names": ["-h", "--help"]}
_OLD: Final = click.Path(exists=True, path_type=Path)

_READING: Final = (
    click.option("--matrix", type=click.Choice(["count", "binary", "freq", "tfidf"]), default="count",
                 help="What a Keras tokenizer made of a text; no file says so."),
    click.option("--padding", type=click.Choice(["pre", "post"]), default="pre", show_default=True,
                 help="Where texts that were too short were filled up."),
    click.option("--truncating", type=click.Choice(["pre", "post"]), default="pre", show_default=True,
                 help="Where texts that were too long were cut."),
    click.option("--abstain-unknown", is_flag=True,
                 help="Give no intent to a text of which nothing is known; the old systems gave one."),
)  # fmt: skip


def _with_reading(command: Any) -> Any:  # noqa: ANN401 - a decorator of click's
    for option in reversed(_READING):
        command = option(command)
    return command


@click.command("import-model", context_settings=_HELP)
@click.argument("folder", type=_OLD)
@click.argument("name")
@_with_reading
@click.option("--models-dir", type=click.Path(file_okay=False, path_type=Path), help="The registry.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def import_model(
    root: Path, /, folder: Path, name: str, models_dir: Path | None, *, as_json: bool, **reading: str | bool
) -> None:
    """
    Bring the model in FOLDER (or one .pkl file) into the registry under NAME.

    A Keras network with its tokenizer and labels, or a pickled pipeline of scikit-learn, is served as it was trained.
    Of data and configurations comes a configuration to train from. What cannot be brought is told, with exit code 2.
    """
    options = [f"--{key}={reading[key]}" for key in ("matrix", "padding", "truncating")]
    options += ["--abstain-unknown"] * bool(reading["abstain_unknown"])
    with telling_errors():
        brought = wire_old_models(load_settings(root, flags=models_dir_of(models_dir)), root).bring(
            folder, name, options, whoever_types()
        )
    version = brought.manifest.version if brought.manifest else None
    configuration = str(brought.configuration.relative_to(root)) if brought.configuration else None
    if as_json:
        print_json({"name": name, "version": version, "configuration": configuration, "notes": brought.notes})
        return
    for note in brought.notes:
        click.echo(note)
    if brought.manifest:
        click.echo(f"{name}: version {version}, {brought.manifest.facts.intents} intents")
    else:
        click.echo(f"{configuration} is written; train it: python train.py --model {name}")


@click.command("read-old-model", hidden=True, context_settings=_HELP)
@click.argument("folder", type=_OLD)
@click.argument("out", type=click.Path(file_okay=False, exists=True, path_type=Path))
@_with_reading
def read_old_model(folder: Path, out: Path, **reading: Any) -> None:  # noqa: ANN401
    """Read a model of another system, as a process of its own, and write the files of a version to OUT."""
    from ..bootstrap.reading_old_models import read_confined  # noqa: PLC0415 - what reads them is loaded here alone

    try:
        told = read_confined(folder, out, reading)
    except UnimportableModelError as error:
        told = {"source": error.source, "problem": error.problem}
    except (MemoryError, OSError) as error:
        told = {"source": folder.name, "problem": f"it could not be read ({type(error).__name__})"}
    click.echo(json.dumps(told))
