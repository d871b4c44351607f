"""`python -m app loadtest`: how many requests a running server answers, and how quickly."""

import math
import os
import sys
from pathlib import Path
from typing import Any, Final

import click
import msgspec
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from ..domain.errors import ParleyError
from .http_wire import Response, Target, basic
from .load_generator import LoadGenerator
from .load_report import print_tally, tally_as_json
from .load_tally import Plan, Tally
from .load_texts import bundled_texts, texts_of_file

_FAILED: Final = 1
_UNUSABLE: Final = 2
_OK: Final = 200
_SECONDS: Final = 10.0
_TEXTS: Final = 20_000
_TEXTS_AT_MOST: Final = 200_000


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("url")
@click.option("--user", help="Sign in by HTTP Basic; the password is asked for.")
@click.option("--password-env", metavar="VARIABLE", help="Take the password from this environment variable.")
@click.option("--model", help="name, name@7 or name@alias; else the server's default model.")
@click.option("--texts", type=click.Path(dir_okay=False, path_type=Path), help="Texts to send, one a line.")
@click.option("--connections", type=click.IntRange(1, 4096), default=16, show_default=True)
@click.option("--seconds", type=click.FloatRange(0, 86_400, min_open=True), help="How long; 10 unless told.")
@click.option("--requests", "n_requests", type=click.IntRange(1), help="Instead: how many.")
@click.option("--rate", type=click.FloatRange(0, 1e6, min_open=True), help="Requests per second; else all it takes.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of a table.")
@click.pass_obj
def loadtest(root: Path, /, url: str, **options: Any) -> None:  # noqa: ANN401 - as click gives them
    """
    Send distinct texts to the server at URL and time its answers.

    Without --rate every connection asks again as soon as it is answered. With it, requests fall due evenly whatever
    the server does, and a latency counts from when a request was due. It ends with 1 where requests got no answer.
    """
    plan = _plan(options)
    try:
        target = Target.parse(url)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="URL") from None
    password = _password(options)
    console = Console(stderr=True, highlight=False)
    try:
        texts = texts_of_file(options["texts"]) if options["texts"] else bundled_texts(root, _n_texts(plan))
        requests = _requests(target, texts, options, password)
        _try_one(target, requests[0])
    except ParleyError as error:
        console.print(str(error), style="red", markup=False, soft_wrap=True)
        sys.exit(_UNUSABLE)
    tally = _run(LoadGenerator(target, requests, plan, _problem), console)
    title = f"{url}, {plan.connections} connections, {len(texts):,} distinct texts"
    if options["as_json"]:
        click.echo(msgspec.json.encode(tally_as_json(tally)))
    else:
        print_tally(Console(highlight=False), title, tally, plan, n_texts=len(texts))
    sys.exit(_FAILED if tally.failures or not tally.answered else 0)


def _plan(options: dict[str, Any]) -> Plan:
    seconds, n_requests = options["seconds"], options["n_requests"]
    if seconds is not None and n_requests is not None:
        raise click.UsageError("--seconds and --requests both say when to end: give one")
    for name in ("seconds", "rate"):
        if options[name] is not None and not math.isfinite(options[name]):
            raise click.UsageError(f"--{name} must be a number")
    if n_requests is None and seconds is None:
        seconds = _SECONDS
    return Plan(connections=options["connections"], seconds=seconds, n_requests=n_requests, rate=options["rate"])


def _n_texts(plan: Plan) -> int:
    return min(plan.n_requests or _TEXTS, _TEXTS_AT_MOST)


def _password(options: dict[str, Any]) -> str | None:
    """Take the password from where it is safe: on a command line every user of the machine could read it."""
    user, variable = options["user"], options["password_env"]
    if user is None:
        if variable is not None:
            raise click.UsageError("--password-env needs --user")
        return None
    if not user or ":" in user:
        raise click.UsageError("--user is empty, or has a colon, which HTTP Basic has no way to send")
    if variable is not None:
        password = os.environ.get(variable)  # noqa: TID251 - which variable is the caller's choice, not a setting
        if not password:
            raise click.UsageError(f"the environment variable {variable} is not set, or empty")
        return password
    if not sys.stdin.isatty():
        raise click.UsageError("there is no terminal to ask for the password: name a variable by --password-env")
    return str(click.prompt(f"Password of {user}", hide_input=True, err=True))


def _requests(target: Target, texts: list[str], options: dict[str, Any], password: str | None) -> list[bytes]:
    proof = None if password is None else basic(options["user"], password)
    model = {} if options["model"] is None else {"model": options["model"]}
    return [target.post("/predict", {"text": text, **model}, proof) for text in texts]


def _try_one(target: Target, request: bytes) -> None:
    """Send one request before all others, so that a server is not flooded with what it must refuse."""
    seen: list[Response] = []

    def keep(response: Response) -> None:
        seen.append(response)

    tally = LoadGenerator(target, [request], Plan(connections=1, n_requests=1), keep).run_alone()
    where = f"{target.authority}{target.path}/predict"
    if not seen:
        raise ParleyError(f"{where} does not answer: {', '.join(tally.failures) or 'nothing came'}")
    if seen[0].status != _OK:
        raise ParleyError(f"{where} answers {seen[0].status}: {_message(seen[0].body)}")
    if problem := _problem(seen[0]):
        raise ParleyError(f"{where} is not Parley: {problem}")


def _message(body: bytes) -> str:
    """Give the message of an error as Parley writes it, or the beginning of whatever else came."""
    try:
        return str(msgspec.json.decode(body)["error"]["message"])
    except (msgspec.DecodeError, KeyError, TypeError):
        return body[:200].decode(errors="replace") or "without a reason"


def _problem(response: Response) -> str | None:
    if response.status != _OK:
        return None  # is told by its status
    try:
        answer = msgspec.json.decode(response.body)
    except msgspec.DecodeError:
        return "an answer that is not JSON"
    if not isinstance(answer, dict) or not {"intent", "confidence"} <= answer.keys():
        return "an answer without intent and confidence"
    return None


def _run(generator: LoadGenerator, console: Console) -> Tally:
    """Run it under a progress bar; Ctrl-C ends it early, and what was measured is still told."""
    columns = (TextColumn("{task.fields[state]}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"))
    with Progress(*columns, TimeElapsedColumn(), console=console, transient=True) as progress:
        task = progress.add_task("", total=1.0, state="")

        def tell(done: float) -> None:
            state = f"{generator.tally.answered:,} answers"
            failed = generator.tally.failures.total()
            progress.update(task, completed=done, state=f"{state}, {failed:,} without" if failed else state)

        return generator.run_alone(tell)
