"""`python -m app predict`: answer texts, records or a file of lines by a published model, without a server."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

import click

from ..bootstrap.serving import wire_models
from ..data.asked_lines import read_lines
from ..domain.example import Input, InputKind, text_of
from ..service.line_answers import answer_lines
from ..service.model_state import LoadedModel
from ..service.predict import answer_of, named_in
from ..settings import load_settings
from .terminal import models_dir_of, print_json, print_table, telling_errors


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--model", metavar="NAME[@V]", help="name, name@7 or name@alias; absent: the default model.")
@click.option("--top-k", type=click.IntRange(1, 1000), default=3, show_default=True, help="Places of the ranking.")
@click.option("--models-dir", type=click.Path(file_okay=False, path_type=Path), help="The registry.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of a table.")
@click.option("--record", "records", multiple=True, metavar="JSON", help="A record; may be given several times.")
@click.option("--file", "lines", type=click.File("rb"), help="JSON lines to answer; `-`: standard input.")
@click.option("--out", type=click.File("wb", atomic=True), default="-", help="Where the answers go, as JSON lines.")
@click.argument("texts", nargs=-1, metavar="[TEXT]...")
@click.pass_obj
def predict(  # noqa: PLR0913, PLR0917 - one parameter an option, as click calls it
    root: Path,
    model: str | None,
    top_k: int,
    models_dir: Path | None,
    as_json: bool,  # noqa: FBT001
    records: tuple[str, ...],
    lines: BinaryIO | None,
    out: BinaryIO,
    texts: tuple[str, ...],
) -> None:
    """Answer TEXTs, records, or with --file the lines of a file, as a server would; TEXT is the model then."""
    if lines is not None:
        if records or len([*texts, *[model] * (model is not None)]) > 1:
            raise click.UsageError("with --file give nothing but one model")
        with telling_errors():
            _answer_file(root, model or next(iter(texts), None), top_k, models_dir, lines, out)
        return
    if bool(texts) == bool(records):
        raise click.UsageError("give either TEXTs or --record")
    inputs: list[Input] = [*texts] or [_record(one, number) for number, one in enumerate(records, 1)]
    with telling_errors():
        settings = load_settings(root, flags=models_dir_of(models_dir))
        loaded = wire_models(settings).load_one(model or settings.default_model)
        features = loaded.pipeline.features
        if features.input_kind is not (InputKind.RECORD if records else InputKind.TEXT):
            takes = "--record JSON" if features.input_kind is InputKind.RECORD else "TEXT"
            raise click.UsageError(f"model {loaded.name!r} takes {features.input_kind}s: give {takes}")
        predictions = loaded.pipeline.predict(inputs, top_k=top_k)
    if as_json:
        answers = [
            {
                ("record" if records else "text"): one_input,
                **answer_of(one),
            }
            | _named(loaded, one_input)
            | ({"warnings": [remark._asdict() for remark in features.remarks(one_input)]} if records else {})
            for one_input, one in zip(inputs, predictions, strict=True)
        ]
        print_json({"model": loaded.name, "version": loaded.version, "predictions": answers})
    else:
        rows = zip(inputs, predictions, strict=True)
        print_table(
            ("intent", "confidence", "fallback", "record" if records else "text"),
            [(one.intent, f"{one.confidence:.3f}", one.fallback, text_of(one_input)) for one_input, one in rows],
        )
        if loaded.pipeline.entities is not None:
            named = [(entity, text) for text in inputs for entity in _named(loaded, text).get("entities", ())]
            print_table(
                ("entity", "value", "as written", "text"),
                [(one["entity"], str(one["value"]), one["text"], text_of(text)) for one, text in named],
            )


def _named(model: LoadedModel, one_input: Input) -> dict[str, Any]:
    return named_in(model, one_input, datetime.now()) if isinstance(one_input, str) else {}  # noqa: DTZ005 - a person's


def _answer_file(  # noqa: PLR0913, PLR0917 - what the command was given
    root: Path, model: str | None, top_k: int, models_dir: Path | None, lines: BinaryIO, out: BinaryIO
) -> None:
    settings = load_settings(root, flags=models_dir_of(models_dir))
    loaded = wire_models(settings).load_one(model or settings.default_model)
    n_answered = n_failed = 0
    for some in answer_lines(read_lines(lines), loaded, top_k=top_k, max_text_chars=settings.max_text_chars):
        out.write(some.content)
        n_answered += some.n_answered
        n_failed += some.n_failed
    click.echo(f"{loaded.name}@{loaded.version}: {n_answered:,} lines answered, {n_failed:,} not", err=True)


def _record(content: str, number: int) -> Input:
    try:
        record = json.loads(content)
    except (ValueError, RecursionError):
        record = None
    if not isinstance(record, dict):
        raise click.UsageError(f"--record {number}: not a JSON object of fields")
    return record
