"""A server that is started with the configuration as it is shipped, and was told no secret, is safe."""

import re
import shutil
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
from argon2 import PasswordHasher

from app.bootstrap.serving import wire_serving
from app.settings import load_settings
from app.web.application import OPERATIONS
from app.web.wsgi import application_of
from tests.proofs import basic
from tests.registries import publish_again

# What a test cannot do without: a port that is free, models that are small, and a folder of its own.
SCRIPT = """
import os, sys
for name in [name for name in os.environ if name.startswith("PARLEY_")]:
    if name not in {{"PARLEY_PORT", "PARLEY_MODELS_DIR", "PARLEY_VAR_DIR"}}:
        del os.environ[name]
sys.path.insert(0, {root!r})
import serve_tornado
serve_tornado.main()
"""


@pytest.fixture(scope="module")
def folder(root: Path, tiny_models: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the model that the configuration names, and what starts a server by that alone."""
    folder = tmp_path_factory.mktemp("shipped")
    shutil.copytree(tiny_models / "tiny", folder / "models" / "tiny", ignore=shutil.ignore_patterns(".*"))
    publish_again(folder / "models", "smalltalk", like="tiny")
    (folder / "serve.py").write_text(SCRIPT.format(root=str(root)))
    return folder


@pytest.fixture(scope="module")
def shipped(start_server: Callable[..., Any], folder: Path) -> Any:
    return start_server(folder / "models", script=folder / "serve.py")


def test_it_listens_on_this_machine_at_one_port_and_nowhere_else(shipped: Any) -> None:
    supervisor = psutil.Process(shipped.process.pid)
    family = [supervisor, *supervisor.children(recursive=True)]
    opened = [one for process in family for one in process.net_connections("inet")]

    assert {one.laddr for one in opened if one.status == psutil.CONN_LISTEN} == {("127.0.0.1", shipped.port)}
    assert not [one for one in opened if one.status == psutil.CONN_NONE]  # datagrams


def test_its_password_is_made_shown_once_and_kept_as_a_hash_for_its_owner_alone(shipped: Any) -> None:
    [password] = re.findall(r"^New password of the user admin: (\S+)$", shipped.log.read_text(), re.MULTILINE)
    var = shipped.log.parent / "var"
    kept = var / "admin-password.argon2"

    assert len(password) >= 20
    assert shipped.get("/models", Authorization=basic("admin", password)).status == 200
    assert shipped.log.read_text().count(password) == 1
    assert PasswordHasher().verify(kept.read_text().strip(), password)
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    for file in (file for file in var.rglob("*") if file.is_file()):
        assert password.encode() not in file.read_bytes(), file


def test_who_proves_nothing_is_let_in_nowhere(shipped: Any) -> None:
    closed = [one for one in OPERATIONS if one.scope is not None]
    assert len(closed) > 20

    for operation in closed:
        path = re.sub(r"{\w+}", "smalltalk", operation.path)
        assert shipped.request(operation.method, path, b"", {"Authorization": ""}).status == 401, operation.name
    assert shipped.get("/users", Authorization="").headers["Location"] == "/login?next=/users"


def test_it_has_no_debugger(shipped: Any, root: Path, tmp_path: Path) -> None:
    settings = load_settings(root, environment={"PARLEY_VAR_DIR": str(tmp_path), "PARLEY_MODELS_DIR": str(tmp_path)})
    application = application_of(settings, wire_serving(settings))

    assert not application.debug
    assert not application.testing
    for path in ("/console", "/?__debugger__=yes&cmd=resource&f=debugger.js", "/predict"):
        reply = shipped.get(path, Authorization="")
        assert b"debugger" not in reply.body.lower(), path
        assert b"Traceback" not in reply.body, path
