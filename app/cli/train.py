"""`train.py`: train models offline."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from ..bootstrap.training import Training, wire_training
from ..data.reader import DataFormat
from ..domain.configuration_errors import NotYamlError
from ..domain.damage_errors import DamagedModelError
from ..domain.errors import ModelUnavailableError, ParleyError, UnwritableRegistryError
from ..domain.job import Activation, TrainingMode
from ..domain.served import NotServedError
from ..domain.training_errors import CannotContinueError, DatasetError, TrainingError
from ..domain.version_errors import ConflictError
from ..settings import load_settings
from ..text.plain_yaml import read_yaml
from .report_tables import print_entities, print_figures, print_out_of_scope

if TYPE_CHECKING:
    from ..networks.network_plan import Epoch
    from ..planning.check import CheckedPlan
    from ..training.train_model import TrainedModel

_FAILED: Final = 1
_UNUSABLE: Final = 2  # also click's own code for a wrong call
_WARNINGS_SHOWN: Final = 20


class _Order(NamedTuple):
    """What is to be trained, and the version that it is to continue from, where it is one."""

    checked: "CheckedPlan"
    base: int | None = None


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("more", nargs=-1, metavar="[NAME]...")
@click.option("--model", "models", multiple=True, metavar="NAME", help="Train these; further names may follow.")
@click.option(
    "--mode",
    type=click.Choice(["full", "incremental"]),
    default="full",
    help="incremental: add the data to what the active version knows.",
)
@click.option(
    "--activate",
    type=click.Choice([activation.value for activation in Activation]),
    default=Activation.YES.value,
    help="Whether the new version is to answer.",
)
@click.option("--ungated", is_flag=True, help="Let it answer even where it does worse than the one before.")
@click.option("--force", is_flag=True, help="Train also what has not changed.")
@click.option("--data", type=click.Path(dir_okay=False), help="Training data, for one model.")
@click.option("--test", type=click.Path(dir_okay=False), help="Test data, for one model.")
@click.option("--out-of-scope", type=click.Path(dir_okay=False), help="Texts that no intent is meant for.")
@click.option("--format", "data_format", type=click.Choice([one.value for one in DataFormat]))
@click.option("--header/--no-header", default=None, help="Whether rows begin with a heading; else looked at.")
@click.option("--family", help="Instead of the configuration's.")
@click.option("--set", "sets", multiple=True, metavar="KEY=VALUE", help="A hyper-parameter, e.g. training.epochs=20.")
@click.option("--seed", type=int, help="Short for --set training.seed=N.")
@click.option("--models-dir", type=click.Path(file_okay=False), help="The registry.")
@click.option("--tensorboard", type=click.Path(file_okay=False, path_type=Path), help="Write event logs below this.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of tables.")
@click.pass_obj
def train(root: Path, /, more: tuple[str, ...], models: tuple[str, ...], **options: Any) -> None:  # noqa: ANN401 - as click gives them
    """
    Train models and publish them to the registry, from nothing or on from the version that is active.

    Without a name: every model of config/models/ that has changed or is missing. Errors in configurations or data
    end it with exit code 2 before anything is trained; a failed training ends it with 1.
    """
    console = Console(stderr=options["as_json"], highlight=False)
    try:
        cwd = Path.cwd()
        models_dir = options["models_dir"] and cwd / options["models_dir"]
        training = wire_training(load_settings(root, flags={"models_dir": models_dir}), root)
        names = list(dict.fromkeys([*models, *more])) or training.configured()
        orders = _check(training, names, options, cwd)
    except ParleyError as error:
        Console(stderr=True, highlight=False).print(str(error), style="red", markup=False, soft_wrap=True)
        sys.exit(_UNUSABLE)
    for order in orders:
        _print_warnings(order.checked)
    current = [] if options["force"] else [order for order in orders if training.is_current(order.checked, order.base)]
    changed = [order for order in orders if order not in current]
    trained, failures = _train_all(training, changed, console, options)
    unchanged = [order.checked.name for order in current]
    if options["as_json"]:
        print(json.dumps({"models": [_summary(model) for model in trained], "unchanged": unchanged}))  # noqa: T201
    elif unchanged:
        console.print(f"unchanged: {', '.join(unchanged)} (--force trains them all the same)", markup=False)
    for failure in failures:
        Console(stderr=True, highlight=False).print(str(failure), style="red", markup=False, soft_wrap=True)
    if failures:
        sys.exit(_FAILED)


def _train_all(
    training: Training, orders: "list[_Order]", console: Console, options: dict[str, Any]
) -> "tuple[list[TrainedModel], list[ParleyError]]":
    """Train one after the other; a model that fails takes no other along."""
    trained: list[TrainedModel] = []
    failures: list[ParleyError] = []
    for order in orders:
        try:
            trained.append(_train(training, order, console, options))
        except (
            TrainingError,
            CannotContinueError,
            DatasetError,
            DamagedModelError,
            ModelUnavailableError,
            UnwritableRegistryError,
            ConflictError,
            NotServedError,
        ) as error:
            failures.append(error)
    return trained, failures


def _changes(options: dict[str, Any], n_models: int) -> dict[str, Any]:
    keys = {"data_format": "format"} | {key: key for key in ("data", "test", "out_of_scope", "header", "family")}
    changes = {key: options[option] for option, key in keys.items() if options[option] is not None}
    of_one_model = ("--data", "--test", "--out-of-scope", "--format", "--header")
    if n_models != 1 and changes.keys() & {flag[2:].replace("-", "_") for flag in of_one_model}:
        raise click.UsageError(f"{', '.join(of_one_model)} belong to one model: name it with --model")
    return changes


def _sets(options: dict[str, Any]) -> list[tuple[str, Any]]:
    sets = []
    for text in options["sets"]:
        key, equals, value = text.partition("=")
        if not equals or not key:
            raise click.UsageError(f"--set {text}: expected KEY=VALUE")
        try:
            sets.append((key, read_yaml(value)))
        except NotYamlError:
            raise click.UsageError(f"--set {text}: the value is not YAML") from None
    if options["seed"] is not None:
        sets.append(("training.seed", options["seed"]))
    return sets


def _check(training: Training, names: list[str], options: dict[str, Any], cwd: Path) -> "list[_Order]":
    if not names:
        raise click.UsageError("there is no configuration in config/models/ and no --model")
    changes, sets = _changes(options, len(names)), _sets(options)
    if options["mode"] == TrainingMode.INCREMENTAL:
        return [_Order(*training.check_further(name, changes, sets, cwd)) for name in names]
    return [_Order(training.check(name, changes, sets, cwd)) for name in names]


def _print_warnings(checked: "CheckedPlan") -> None:
    console = Console(stderr=True, highlight=False)
    for warning in checked.warnings[:_WARNINGS_SHOWN]:
        console.print(f"warning: {warning}", style="yellow", markup=False, soft_wrap=True)
    if len(checked.warnings) > _WARNINGS_SHOWN:
        console.print(f"warning: and {len(checked.warnings) - _WARNINGS_SHOWN} more, in report.json", style="yellow")


def _train(training: Training, order: _Order, console: Console, options: dict[str, Any]) -> "TrainedModel":
    checked = order.checked
    columns = (TextColumn("{task.description}"), BarColumn(bar_width=16), TextColumn("{task.fields[state]}"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(
            f"{checked.name} ({checked.config.family})", total=checked.config.training.epochs or 1, state="starting"
        )
        model = training.train(
            checked,
            lambda epoch: progress.update(task, total=epoch.n_epochs, completed=epoch.number, state=_state(epoch)),
            options["tensorboard"],
            order.base,
            activation=Activation(options["activate"]),
            is_gated=not options["ungated"],
        )
    console.print(
        f"[bold]{checked.name}[/bold]: version {model.manifest.version}, family {model.report.family}, "
        f"{model.manifest.facts.examples} examples, {model.seconds:.1f} s"
    )
    for note in (*model.report.notes, *model.notes):
        console.print(f"  {note}", markup=False)
    if model.report.validation:
        print_figures(console, "validation", model.report.validation)
    if model.report.test:
        print_figures(console, "test", model.report.test)
    if model.report.out_of_scope:
        print_out_of_scope(console, model.report.out_of_scope)
    if model.report.entities:
        print_entities(console, model.report.entities)
    return model


def _state(epoch: "Epoch") -> str:
    validation = "" if epoch.validation_loss is None else f" validation {epoch.validation_loss:.3f}"
    figures = f"epoch {epoch.number}/{epoch.n_epochs} loss {epoch.loss:.3f}{validation}"
    return f"{epoch.stage}: {figures} ETA {epoch.eta_s:.0f} s or less"


def _summary(model: "TrainedModel") -> dict[str, Any]:
    return {
        "name": model.manifest.name,
        "version": model.manifest.version,
        "family": model.report.family,
        "seconds": round(model.seconds, 3),
        **model.report.metrics(),
        "files": {entry.path: entry.n_bytes for entry in model.manifest.files.values()},
    }
