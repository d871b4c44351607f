"""`python -m app predict`: answer texts by a published model, without a server."""

from pathlib import Path

import click

from ..bootstrap.serving import wire_models
from ..settings import load_settings
from .terminal import models_dir_of, print_json, print_table, telling_errors


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--model", metavar="NAME[@V]", help="name, name@7 or name@alias; absent: the default model.")
@click.option("--top-k", type=click.IntRange(1, 1000), default=3, show_default=True, help="Places of the ranking.")
@click.option("--models-dir", type=click.Path(file_okay=False, path_type=Path), help="The registry.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of a table.")
@click.argument("texts", nargs=-1, required=True, metavar="TEXT...")
@click.pass_obj
def predict(  # noqa: PLR0913, PLR0917 - one parameter an option, as click calls it
    root: Path,
    model: str | None,
    top_k: int,
    models_dir: Path | None,
    as_json: bool,  # noqa: FBT001
    texts: tuple[str, ...],
) -> None:
    """Answer TEXTs as a server would."""
    with telling_errors():
        settings = load_settings(root, flags=models_dir_of(models_dir))
        loaded = wire_models(settings).load_one(model or settings.default_model)
        predictions = loaded.pipeline.predict(texts, top_k=top_k)
    if as_json:
        answers = [
            {
                "text": text,
                "intent": one.intent,
                "confidence": one.confidence,
                "fallback": one.fallback,
                "ranking": [place._asdict() for place in one.ranking],
            }
            for text, one in zip(texts, predictions, strict=True)
        ]
        print_json({"model": loaded.name, "version": loaded.version, "predictions": answers})
    else:
        rows = zip(texts, predictions, strict=True)
        print_table(
            ("intent", "confidence", "fallback", "text"),
            [(one.intent, f"{one.confidence:.3f}", one.fallback, text) for text, one in rows],
        )
