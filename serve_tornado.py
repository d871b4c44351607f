#!/usr/bin/env python3
"""Start the server: `python serve_tornado.py --help`."""

import asyncio
import sys
from functools import partial
from pathlib import Path
from typing import Any

import click

from app.bootstrap.start import settle
from app.domain.errors import ParleyError
from app.logging_setup import set_up_logging
from app.settings import load_settings
from app.supervisor.briefing import brief
from app.supervisor.listening import listen
from app.supervisor.supervisor import Supervisor, hold_signals
from app.supervisor.worker_link import WorkerLink

WORKER = "--worker-link"


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--host", help="Address to listen on.")
@click.option("--port", type=int, help="Port to listen on; 0 takes a free one.")
@click.option("--model", "default_model", help="What a request without a model means.")
@click.option("--workers", type=int, help="Processes that answer; one for each core unless told.")
@click.option("--models-dir", type=click.Path(path_type=Path), help="The registry.")
@click.option("--config", type=click.Path(dir_okay=False, path_type=Path), help="Instead of config/service.yaml.")
@click.option(WORKER, type=int, hidden=True)  # how a supervisor starts its workers
def main(config: Path | None, worker_link: int | None, **flags: Any) -> None:  # noqa: ANN401 - as click gives them
    """Serve the models of the registry until SIGTERM; SIGHUP loads settings and models anew."""
    if worker_link is not None:
        from app.web.worker import serve_and_end  # noqa: PLC0415 - a supervisor carries none of this

        serve_and_end(WorkerLink(worker_link))
    if WORKER in sys.argv:  # a script around this one passes other arguments on: each worker would start workers
        sys.exit(f"{WORKER} has to reach serve_tornado.py as it was given")
    hold_signals()
    if flags["models_dir"]:
        flags["models_dir"] = Path.cwd() / flags["models_dir"]
    read = partial(load_settings, Path(__file__).resolve().parent, file=config, flags=flags)
    try:
        settings = read()
    except ParleyError as error:
        sys.exit(str(error))
    set_up_logging(settings)
    try:
        sockets = listen(settings.host, settings.port)
        supervisor = Supervisor(lambda: brief(read(), settle), [sys.executable, __file__, WORKER], sockets)
    except (OSError, ParleyError) as error:  # the address is taken, a folder cannot be written
        sys.exit(f"Parley cannot start on {settings.host}:{settings.port}: {error}")
    click.echo(f"Parley answers on {settings.scheme}://{settings.host}:{sockets[0].getsockname()[1]}/", err=True)
    sys.exit(asyncio.run(supervisor.run()))


if __name__ == "__main__":
    main()
