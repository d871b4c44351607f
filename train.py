#!/usr/bin/env python3
"""Train models offline: `python train.py --help`."""

from pathlib import Path

from app.cli.train import train
from app.settings.new_files import keep_others_out

if __name__ == "__main__":
    keep_others_out()
    train(obj=Path(__file__).resolve().parent, prog_name="train.py")
