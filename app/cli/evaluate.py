"""`python -m app evaluate`: measure a published model on a test file."""

import sys
from pathlib import Path
from typing import Final

import click
import msgspec
from rich.console import Console

from ..bootstrap.serving import wire_models
from ..data.reader import DataFormat, read_dataset
from ..domain.errors import ParleyError
from ..domain.training_errors import UnusableDatasetError
from ..service.evaluate import evaluate as measure
from ..settings import load_settings
from .report_tables import print_figures

_UNUSABLE: Final = 2


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("model")
@click.option("--test", required=True, type=click.Path(dir_okay=False, path_type=Path), help="Examples to measure on.")
@click.option("--format", "data_format", type=click.Choice([f.value for f in DataFormat]), default="auto")
@click.option("--header/--no-header", default=None, help="Whether rows begin with a heading; else looked at.")
@click.option("--models-dir", type=click.Path(file_okay=False, path_type=Path), help="The registry.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of tables.")
@click.pass_obj
def evaluate(  # noqa: PLR0913, PLR0917 - one parameter an option, as click calls it
    root: Path,
    model: str,
    test: Path,
    data_format: str,
    header: bool | None,  # noqa: FBT001
    models_dir: Path | None,
    as_json: bool,  # noqa: FBT001
) -> None:
    """Measure MODEL (name, name@7 or name@alias) on the examples of a file."""
    try:
        flags = {"models_dir": models_dir and Path.cwd() / models_dir}
        models = wire_models(load_settings(root, flags=flags))
        loaded = models.load_one(model)
        dataset = read_dataset(test, DataFormat(data_format), header=header)
        if not dataset.examples:
            raise UnusableDatasetError(str(test), "no example")
    except ParleyError as error:
        Console(stderr=True, highlight=False).print(str(error), style="red", markup=False, soft_wrap=True)
        sys.exit(_UNUSABLE)
    figures = measure(loaded, dataset.examples)
    if as_json:
        content = {"model": loaded.name, "version": loaded.version, "test": figures}
        click.echo(msgspec.json.encode(content))
    else:
        print_figures(Console(highlight=False), f"{loaded.name} version {loaded.version}", figures)
