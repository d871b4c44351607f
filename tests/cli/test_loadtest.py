"""`python -m app loadtest` measures a running server, and refuses what makes no sense before it sends anything."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from app.cli.load_texts import bundled_texts, distinct
from tests.server import PASSWORD

SIGNED_IN = ("--user", "admin", "--password-env", "SECRET")


@pytest.fixture
def loadtest(python, server) -> Callable[..., CompletedProcess[str]]:
    def run(*options: object, url: str = server.url) -> CompletedProcess[str]:
        done: CompletedProcess[str] = python(
            "-m", "app", "loadtest", url, *options, environment={"SECRET": PASSWORD, "EMPTY": ""}
        )
        return done

    return run


def figures(done: CompletedProcess[str]) -> dict[str, Any]:
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_it_tells_rate_percentiles_and_statuses(loadtest) -> None:
    seen = figures(loadtest(*SIGNED_IN, "--requests", 300, "--connections", 4, "--json"))

    assert seen["sent"] == seen["answered"] == 300
    assert seen["statuses"] == {"200": 300}
    assert (seen["failures"], seen["problems"], seen["unsent"]) == ({}, {}, 0)
    assert seen["checked"] >= 6
    latencies = [seen["latency_ms"][name] for name in ("p50", "p90", "p99", "p99.9", "max")]
    assert latencies == sorted(latencies)
    assert latencies[0] > 0
    assert seen["answers_per_second"] == pytest.approx(300 / seen["seconds"], rel=0.01)


def test_people_get_a_table(loadtest) -> None:
    done = loadtest(*SIGNED_IN, "--requests", 50)

    assert done.returncode == 0
    for word in ("answers/s", "p50", "p90", "p99", "p99.9", "max", "200 OK", "50 distinct texts"):
        assert word in done.stdout


def test_a_rate_is_kept(loadtest) -> None:
    seen = figures(loadtest(*SIGNED_IN, "--rate", 50, "--seconds", 1, "--json"))

    assert seen["answered"] == pytest.approx(50, abs=2)


def test_texts_come_from_a_file_and_a_model_is_asked_by_name(loadtest, tmp_path: Path) -> None:
    (tmp_path / "texts.txt").write_text("hello there\n\nwill it rain\nhello there\n")

    done = loadtest(*SIGNED_IN, "--texts", tmp_path / "texts.txt", "--model", "tinyseq", "--requests", 10)

    assert done.returncode == 0, done.stderr
    assert "2 distinct texts" in done.stdout
    assert "each text was sent about 5.0 times" in done.stdout


def test_the_password_is_neither_printed_nor_taken_from_the_command_line(loadtest) -> None:
    done = loadtest(*SIGNED_IN, "--requests", 5)

    assert PASSWORD not in done.stdout + done.stderr
    assert loadtest("--user", "admin", "--password", PASSWORD).returncode == 2
    refused = loadtest(url=f"http://admin:{PASSWORD}@127.0.0.1:1".replace(" ", "%20"))
    assert refused.returncode == 2
    assert "--password-env" in refused.stderr


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--seconds", "1", "--requests", "5"), "give one"),
        (("--rate", "0"), "0.0"),
        (("--rate", "nan"), "--rate must be a number"),
        (("--seconds", "nan"), "--seconds must be a number"),
        (("--connections", "0"), "0 is not in the range"),
        (("--requests", "0"), "0"),
        (("--password-env", "SECRET"), "--user"),
        (("--user", "admin", "--password-env", "NOT_SET_ANYWHERE"), "NOT_SET_ANYWHERE"),
        (("--user", "admin", "--password-env", "EMPTY"), "EMPTY"),
        (("--user", "a:b", "--password-env", "SECRET"), "colon"),
        (("--texts", "there-is-no-such-file"), "No such file"),
    ],
)
def test_nonsense_is_refused_with_a_reason(loadtest, options: tuple[str, ...], says: str) -> None:
    done = loadtest(*options)

    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "url", ["127.0.0.1:8080", "ftp://here", "http://", "http://here/?a=b", "http://here:99999", "http://[x"]
)
def test_what_is_no_url_of_a_server_is_refused(loadtest, url: str) -> None:
    done = loadtest(url=url)

    assert done.returncode == 2
    assert "URL" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_file_without_a_text_is_refused(loadtest, tmp_path: Path) -> None:
    (tmp_path / "empty.txt").write_text("\n \n")

    done = loadtest("--texts", tmp_path / "empty.txt")

    assert (done.returncode, "no text in it" in done.stderr) == (2, True)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ((), "answers 401: this needs a proof that is right"),
        ((*SIGNED_IN, "--model", "nowhere"), "answers 404: there is no model 'nowhere'"),
    ],
)
def test_a_server_that_refuses_the_first_request_is_sent_no_second(loadtest, options, says: str) -> None:
    done = loadtest(*options, "--requests", 1000)

    assert done.returncode == 2
    assert says in " ".join(done.stderr.split())


def test_nobody_listening_is_said_in_a_sentence(loadtest) -> None:
    done = loadtest(url="http://127.0.0.1:1")

    assert done.returncode == 2
    assert "127.0.0.1:1/predict does not answer: no connection: Connection refused" in done.stderr


def test_ctrl_c_ends_it_early_and_still_tells(server, root: Path) -> None:
    command = [sys.executable, "-m", "app", "loadtest", server.url, *SIGNED_IN, "--seconds", "60", "--json"]
    environment = {**os.environ, "SECRET": PASSWORD}  # noqa: TID251
    with subprocess.Popen(
        command, cwd=root, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        log = server.log
        before = log.stat().st_size
        while log.stat().st_size < before + 2000:
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=20)

    assert process.returncode == 0
    assert json.loads(out)["answered"] > 0


def test_a_terminal_is_shown_how_far_it_is(server, root: Path) -> None:
    command = [sys.executable, "-m", "app", "loadtest", server.url, *SIGNED_IN, "--seconds", "1", "--json"]
    environment = {**os.environ, "SECRET": PASSWORD, "TERM": "xterm", "COLUMNS": "100"}  # noqa: TID251
    shown, terminal = os.openpty()
    with subprocess.Popen(command, cwd=root, env=environment, stdout=subprocess.PIPE, stderr=terminal) as process:
        os.close(terminal)
        seen = b""
        with suppress(OSError):  # a terminal that nobody writes to any more ends so
            while part := os.read(shown, 4096):
                seen += part
        process.communicate(timeout=20)
    os.close(shown)

    assert process.returncode == 0
    assert re.search(rb"[1-9]\d* answers", seen), seen
    assert b" %" in seen


def test_bundled_texts_are_distinct_and_of_about_ten_words(root: Path) -> None:
    texts = bundled_texts(root, 30_000)

    assert len(set(texts)) == 30_000
    assert {len(text.split()) for text in texts} <= set(range(8, 13))
    assert texts == bundled_texts(root, 30_000)


def test_more_texts_than_can_be_made_are_not_waited_for() -> None:
    with pytest.raises(ValueError, match="cannot be made"):
        distinct(["one two three four five six seven eight"], 10)
