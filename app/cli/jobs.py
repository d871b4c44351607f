"""`python -m app worker`: run jobs. `… jobs`: look at them. `… run-job` is how a runner starts a trainer."""

import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar
from uuid import UUID

import click
import msgspec

from ..bootstrap.jobs import open_job_store, read_briefing, wire_jobs, wire_runner
from ..domain.errors import ParleyError
from ..domain.job import ENDED, Claim, Job, JobKind, JobProgress, JobState
from ..jobs.stop_request import StopRequest
from ..logging_setup import set_up_logging
from ..settings import load_settings

if TYPE_CHECKING:
    from ..service.jobs import Jobs

_FAILED: Final = 1
_UNUSABLE: Final = 2
_HELP: Final = {"help_option_names": ["-h", "--help"]}
_HEADINGS: Final = ("id", "kind", "model", "state", "by", "since (UTC)", "progress", "version", "problem")
_BY: Final = "command line"
_ENDS_WITHIN_S: Final = 6.0

T = TypeVar("T")


@click.command(context_settings=_HELP)
@click.option("--burst", is_flag=True, help="End when there is nothing to be run.")
@click.option("--attached", is_flag=True, hidden=True, help="Read settings from standard input, and end with it.")
@click.pass_obj
def worker(root: Path, /, burst: bool, attached: bool) -> None:  # noqa: FBT001 - as click gives them
    """Run jobs, one after the other, until SIGTERM: the one that is running goes back into the queue."""
    stop = StopRequest()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop.make)
    try:
        settings = read_briefing(sys.stdin.buffer.readline()) if attached else load_settings(root)
        set_up_logging(settings)
        runner, bell = wire_runner(settings)
    except (ParleyError, EOFError) as error:
        sys.exit(str(error))
    if attached:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # its supervisor's
        _when_left_alone(lambda: _stop_soon(stop))
    runner.run(stop, is_burst=burst)
    bell.close()
    sys.stdout.flush()
    os._exit(0)  # a thread may still read standard input


@click.command("run-job", hidden=True, context_settings=_HELP)
@click.argument("job", type=click.UUID)
@click.option("--claim", "number", type=int, required=True, help="The claim that it is run under.")
@click.option("--events", type=int, default=1, help="File descriptor for what happens.")
@click.option("--kind", type=click.Choice([kind.value for kind in JobKind]), default=JobKind.TRAIN.value)
@click.option("--attached", is_flag=True, help="Read settings from standard input, and end with it.")
@click.pass_obj
def run_job(root: Path, /, job: UUID, number: int, events: int, kind: str, attached: bool) -> None:  # noqa: FBT001, PLR0913, PLR0917 - as click gives them
    """Do one job that a runner has claimed, and tell it what happens."""
    from ..jobs.events import EventWriter  # noqa: PLC0415 - a runner carries none of this

    settings = read_briefing(sys.stdin.buffer.readline()) if attached else load_settings(root)
    if attached:
        _when_left_alone(lambda: os.killpg(0, signal.SIGKILL))
    with closing(open_job_store(settings)) as store:
        claim, tell = Claim(job, number), EventWriter(events).tell
        if kind == JobKind.PREDICT:  # nothing is imported that trains
            from ..bootstrap.batch_steps import BatchSteps  # noqa: PLC0415
            from ..jobs.batch import run_batch  # noqa: PLC0415

            is_done = run_batch(claim, store, BatchSteps(settings).load, tell)
        else:
            from ..bootstrap.job_steps import JobSteps  # noqa: PLC0415
            from ..jobs.trainer import run_job as train  # noqa: PLC0415

            is_done = train(claim, store, JobSteps(settings), tell)
    os._exit(0 if is_done else _FAILED)  # libraries have threads that nobody waits for


@click.group(context_settings=_HELP)
def jobs() -> None:
    """Look at trainings and batches, and cancel them."""


