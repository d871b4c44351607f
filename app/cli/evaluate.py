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
from ..domain.example import inputs_of
from ..domain.training_errors import UnusableDatasetError
from ..evaluation.entity_figures import measure_marked
from ..evaluation.figures import measure
from ..evaluation.html_report import report_html
from ..evaluation.out_of_scope import measure_out_of_scope
from ..evaluation.report import Report
from ..evaluation.score_curves import measure_scores
from ..settings import load_settings
from .report_tables import print_entities, print_figures, print_out_of_scope, print_scores

_UNUSABLE: Final = 2


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("model")
@click.option("--test", required=True, type=click.Path(dir_okay=False, path_type=Path), help="Examples to measure on.")
@click.option("--format", "data_format", type=click.Choice([f.value for f in DataFormat]), default="auto")
@click.option("--header/--no-header", default=None, help="Whether rows begin with a heading; else looked at.")
@click.option("--models-dir", type=click.Path(file_okay=False, path_type=Path), help="The registry.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of tables.")
@click.option("--html", "page", type=click.Path(dir_okay=False, path_type=Path), help="Write a page with the curves.")
@click.pass_obj
def evaluate(  # noqa: PLR0913, PLR0917 - one parameter an option, as click calls it
    root: Path,
    model: str,
    test: Path,
    data_format: str,
    header: bool | None,  # noqa: FBT001
    models_dir: Path | None,
    as_json: bool,  # noqa: FBT001
    page: Path | None,
) -> None:
    """
    Measure MODEL (name, name@7 or name@alias) on the examples of a file.

    Texts of the file that are out of scope are measured by themselves: how many were left without an intent.
    """
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
    intents = [example.intent for example in dataset.examples]
    predictions = loaded.pipeline.predict(inputs_of(dataset.examples), top_k=len(loaded.pipeline.label_encoder))
    figures, scores = measure(intents, predictions), measure_scores(intents, predictions)
    outside = dataset.out_of_scope
    out_of_scope = measure_out_of_scope(loaded.pipeline.predict(outside, top_k=1)) if outside else None
    entities = measure_marked(loaded.pipeline.entities, dataset.examples)
    name = f"{loaded.name} version {loaded.version}"
    if page is not None:
        report = Report(
            name, loaded.pipeline.config.family, None, figures, [], out_of_scope=out_of_scope, entities=entities
        )
        page.write_bytes(report_html(report, scores))
    if as_json:
        measured = {"test": figures, "scores": scores, "out_of_scope": out_of_scope, "entities": entities}
        click.echo(msgspec.json.encode({"model": loaded.name, "version": loaded.version, **measured}))
        return
    console = Console(highlight=False)
    print_figures(console, name, figures)
    print_scores(console, scores)
    if out_of_scope:
        print_out_of_scope(console, out_of_scope)
    if entities:
        print_entities(console, entities)
