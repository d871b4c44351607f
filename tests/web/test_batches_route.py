"""`POST /predictions/batch` and what becomes of its jobs, over a real socket; the test itself is the runner here."""

import http.client
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest

from app.data.packed import pack
from app.domain.caller import Scope
from app.domain.job import Ending, JobOutcome, JobState
from app.storage.job_store import JobStore
from tests.job_stores import open_job_store
from tests.proofs import Keys, identity_of
from tests.server import Reply, Server

JSONL: Final = {"Content-Type": "application/jsonl"}
LINES: Final = b'"hello"\n{"text": "will it rain", "id": 7}\n'
ANSWERS: Final = b'{"line":1}\n{"line":2}\n'


@pytest.fixture(scope="module")
def idle(start_server: Callable[..., Server], tiny_models: Path) -> Server:
    """A server without anybody who answers files."""
    return start_server(
        tiny_models,
        PARLEY_DEFAULT_MODEL="tiny",
        PARLEY_MAX_QUEUED_JOBS="1000",
        PARLEY_MAX_UPLOAD_BYTES="100000",
        PARLEY_MAX_BATCH_LINES="50",
    )


@pytest.fixture(scope="module")
def keys(idle: Server) -> Iterator[Keys]:
    with identity_of(idle) as identity:
        yield Keys(identity)


@pytest.fixture(scope="module")
def table(idle: Server) -> Iterator[JobStore]:
    opened = open_job_store(_address(idle))
    yield opened
    opened.close()


def _address(server: Server) -> str:
    return f"sqlite:///{server.log.parent / 'var' / 'parley.db'}"


def send(
    server: Server, content: bytes = LINES, query: str = "", headers: dict[str, str] | None = None, **proof: str
) -> Reply:
    return server.request("POST", f"/predictions/batch{query}", content, {**JSONL, **(headers or {}), **proof})


def form(server: Server, content: bytes = LINES, headers: dict[str, str] | None = None, **fields: str) -> Reply:
    parts = [
        f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields.items()
    ]
    head = '--x\r\nContent-Disposition: form-data; name="file"; filename="a.jsonl"\r\n\r\n'
    body = "".join([*parts, head]).encode() + content + b"\r\n--x--\r\n"
    return server.request(
        "POST", "/predictions/batch", body, {"Content-Type": "multipart/form-data; boundary=x", **(headers or {})}
    )


def answered(table: JobStore, ending: Ending | None = None) -> str:
    """Run what is queued next to its end, and give its id."""
    claimed = table.claim("runner")
    assert claimed is not None
    table.begin_result(claimed.claim)
    table.append_result(claimed.claim, 0, pack(ANSWERS[:11]))
    table.append_result(claimed.claim, 1, pack(ANSWERS[11:]))
    table.end(claimed.claim, ending or Ending(JobState.SUCCEEDED, JobOutcome(2, n_answered=2, n_failed=0)))
    return str(claimed.job.id)


def of_job(reply: Reply) -> Any:
    return reply.json()["job"]


def error_of(reply: Reply) -> tuple[int, str, list[str]]:
    error = reply.json()["error"]
    return reply.status, error["code"], [detail["field"] for detail in error["details"]]


@pytest.fixture(autouse=True)
def nothing_queued(table: JobStore) -> Iterator[None]:
    """Leave no job to the next test."""
    yield
    for job in table.page(state=JobState.QUEUED, limit=1_000):
        table.cancel(job.id)


def test_a_file_is_answered_with_its_job_before_anybody_reads_it(idle: Server) -> None:
    reply = form(idle, model="tinyseq@1", top_k="2")

    job = of_job(reply)
    assert (reply.status, reply.headers["Location"]) == (202, f"/jobs/{job['id']}")
    assert (job["kind"], job["model"], job["state"], job["caller"], job["mode"], job["activate"]) == (
        "predict", "tinyseq", "queued", "admin", None, None,
    )  # fmt: skip
    assert of_job(idle.get(f"/jobs/{job['id']}"))["id"] == job["id"]


def test_a_body_is_taken_as_the_file_itself(idle: Server, table: JobStore) -> None:
    send(idle, query="?model=tinyseq&top_k=1")

    claimed = table.claim("runner")

    assert claimed is not None
    order = claimed.job.order
    assert order.kind == "predict"
    assert (order.model, order.reference, order.n_lines, order.top_k) == ("tinyseq", "tinyseq", 2, 1)  # type: ignore[union-attr]
    assert table.piece(claimed.job.id, "in", 0) == pack(LINES)
    table.end(claimed.claim, Ending(JobState.CANCELLED))


