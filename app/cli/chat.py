"""`python -m app chat`: talk to a published model in the terminal, without a server."""

import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

import click

from ..bootstrap.serving import wire_models
from ..domain.prediction import Prediction
from ..service.model_state import LoadedModel
from ..service.predict import response_to
from ..settings import load_settings
from .terminal import models_dir_of, printable, telling_errors

_QUIT: Final = "/quit"
_REASONS: Final = {
    "no_known_words": "no word of it is known",
    "low_confidence": "not sure enough",
    "far_from_training_data": "like nothing that was learned",
}


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("model", required=False)
@click.option("--top-k", type=click.IntRange(1, 1000), default=3, show_default=True, help="Places of the ranking.")
@click.option("--models-dir", type=click.Path(file_okay=False, path_type=Path), help="The registry.")
@click.pass_obj
def chat(root: Path, model: str | None, top_k: int, models_dir: Path | None) -> None:
    """
    Type texts, and see what MODEL (name, name@7 or name@alias; absent: the default one) makes of each.

    A line is a text; /quit, or the end of the input, ends it. Lines may come through a pipe.
    """
    with telling_errors():
        settings = load_settings(root, flags=models_dir_of(models_dir))
        loaded = wire_models(settings).load_one(model or settings.default_model)
    is_typed = sys.stdin.isatty()
    if is_typed:
        click.echo(
            f"{loaded.name} version {loaded.version}, {len(loaded.pipeline.label_encoder)} intents; {_QUIT} ends"
        )
    for text in _typed() if is_typed else _piped():
        if text == _QUIT:
            break
        if not text:
            continue
        if not is_typed:
            click.echo(f"> {printable(text)}")
        [prediction] = loaded.pipeline.predict([text], top_k=top_k)
        for line in _told(loaded, text, prediction):
            click.echo(printable(line))


def _told(model: LoadedModel, text: str, prediction: Prediction) -> Iterator[str]:
    if prediction.intent is not None:
        yield f"  {prediction.intent}  {prediction.confidence:.3f}"
    else:
        reason = prediction.fallback.value if prediction.fallback else ""
        yield f"  no intent: {_REASONS.get(reason, reason)} ({reason}, {prediction.confidence:.3f})"
    for place in prediction.ranking:
        yield f"    {place.confidence:.3f}  {place.intent}"
    if (finder := model.pipeline.entities) is not None:
        for entity in finder.find(text, datetime.now()).entities:  # noqa: DTZ005 - the time of who types
            yield f"    {entity.entity}: {entity.value}  ({entity.text!r}, {entity.start} to {entity.end})"
    if (reply := response_to(model, prediction)) is not None:
        yield f"  {reply}"


def _typed() -> Iterator[str]:
    while True:
        try:
            yield input("> ").strip()
        except (EOFError, KeyboardInterrupt):
            click.echo()
            return


def _piped() -> Iterator[str]:
    for line in sys.stdin:
        yield line.strip()
