"""Loaded by the Python of a server under attack: writes down which files it opens, whatever code of it does so."""

import os
import runpy
import sys
from pathlib import Path

_OPENS = frozenset({"open", "os.listdir", "os.scandir", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.link"})
_written = os.open(os.environ["PARLEYS_OPENED_FILES"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)  # noqa: TID251 - the harness's own


def _write_down(event: str, arguments: tuple[object, ...]) -> None:
    if event in _OPENS:
        os.write(_written, f"{event} {arguments[0]!r}\n".encode(errors="replace"))


sys.addaudithook(_write_down)

if os.environ.get("WITHOUT_CONTROLS"):  # noqa: TID251 - what takes controls out is a module of the same name
    runpy.run_path(str(Path(__file__).parents[1] / "controls" / "site" / "sitecustomize.py"))

if description := os.environ.get("PARLEYS_DESCRIPTION"):  # noqa: TID251 - as above
    sys.path.insert(0, str(Path(__file__).parents[3]))
    from tests.attacks.controls.control import Patch, constant
    from tests.attacks.controls.taking_out import take_out

    take_out([Patch("app.web.openapi", "_ABOUT", constant(description))])
