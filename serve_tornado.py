#!/usr/bin/env python3
"""Start the server: `python serve_tornado.py --help`."""

import asyncio
import signal
import sys
from pathlib import Path
from typing import Any

import click

from app.bootstrap.serving import wire_serving
from app.domain.errors import ParleyError
from app.logging_setup import set_up_logging
from app.settings import Settings, load_settings
from app.web.application import OPERATIONS, create_app
from app.web.routes import Routes
from app.web.tornado_front import TornadoFront
from app.web.wsgi import answering_of, begin_to_load


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--host", help="Address to listen on.")
@click.option("--port", type=int, help="Port to listen on; 0 takes a free one.")
@click.option("--models-dir", type=click.Path(path_type=Path), help="The registry.")
@click.option("--config", type=click.Path(dir_okay=False, path_type=Path), help="Instead of config/service.yaml.")
def main(config: Path | None, **flags: Any) -> None:  # noqa: ANN401 - as click gives them
    """Serve the models of the registry until SIGTERM."""
    if flags["models_dir"]:
        flags["models_dir"] = Path.cwd() / flags["models_dir"]
    try:
        settings = load_settings(Path(__file__).resolve().parent, file=config, flags=flags)
    except ParleyError as error:
        sys.exit(str(error))
    set_up_logging(settings.log_level)
    try:
        asyncio.run(serve(settings))
    except (OSError, ParleyError) as error:  # the address is taken, a folder cannot be written
        sys.exit(f"Parley cannot start on {settings.host}:{settings.port}: {error}")


async def serve(settings: Settings) -> None:
    """Serve until a signal asks to stop; requests in flight are finished."""
    serving = wire_serving(settings)
    answering = answering_of(settings, serving)
    front = TornadoFront(answering, Routes(OPERATIONS), create_app(answering), threads=settings.threads)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    port = front.listen(settings.host, settings.port)
    begin_to_load(serving)
    click.echo(f"Parley answers on http://{settings.host}:{port}/", err=True)
    await stop.wait()
    await front.drain(settings.drain_s)


if __name__ == "__main__":
    main()
