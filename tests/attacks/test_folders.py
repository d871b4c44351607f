"""No start where every user of a machine could put other files in the place of Parley's: S36."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.server import PASSWORD, ROOT


@pytest.mark.controls("closed-folders")
@pytest.mark.parametrize("which", ["models", "var"])
def test_a_server_does_not_start_on_a_folder_that_everybody_can_write_to(
    tiny_models: Path, tmp_path: Path, which: str
) -> None:
    shutil.copytree(tiny_models / "tiny", tmp_path / "models/tiny", ignore=shutil.ignore_patterns(".*"))
    (tmp_path / "var").mkdir()
    (tmp_path / which).chmod(0o777)
    environment = {
        **os.environ,  # noqa: TID251 - handed on
        "PARLEY_MODELS_DIR": str(tmp_path / "models"),
        "PARLEY_VAR_DIR": str(tmp_path / "var"),
        "PARLEY_PORT": "0",
        "PARLEY_WORKERS": "1",
        "PARLEY_JOB_WORKERS": "0",
        "PARLEY_ADMIN_PASSWORD": PASSWORD,
    }
    with (tmp_path / "log").open("wb") as log:
        command = [sys.executable, str(ROOT / "serve_tornado.py")]
        process = subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=log, stderr=log)
    try:
        while process.poll() is None and "answers on" not in (tmp_path / "log").read_text():
            time.sleep(0.02)
        told = (tmp_path / "log").read_text()
    finally:
        process.terminate()
        process.wait()

    assert "answers on" not in told
    assert f"{which}_dir: every user of this machine can write to {tmp_path / which} (mode 777)" in told
    assert not list((tmp_path / "var").iterdir())


def test_a_server_lets_nobody_else_write_to_what_it_makes(tmp_path: Path) -> None:
    """Whatever the mask of whoever starts it."""
    script = "import os; os.umask(0); from app.settings.new_files import keep_others_out; keep_others_out()"
    script += "; open('file', 'w').close(); os.mkdir('folder')"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}  # noqa: TID251
    subprocess.run([sys.executable, "-c", script], cwd=tmp_path, env=environment, check=True)

    assert [(tmp_path / name).stat().st_mode & 0o777 for name in ("file", "folder")] == [0o664, 0o775]
