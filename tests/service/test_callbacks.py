"""Who asked for it is told of the end of a job, signed, up to three times, and the job never suffers from it."""

import hashlib
import hmac
import json
import logging
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from app.bootstrap.callbacks import wire_callbacks
from app.domain.job import Job, JobOutcome, JobState, TrainingOrder
from app.domain.outgoing_errors import InvalidCallbackError
from app.outgoing.allow_list import AllowList
from app.outgoing.guarded_client import GuardedClient
from app.service.callbacks import PAUSES_S, Callbacks
from app.settings import Settings, load_settings
from tests.outgoing.receivers import Receiver, receiving

SECRET = "correct horse battery"
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def _job(url: str | None, state: JobState = JobState.SUCCEEDED) -> Job:
    order = TrainingOrder("desk", {"family": "bow"}, callback_url=url)
    outcome = JobOutcome(version=3, is_active=True)
    return Job(UUID(int=7), order, "ada", state, NOW, NOW, NOW, 1, outcome=outcome, warnings=("twice",))


@pytest.fixture
def waited() -> list[float]:
    return []


@pytest.fixture
def callbacks(waited: list[float]) -> Callbacks:
    client = GuardedClient(AllowList.parse(["http://127.0.0.1"]), resolve=_resolve)
    return Callbacks(client, SECRET, wait=waited.append)


def _resolve(host: str) -> list[str]:
    return ["93.184.215.14"] if host.endswith(".example") else [host]


def test_the_end_of_a_job_is_told_in_json_with_a_signature_that_the_receiver_can_check(callbacks: Callbacks) -> None:
    with receiving(Receiver()) as receiver:
        assert callbacks.send(_job(f"http://127.0.0.1:{receiver.port}/hook?token=1"))

    [request] = receiver.received
    assert (request.path, request.headers["Content-Type"]) == ("/hook?token=1", "application/json")
    assert request.headers["X-Parley-Event"] == "job.succeeded"
    parts = dict(part.split("=") for part in request.headers["X-Parley-Signature"].split(","))
    signed = hmac.new(SECRET.encode(), parts["t"].encode() + b"." + request.body, hashlib.sha256).hexdigest()
    assert parts["v1"] == signed
    assert abs(time.time() - int(parts["t"])) < 60
    job = json.loads(request.body)["job"]
    assert (job["id"], job["state"], job["model"], job["mode"]) == (str(UUID(int=7)), "succeeded", "desk", "full")
    assert (job["outcome"]["version"], job["outcome"]["is_active"], job["warnings"]) == (3, True, ["twice"])
    assert b"token" not in request.body


def test_a_server_that_fails_is_told_again_and_knows_that_it_is_the_same(
    callbacks: Callbacks, waited: list[float]
) -> None:
    lines: list[str] = []
    with receiving(Receiver(statuses=[500, 429, 204], reply=b"")) as receiver:
        assert callbacks.send(_job(f"http://127.0.0.1:{receiver.port}/"), lines.append)

    assert len({request.headers["X-Parley-Delivery"] for request in receiver.received}) == 1
    assert len({request.body for request in receiver.received}) == 1
    assert waited == list(PAUSES_S)
    assert lines == [
        "callback failed, try 1 of 3: answered with 500", "callback failed, try 2 of 3: answered with 429",
    ]  # fmt: skip


def test_after_three_tries_it_is_given_up_with_a_line_for_each_and_a_warning(
    callbacks: Callbacks, caplog: pytest.LogCaptureFixture
) -> None:
    lines: list[str] = []
    with receiving(Receiver(statuses=[503])) as receiver, caplog.at_level(logging.WARNING):
        assert not callbacks.send(_job(f"http://127.0.0.1:{receiver.port}/hook?token=1"), lines.append)

    assert (len(receiver.received), len(lines), len(caplog.records)) == (3, 3, 3)
    assert "token" not in caplog.text
    assert SECRET not in caplog.text


def test_a_server_that_is_not_there_is_told_to_the_log_of_the_job(callbacks: Callbacks) -> None:
    lines: list[str] = []
    with receiving(Receiver()) as receiver:
        pass

    assert not callbacks.send(_job(f"http://127.0.0.1:{receiver.port}/"), lines.append)
    assert len(lines) == 3
    assert "Connection refused" in lines[2]


def test_a_redirect_is_a_failure(callbacks: Callbacks) -> None:
    lines: list[str] = []
    with receiving(Receiver(statuses=[307], headers={"Location": "http://127.0.0.1:1/"})) as receiver:
        assert not callbacks.send(_job(f"http://127.0.0.1:{receiver.port}/"), lines.append)

    assert "answered with 307, and redirects are not followed" in lines[0]