@pytest.mark.parametrize(("content", "n_lines"), [(b'"a"', 1), (b'"a"\n', 1), (b'"a"\n\n', 2), (b"\n" * 50, 50)])
def test_lines_are_counted_as_they_will_be_read(idle: Server, table: JobStore, content: bytes, n_lines: int) -> None:
    send(idle, content)

    [job] = table.page(state=JobState.QUEUED)
    assert job.order.n_lines == n_lines  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("content", "query", "error"),
    [
        (b"", "", (400, "invalid_request", ["file"])),
        (b"\n" * 51, "", (413, "too_many_lines", ["file"])),
        (b"\n" * 50 + b"1", "", (413, "too_many_lines", ["file"])),
        (b" " * 100_001, "", (413, "body_too_large", [])),
        (LINES, "?model=nope", (404, "model_not_found", ["model"])),
        (LINES, "?model=tiny@9", (404, "version_not_found", ["model"])),
        (LINES, "?model=tiny@nope", (404, "alias_not_found", ["model"])),
        (LINES, "?model=../x", (400, "invalid_model_name", ["model"])),
        (LINES, "?model=tiny@@", (400, "invalid_model_reference", ["model"])),
        (LINES, "?top_k=0", (400, "invalid_request", ["top_k"])),
        (LINES, "?top_k=1001", (400, "invalid_request", ["top_k"])),
        (LINES, "?color=red", (400, "invalid_request", ["color"])),
    ],
)
def test_what_is_wrong_is_told_at_once_and_nothing_is_queued(
    idle: Server, table: JobStore, content: bytes, query: str, error: tuple[int, str, list[str]]
) -> None:
    assert error_of(send(idle, content, query)) == error
    assert table.page(state=JobState.QUEUED) == []


def test_a_body_of_another_type_is_refused(idle: Server) -> None:
    assert send(idle, headers={"Content-Type": "application/json"}).status == 415


def test_the_same_key_queues_once(idle: Server) -> None:
    jobs = {of_job(send(idle, headers={"Idempotency-Key": "a key"}))["id"] for _ in range(3)}

    assert len(jobs) == 1
    assert send(idle, headers={"Idempotency-Key": "x" * 201}).status == 400


def test_the_answers_are_given_as_they_were_kept(idle: Server, table: JobStore) -> None:
    send(idle)
    job = answered(table)

    reply = idle.get(f"/jobs/{job}/result")

    assert (reply.status, reply.headers["Content-Type"], reply.body) == (200, "application/jsonl", ANSWERS)
    shown = of_job(idle.get(f"/jobs/{job}"))
    assert (shown["version"], shown["answered"], shown["failed"]) == (2, 2, 0)
    assert shown["result_until"] > shown["ended_at"]


def test_answers_that_are_deleted_while_they_are_sent_do_not_look_whole(idle: Server, table: JobStore) -> None:
    send(idle)
    job = answered(table, Ending(JobState.SUCCEEDED, JobOutcome(2, n_answered=3, n_failed=0)))  # one of them is gone

    with pytest.raises(http.client.IncompleteRead):
        idle.get(f"/jobs/{job}/result")


def test_there_are_no_answers_before_the_end_nor_after_another_end(idle: Server, table: JobStore) -> None:
    waiting = of_job(send(idle))["id"]
    assert error_of(idle.get(f"/jobs/{waiting}/result"))[:2] == (409, "job_not_ended")

    failed = answered(table, Ending(JobState.FAILED, None, "it broke", "internal"))

    assert failed == waiting
    assert error_of(idle.get(f"/jobs/{failed}/result"))[:2] == (404, "result_not_found")
    assert of_job(idle.get(f"/jobs/{failed}"))["result_until"] is None


def test_a_queued_file_is_deleted_with_its_cancellation(idle: Server, table: JobStore) -> None:
    job = of_job(send(idle))["id"]
    [queued] = table.page(state=JobState.QUEUED)

    assert of_job(idle.request("DELETE", f"/jobs/{job}"))["state"] == "cancelled"

    assert table.piece(queued.id, "in", 0) is None
    assert idle.get(f"/jobs/{job}/result").status == 404


def test_answers_are_deleted_at_once_by_who_says_so(idle: Server, table: JobStore) -> None:
    send(idle)
    job = answered(table)

    deleted = idle.request("DELETE", f"/jobs/{job}")

    assert (deleted.status, of_job(deleted)["state"], of_job(deleted)["result_until"]) == (202, "succeeded", None)
    assert error_of(idle.get(f"/jobs/{job}/result"))[:2] == (404, "result_not_found")
    assert idle.request("DELETE", f"/jobs/{job}").status == 202


