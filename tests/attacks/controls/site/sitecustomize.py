"""
Python imports this before anything else, in every process whose `PYTHONPATH` names its folder.

The environment variable `WITHOUT_CONTROLS` names the controls that are out of these processes.
"""

import os
import sys
from pathlib import Path

_ROOT = str(Path(__file__).resolve().parents[4])

if names := os.environ.get("WITHOUT_CONTROLS"):  # noqa: TID251 - the harness's own
    sys.path.insert(0, _ROOT)
    try:
        from tests.attacks.controls.catalogue import CONTROLS
        from tests.attacks.controls.taking_out import take_out
    finally:
        sys.path.remove(_ROOT)
    take_out([patch for name in names.split(",") for patch in CONTROLS[name].patches])
