"""As many connections as anybody opens, and more than the system has room for: those who ask are answered."""

import resource
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.raw_connection import connecting
from tests.wellbeing import unharmed

MANY = 2_000
ASKED = b'{"text": "hello"}'


@pytest.fixture
def many_files() -> None:
    """Let this process open that many connections."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < MANY + 500:
        pytest.skip(f"this system lets a process open {hard} files")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, MANY + 500), hard))


@pytest.mark.usefixtures("many_files")
def test_thousands_that_ask_for_nothing_are_in_nobodys_way(target: Any) -> None:
    with unharmed(target), connecting() as connect:
        idle = [connect(target) for _ in range(MANY)]
        for connection in idle[::50]:
            connection.predict(ASKED)

        assert {connection.receive()[0] for connection in idle[::50]} == {200}
        assert {target.post("/predict", {"text": "hello"}).status for _ in range(20)} == {200}


@pytest.mark.usefixtures("many_files")
def test_more_connections_than_there_is_room_for_close_those_idle_longest(
    start_server: Callable[..., Any], tiny_models: Path
) -> None:
    server = start_server(tiny_models, PARLEY_DEFAULT_MODEL="tiny", PARLEY_WORKERS="2", PARLEY_MAX_CONNECTIONS="100")
    with unharmed(server), connecting() as connect:
        for _ in range(MANY):
            connection = connect(server)
        connection.predict(ASKED)

        assert connection.receive()[0] == 200


@pytest.mark.parametrize("before", [b"", b"GET /healthz?x HTTP/1.1\r\nHost: x\r\n\r\n"], ids=["plain", "Tornado's"])
def test_where_the_system_has_no_descriptor_left_idle_connections_make_room(
    start_server: Callable[..., Any], tiny_models: Path, before: bytes
) -> None:
    server = start_server(tiny_models, PARLEY_DEFAULT_MODEL="tiny", PARLEY_IDLE_S="3600")
    with unharmed(server), connecting() as connect:
        [worker] = server.workers()
        _, hard = resource.prlimit(worker, resource.RLIMIT_NOFILE)
        resource.prlimit(worker, resource.RLIMIT_NOFILE, (80, hard))
        idle = [connect(server) for _ in range(200)]  # those that are not taken wait in the port's backlog
        for connection in idle[:10] if before else ():
            connection.send(before)

        for _ in range(20):
            assert server.post("/predict", {"text": "hello"}).status == 200
            assert server.get("/metrics").status == 200

        assert server.log.read_text().count("cannot be accepted") <= 2
        resource.prlimit(worker, resource.RLIMIT_NOFILE, (hard, hard))


def test_as_many_connections_are_kept_as_leave_files_for_everything_else(
    start_server: Callable[..., Any], tiny_models: Path, tmp_path: Path, root: Path
) -> None:
    script = tmp_path / "with_few_files.py"
    script.write_text(
        "import resource, runpy, sys\n"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (128, 128))\n"
        f"sys.argv[0] = {str(root / 'serve_tornado.py')!r}\n"
        f"sys.path.insert(0, {str(root)!r})\n"
        "runpy.run_path(sys.argv[0], run_name='__main__')\n"
    )
    server = start_server(tiny_models, script=script, PARLEY_DEFAULT_MODEL="tiny")
    with unharmed(server), connecting() as connect:
        for _ in range(300):
            last = connect(server)
        last.predict(ASKED)

        assert last.receive()[0] == 200
        assert server.post("/predict", {"text": "hello", "model": "tiny@1"}).status == 200  # to be read from its files
        assert "cannot be accepted" not in server.log.read_text()
