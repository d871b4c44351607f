"""`python -m app`: the commands of an installed Parley."""

from pathlib import Path

import click

from .cli.audit import audit
from .cli.chat import chat
from .cli.clients import clients
from .cli.evaluate import evaluate
from .cli.examples import examples
from .cli.import_model import import_model, read_old_model
from .cli.jobs import jobs, run_job, worker
from .cli.keys import keys
from .cli.loadtest import loadtest
from .cli.model_checks import models
from .cli.predict import predict
from .cli.request_log import migrate, requests
from .cli.token_keys import token_keys
from .cli.train import train
from .cli.users import users
from .settings.new_files import keep_others_out


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.pass_context
def main(context: click.Context) -> None:
    """Parley: text in, intent out, or an honest "I do not know"."""
    keep_others_out()
    context.obj = Path.cwd()


main.add_command(audit)
main.add_command(chat)
main.add_command(clients)
main.add_command(evaluate)
main.add_command(examples)
main.add_command(import_model)
main.add_command(jobs)
main.add_command(keys)
main.add_command(loadtest)
main.add_command(migrate)
main.add_command(models)
main.add_command(predict)
main.add_command(read_old_model)
main.add_command(requests)
main.add_command(run_job)
main.add_command(token_keys)
main.add_command(train)
main.add_command(users)
main.add_command(worker)

if __name__ == "__main__":
    main(prog_name="python -m app")
