"""Files of lines from the upload to the answers, on a live server, whatever is killed and cancelled meanwhile."""

import json
import re
import subprocess
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import psutil
import pytest

from tests.job_stores import open_job_store
from tests.server import PASSWORD, Server
from tests.workers import until

TEXTS: Final = ["hello", "will it rain", "book a table", "zzzz", "the bill please"]
MANY: Final = 20_000
"""Lines that take a while; more are sent to a machine that is too fast to be caught with them."""


@pytest.fixture(scope="module")
def live(start_server: Callable[..., Server], tiny_models: Path) -> Server:
    """A server with somebody who answers files."""
    return start_server(tiny_models, PARLEY_DEFAULT_MODEL="tiny", PARLEY_JOB_WORKERS="1")


def send(server: Server, content: bytes, query: str = "") -> str:
    reply = server.request("POST", f"/predictions/batch{query}", content, {"Content-Type": "application/jsonl"})
    assert reply.status == 202, reply.body
    return str(reply.json()["job"]["id"])


def job_of(server: Server, job: str) -> Any:
    return server.get(f"/jobs/{job}").json()["job"]


def lines_of(n_lines: int, text: str = "%s") -> bytes:
    written = [text.replace("%s", one).encode() for one in TEXTS]
    return b"".join(b'{"text": "%b", "id": %d}\n' % (written[n % 5], n) for n in range(n_lines))


def caught(server: Server) -> tuple[str, int, psutil.Process]:
    """Send a file, stop the process that answers it in the middle, and give the job, how many lines it has, and it."""
    n_lines = MANY
    while True:
        job = send(server, lines_of(n_lines), "?model=tinyseq&top_k=1")
        until(lambda: (job_of(server, job)["progress"] or {}).get("line"))  # noqa: B023 - asked at once
        with suppress(psutil.NoSuchProcess, ValueError):
            process = process_of(server, job)
            process.suspend()
            if job_of(server, job)["state"] == "running":
                return job, n_lines, process
        n_lines *= 4


def process_of(server: Server, job: str) -> psutil.Process:
    children = psutil.Process(server.process.pid).children(recursive=True)
    [process] = [one for one in children if job in one.cmdline()]
    return process


def events_of(server: Server, job: str) -> list[tuple[str, Any]]:
    """Read what happens to a job until it has ended."""
    told = server.get(f"/jobs/{job}/events").body.decode()
    blocks = [block.split("\n") for block in told.split("\n\n") if "event: " in block]
    return [
        (
            next(line[7:] for line in block if line.startswith("event: ")),
            json.loads(next(line[6:] for line in block if line.startswith("data: "))),
        )
        for block in blocks
    ]


def test_a_file_is_answered_line_by_line_as_its_texts_are_by_themselves(live: Server) -> None:
    lines = [*({"text": text, "id": n} for n, text in enumerate(TEXTS)), {"txt": ""}]
    job = send(live, "\n".join(map(json.dumps, lines)).encode(), "?top_k=2")

    events = events_of(live, job)

    assert [name for name, _ in events][-1] == "end"
    ended = events[-1][1]["job"]
    assert (ended["state"], ended["version"], ended["answered"], ended["failed"]) == ("succeeded", 2, 5, 1)
    assert "version 2 of tiny answers 6 lines" in [told["line"] for name, told in events if name == "log"]
    *answers, error = [json.loads(line) for line in live.get(f"/jobs/{job}/result").body.splitlines()]
    asked = live.post("/predict", {"texts": TEXTS, "top_k": 2}).json()["predictions"]
    assert answers == [{"line": n + 1, "id": n, **one} for n, one in enumerate(asked)]
    assert (error["line"], error["error"]["code"]) == (6, "invalid_line")


def test_a_file_whose_process_is_killed_is_answered_by_another_each_line_once(live: Server) -> None:
    job, n_lines, process = caught(live)

    process.kill()

    until(lambda: job_of(live, job)["state"] not in ("queued", "running"))
    ended = job_of(live, job)
    assert (ended["state"], ended["attempts"], ended["answered"], ended["failed"]) == ("succeeded", 2, n_lines, 0)
    told = [json.loads(line) for line in live.get(f"/jobs/{job}/result").body.splitlines()]
    assert [(line["line"], line["id"], line["text"]) for line in told] == [
        (n + 1, n, TEXTS[n % 5]) for n in range(n_lines)
    ]


def test_a_file_that_is_cancelled_while_it_is_answered_leaves_nothing(live: Server) -> None:
    job, _, process = caught(live)
    assert not any("tensorflow" in one.path for one in process.memory_maps())

    assert live.request("DELETE", f"/jobs/{job}").status == 202

    until(lambda: job_of(live, job)["state"] == "cancelled")
    assert live.get(f"/jobs/{job}/result").status == 404
    store = open_job_store(f"sqlite:///{live.log.parent / 'var' / 'parley.db'}")
    [kept] = [one for one in store.page() if str(one.id) == job]
    assert [store.piece(kept.id, side, 0) for side in ("in", "out")] == [None, None]
    store.close()


def test_the_commands_of_the_page_do_what_it_says(live: Server, root: Path, tmp_path: Path) -> None:
    page = (root / "docs" / "jobs.md").read_text()
    [typed] = [block for block in re.findall(r"```sh\n(.*?)```", page, re.DOTALL) if "/predictions/batch" in block]
    typed = typed.replace("admin:PASSWORD", f"'admin:{PASSWORD}'").replace("8080", str(live.port))

    done = subprocess.run(["bash", "-euo", "pipefail", "-c", typed], cwd=tmp_path, capture_output=True, check=True)

    told = [json.loads(line) for line in done.stdout.splitlines() if line.startswith(b'{"line"')]
    assert [(one["line"], one.get("id"), "error" in one) for one in told] == [
        (1, 1, False), (2, "b", False), (3, None, False), (4, None, True),
    ]  # fmt: skip


@pytest.mark.long
def test_a_hundred_thousand_lines_take_the_memory_of_some(live: Server) -> None:
    job = send(live, lines_of(100_000, "will it rain %s " * 20))
    until(lambda: job_of(live, job)["progress"])
    process = process_of(live, job)
    most = 0

    def has_ended() -> bool:
        nonlocal most
        try:
            most = max(most, process.memory_info().rss)
        except psutil.NoSuchProcess:
            return True
        return False

    until(has_ended)
    until(lambda: job_of(live, job)["state"] not in ("queued", "running"))
    [worker] = live.workers()[:1]
    assert job_of(live, job)["answered"] == 100_000
    assert live.get(f"/jobs/{job}/result").body.count(b"\n") == 100_000
    assert most < 200 << 20
    assert psutil.Process(worker).memory_info().rss < 200 << 20
