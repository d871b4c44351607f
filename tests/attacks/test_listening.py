"""Only what was told to be reached can be reached (S31)."""

from typing import Any

import psutil
import pytest


def _listening(server: Any) -> set[tuple[str, int]]:
    """Where the server and all that it started take connections."""
    supervisor = psutil.Process(server.process.pid)
    family = [supervisor, *supervisor.children(recursive=True)]
    found = (one for process in family for one in process.net_connections("inet") if one.status == psutil.CONN_LISTEN)
    return {(one.laddr.ip, one.laddr.port) for one in found}


@pytest.mark.controls("told-addresses")
def test_a_server_that_was_told_nothing_is_reached_from_its_own_machine_alone(server: Any) -> None:
    """S31. Runners of trainings listen nowhere; who trains needs the scope, as any other caller."""
    assert _listening(server) == {("127.0.0.1", server.port)}


@pytest.mark.parametrize(("method", "path"), [("POST", "/train"), ("GET", "/jobs"), ("DELETE", "/jobs/1")])
def test_who_proves_nothing_trains_nothing(server: Any, method: str, path: str) -> None:
    """S31."""
    assert server.request(method, path, b"{}", {"Authorization": "", "Content-Type": "application/json"}).status == 401