@jobs.command("list")
@click.option("--model", help="Of this model.")
@click.option("--state", type=click.Choice([state.value for state in JobState]), help="In this state.")
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="The newest so many.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of a table.")
@click.pass_obj
def list_jobs(root: Path, /, model: str | None, state: str | None, limit: int, as_json: bool) -> None:  # noqa: FBT001
    """Show the newest jobs, newest first."""
    found = _asked(root, lambda opened: opened.page(model=model, state=JobState(state) if state else None, limit=limit))
    if as_json:
        click.echo(msgspec.json.encode({"jobs": found}))
        return
    from rich.console import Console  # noqa: PLC0415 - a runner carries none of this
    from rich.table import Table  # noqa: PLC0415

    table = Table(*_HEADINGS, box=None, pad_edge=False)
    for job in found:
        table.add_row(*map(_printable, _row(job)))
    Console(highlight=False, markup=False).print(table)


@jobs.command()
@click.argument("job_id", metavar="JOB")
@click.pass_obj
def show(root: Path, /, job_id: str) -> None:
    """Show all that is known of a job, as JSON."""
    click.echo(_shown(_asked(root, lambda opened: opened.get(job_id))))


@jobs.command()
@click.argument("job_id", metavar="JOB")
@click.pass_obj
def cancel(root: Path, /, job_id: str) -> None:
    """End a job: at once where it is queued, within seconds where it is running. Of a batch, delete the answers."""
    job = _asked(root, lambda opened: opened.cancel(job_id, _BY))
    if job.state is JobState.CANCELLED:
        click.echo("cancelled")
    else:
        click.echo("its answers are deleted" if job.state in ENDED else "it is being cancelled")


@jobs.command("log")
@click.argument("job_id", metavar="JOB")
@click.pass_obj
def show_log(root: Path, /, job_id: str) -> None:
    """Print the log of a job."""
    after = 0
    while lines := _asked(root, lambda opened: opened.lines(job_id, after)):  # noqa: B023 - called at once
        for line in lines:
            click.echo(f"{line.time:%Y-%m-%d %H:%M:%S}  {_printable(line.line)}")
        after = lines[-1].number


def _asked(root: Path, ask: "Callable[[Jobs], T]") -> T:
    """Give an answer, or end with what is wrong."""
    try:
        with closing(wire_jobs(load_settings(root))) as opened:
            return ask(opened)
    except ParleyError as error:
        click.secho(str(error), fg="red", err=True)
        sys.exit(_UNUSABLE)


def _shown(job: Job) -> bytes:
    return msgspec.json.format(msgspec.json.encode(job), indent=2)


def _row(job: Job) -> list[str]:
    progress = job.progress
    told = f"before it: {job.position}" if job.position is not None else ""
    if progress is not None and job.state is JobState.RUNNING:
        told = _far(progress)
    version = job.outcome.version if job.outcome else None
    since: datetime = job.ended_at or job.started_at or job.created_at
    of_job = [
        str(job.id),
        job.order.kind.value,
        job.order.model,
        job.state.value,
        job.caller,
        f"{since:%Y-%m-%d %H:%M:%S}",
    ]
    return [*of_job, told, "" if version is None else str(version), job.problem or ""]


def _far(progress: JobProgress) -> str:
    done, of_all = progress.epoch or progress.line, progress.n_epochs or progress.n_lines
    return progress.stage if done is None else f"{progress.stage} {done}/{of_all}"


def _printable(text: str) -> str:
    """Leave nothing of what a stranger sent that a terminal would obey."""
    return "".join(character if character.isprintable() else "\ufffd" for character in text)


def _stop_soon(stop: StopRequest) -> None:
    """Stop, and end the process where it does not come to that."""
    stop.make()
    timer = threading.Timer(_ENDS_WITHIN_S, os._exit, [_FAILED])
    timer.daemon = True
    timer.start()


def _when_left_alone(do: Callable[[], object]) -> None:
    """Do something when whoever started this process is gone: its standard input ends then."""

    def wait() -> None:
        while os.read(0, 1 << 16):
            pass
        do()

    threading.Thread(target=wait, name="starter", daemon=True).start()


@click.group()
@click.pass_context
def _alone(context: click.Context) -> None:
    """Run a runner without what other commands import, as a supervisor does."""
    context.obj = Path.cwd()


_alone.add_command(worker)

if __name__ == "__main__":
    _alone()
