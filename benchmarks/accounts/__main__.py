"""Write the accounts: `python -m benchmarks.accounts` writes what lies in training_data/accounts, to the last byte."""

import json
import random
from pathlib import Path

import click

from .account import GENUINE, SIDES, SPAM, Account
from .settings import HELD_OUT, TRAINING, Settings

_FOLDER = Path(__file__).resolve().parents[2] / "training_data" / "accounts"


def lines(settings: Settings) -> str:
    """Make accounts, half of them spam, as JSON Lines of records."""
    chance = random.Random(settings.seed)  # noqa: S311 - data, not a secret
    written = []
    for number in range(settings.n_accounts):
        side = SPAM if number % 2 else GENUINE
        weights = [settings.behaviours[behaviour] for behaviour in SIDES[side]]
        [behaviour] = chance.choices(SIDES[side], weights)
        record = Account(chance, settings, side, behaviour).record()
        written.append(json.dumps({"record": record, "intent": side}, ensure_ascii=False, separators=(",", ":")))
    chance.shuffle(written)
    return "\n".join(written) + "\n"


@click.command()
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=_FOLDER, help="The folder.")
def main(out: Path) -> None:
    """Write train.jsonl and, by settings that training never sees, test.jsonl."""
    out.mkdir(parents=True, exist_ok=True)
    for name, settings in (("train.jsonl", TRAINING), ("test.jsonl", HELD_OUT)):
        content = lines(settings)
        (out / name).write_text(content, encoding="utf-8")
        click.echo(f"{out / name}: {settings.n_accounts:,} accounts, {len(content.encode()):,} bytes")


if __name__ == "__main__":
    main()