def test_answers_that_were_kept_for_long_enough_are_told_to_nobody(idle: Server) -> None:
    send(idle)
    hasty = open_job_store(_address(idle), timedelta(0))
    job = answered(hasty)
    hasty.close()

    assert error_of(idle.get(f"/jobs/{job}/result"))[:2] == (404, "result_not_found")


def test_a_training_has_no_answers(idle: Server) -> None:
    examples = [
        {"text": text, "intent": intent} for intent in ("a", "b") for text in (f"one {intent}", f"two {intent}")
    ]
    job = of_job(idle.post("/train", {"model": "m", "examples": examples}))

    assert job["kind"] == "train"
    assert error_of(idle.get(f"/jobs/{job['id']}/result"))[:2] == (404, "result_not_found")


WAYS: Final = [("GET", ""), ("GET", "/log"), ("GET", "/events"), ("GET", "/result"), ("DELETE", "")]


@pytest.mark.parametrize("scopes", [(Scope.PREDICT,), (Scope.PREDICT, Scope.TRAIN), (Scope.TRAIN, Scope.REVIEW)])
def test_a_file_of_somebody_else_is_not_there(
    idle: Server, table: JobStore, keys: Keys, scopes: tuple[Scope, ...]
) -> None:
    whose, other = keys.make(Scope.PREDICT), keys.make(*scopes)
    send(idle, Authorization=whose)
    job = answered(table)

    for method, path in WAYS:
        wanted = 403 if path == "/result" and Scope.PREDICT not in scopes else 404
        assert idle.request(method, f"/jobs/{job}{path}", headers={"Authorization": other}).status == wanted, path
    assert job not in [one["id"] for one in idle.get("/jobs?limit=1000", Authorization=other).json()["jobs"]]
    assert idle.get(f"/jobs/{job}/result", Authorization=whose).body == ANSWERS


def test_who_may_only_predict_sees_their_own_files_and_no_training(idle: Server, keys: Keys) -> None:
    whose = keys.make(Scope.PREDICT)
    send(idle, Authorization=whose)
    send(idle)
    examples = [
        {"text": text, "intent": intent} for intent in ("a", "b") for text in (f"one {intent}", f"two {intent}")
    ]
    training = of_job(idle.post("/train", {"model": "m", "examples": examples}))["id"]

    listed = idle.get("/jobs", Authorization=whose).json()["jobs"]

    assert [(one["kind"], one["caller"][:4]) for one in listed] == [("predict", "key:")]
    assert idle.get(f"/jobs/{training}", Authorization=whose).status == 403
    assert idle.get("/jobs?kind=train", Authorization=whose).status == 403
    [mine] = listed
    assert idle.get(f"/jobs/{mine['id']}", Authorization=whose).status == 200
    assert idle.request("DELETE", f"/jobs/{mine['id']}", headers={"Authorization": whose}).status == 202


def test_an_administrator_is_told_of_all_files(idle: Server, table: JobStore, keys: Keys) -> None:
    send(idle, Authorization=keys.make(Scope.PREDICT))
    job = answered(table)

    assert [one["id"] for one in idle.get("/jobs?kind=predict&limit=1").json()["jobs"]] == [job]
    assert idle.get("/jobs?kind=other").status == 400
    assert idle.get(f"/jobs/{job}/result").body == ANSWERS


def test_a_caller_asks_their_own_models_alone(idle: Server, table: JobStore, keys: Keys) -> None:
    some = {"Authorization": keys.make(Scope.PREDICT, models=frozenset({"tinyseq"}))}

    assert [send(idle, query=query, headers=some).status for query in ("", "?model=tiny", "?model=tiny@1")] == [403] * 3
    assert [form(idle, headers=some).status, form(idle, headers=some, model="tiny@1").status] == [403] * 2
    assert table.page(state=JobState.QUEUED) == []
    assert [send(idle, query=query, headers=some).status for query in ("?model=tinyseq", "?model=tinyseq@1")] == [
        202
    ] * 2


def test_a_key_that_stands_in_a_page_sends_no_files(idle: Server, keys: Keys) -> None:
    key = keys.make(Scope.PREDICT, origins=frozenset({"https://bot.example"}))

    reply = send(idle, Authorization=key, Origin="https://bot.example")

    assert error_of(reply)[:2] == (403, "forbidden_file")


def test_nothing_of_what_was_sent_is_logged(idle: Server, table: JobStore) -> None:
    secret = "the owl flies at midnight"
    send(idle, json.dumps({"text": secret, "id": secret}).encode())
    job = answered(table)
    idle.get(f"/jobs/{job}/result")

    shown = [idle.log.read_bytes(), idle.get(f"/jobs/{job}").body, idle.get(f"/jobs/{job}/log").body]

    assert not any(secret.encode() in one for one in shown)
