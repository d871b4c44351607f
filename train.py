#!/usr/bin/env python3
"""Train models offline: `python train.py --help`."""

from pathlib import Path

from app.cli.train import train

if __name__ == "__main__":
    train(obj=Path(__file__).resolve().parent, prog_name="train.py")