def test_an_address_that_must_not_be_called_any_more_is_not_tried_again(
    callbacks: Callbacks, waited: list[float]
) -> None:
    lines: list[str] = []

    assert not callbacks.send(_job("https://hooks.example/"), lines.append)
    assert (len(lines), waited) == (1, [])
    assert lines[0].startswith("callback refused: https://hooks.example: ")


def test_a_job_without_an_address_tells_nobody(callbacks: Callbacks) -> None:
    assert callbacks.send(_job(None))


@pytest.mark.parametrize("state", [JobState.FAILED, JobState.CANCELLED, JobState.REFUSED])
def test_every_end_has_its_event_and_its_delivery(callbacks: Callbacks, state: JobState) -> None:
    with receiving(Receiver()) as receiver:
        url = f"http://127.0.0.1:{receiver.port}/"
        assert callbacks.send(_job(url, state))
        assert callbacks.send(_job(url))

    assert receiver.received[0].headers["X-Parley-Event"] == f"job.{state.value}"
    assert len({request.headers["X-Parley-Delivery"] for request in receiver.received}) == 2


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("https://hooks.example/", "names neither this host"),
        ("http://10.0.0.1/", "it has no TLS"),
        ("https://user:pass@127.0.0.1/", "a user or a password"),
        ("x", "is no URL"),
    ],
)
def test_an_address_that_would_not_be_called_is_refused_when_it_is_given(
    callbacks: Callbacks, url: str, problem: str
) -> None:
    with pytest.raises(InvalidCallbackError, match=problem) as refused:
        callbacks.check(url)

    assert refused.value.field == "callback_url"
    assert "pass@" not in str(refused.value)


def test_an_address_that_would_be_called_is_taken(callbacks: Callbacks) -> None:
    callbacks.check("http://127.0.0.1:9000/hook")


def test_without_a_secret_there_are_no_callbacks() -> None:
    callbacks = Callbacks(GuardedClient(AllowList.parse(["http://127.0.0.1"])), None)
    with pytest.raises(InvalidCallbackError, match="`callback_secret` is not set"):
        callbacks.check("http://127.0.0.1/")

    with receiving(Receiver()) as receiver:
        assert not callbacks.send(_job(f"http://127.0.0.1:{receiver.port}/"))
    assert receiver.received == []


def test_what_the_operator_set_is_what_holds(tmp_path: Path) -> None:
    environment = {"PARLEY_CALLBACK_ALLOW": "hooks.example, http://127.0.0.1", "PARLEY_CALLBACK_SECRET": SECRET}
    callbacks = wire_callbacks(load_settings(tmp_path, environment=environment))

    with receiving(Receiver()) as receiver:
        assert callbacks.send(_job(f"http://127.0.0.1:{receiver.port}/"))
    with pytest.raises(InvalidCallbackError):
        callbacks.check("https://other.example/")
    with pytest.raises(InvalidCallbackError):
        wire_callbacks(Settings(callback_secret=SECRET)).check("https://hooks.example/")


def test_what_a_receiver_is_advised_to_check_accepts_what_is_sent_and_nothing_else(
    callbacks: Callbacks, root: Path
) -> None:
    page = (root / "docs/callbacks.md").read_text()
    code = page.partition("```python\n")[2].partition("```")[0]
    names: dict[str, Callable[..., bool]] = {}
    exec(code, names)  # noqa: S102 - our own page
    with receiving(Receiver()) as receiver:
        callbacks.send(_job(f"http://127.0.0.1:{receiver.port}/"))
    [request] = receiver.received
    header, body = request.headers["X-Parley-Signature"], request.body
    is_from_parley = names["is_from_parley"]

    assert is_from_parley(SECRET, header, body)
    assert not is_from_parley("another secret", header, body)
    assert not is_from_parley(SECRET, header, body + b" ")
    assert not is_from_parley(SECRET, header.replace("t=", "t=1"), body)
    assert not is_from_parley(SECRET, header, body, now=time.time() + 3600), "it is too old"
    assert not is_from_parley(SECRET, "", body)
    assert not is_from_parley(SECRET, "t=x,v1=y", body)


def test_a_job_is_not_changed_by_what_became_of_its_callback(callbacks: Callbacks) -> None:
    job = _job("http://127.0.0.1:1/")
    before = replace(job)

    callbacks.send(job)

    assert job == before
