"""`POST /train` and `/jobs` over a real socket; nobody runs the jobs here, so they stay where they are put."""

import json
import threading
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.server import Reply, Server

EXAMPLES = [
    {"text": "open the door", "intent": "open"},
    {"text": "let me in", "intent": "open"},
    {"text": "shut the door", "intent": "close"},
    {"text": "close it", "intent": "close"},
]
CSV = "intent,text\n" + "".join(f"{example['intent']},{example['text']}\n" for example in EXAMPLES)


@pytest.fixture(scope="module")
def idle(start_server: Callable[..., Server], tiny_models: Path) -> Server:
    """A server without anybody who trains."""
    return start_server(
        tiny_models,
        PARLEY_DEFAULT_MODEL="tiny",
        PARLEY_JOB_WORKERS="0",
        PARLEY_MAX_QUEUED_JOBS="1000",
        PARLEY_MAX_UPLOAD_BYTES="100000",
    )


@pytest.fixture
def model() -> str:
    """A name that no other test trains."""
    return f"m{uuid.uuid4().hex[:12]}"


def upload(server: Server, content: bytes | str, *, query: str = "", file_name: str = "a.csv", **fields: str) -> Reply:
    """Send a form as browsers and curl do."""
    boundary = uuid.uuid4().hex
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n'.encode()
        for name, text in fields.items()
    ]
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{file_name}"\r\n\r\n'
    data = content if isinstance(content, bytes) else content.encode()
    body = b"".join([*parts, head.encode(), data, f"\r\n--{boundary}--\r\n".encode()])
    return server.request("POST", f"/train{query}", body, {"Content-Type": f"multipart/form-data; boundary={boundary}"})


def error_of(reply: Reply) -> tuple[int, str, list[str]]:
    error = reply.json()["error"]
    return reply.status, error["message"], [detail["field"] for detail in error["details"]]


def test_a_training_is_answered_with_its_job_before_it_begins(idle: Server, model: str) -> None:
    reply = idle.post("/train", {"model": model, "examples": EXAMPLES})

    job = reply.json()["job"]
    assert reply.status == 202
    assert reply.headers["Location"] == f"/jobs/{job['id']}"
    assert (job["model"], job["state"], job["mode"], job["activate"], job["caller"]) == (
        model, "queued", "full", True, "admin",
    )  # fmt: skip
    assert idle.get(reply.headers["Location"]).json()["job"]["id"] == job["id"]


def test_the_examples_become_the_draft_of_the_model(idle: Server, model: str) -> None:
    idle.post("/train", {"model": model, "examples": [*EXAMPLES, {"text": "is it late", "intent": None}]})

    found = idle.get(f"/models/{model}/examples").json()["examples"]

    assert [(example["text"], example["intent"]) for example in found] == [
        *[(example["text"], example["intent"]) for example in EXAMPLES], ("is it late", None),
    ]  # fmt: skip


def test_without_examples_the_draft_is_learned_from(idle: Server, model: str) -> None:
    idle.post(f"/models/{model}/examples", {"examples": EXAMPLES})

    assert idle.post("/train", {"model": model}).status == 202


def test_a_file_is_sent_as_a_form_with_all_that_json_can_say(idle: Server, model: str) -> None:
    reply = upload(
        idle, CSV, file_name="../../door.csv", model=model, family="classical", activate="if_better",
        config='{"training": {"seed": 3}}', mode="full", format="csv", header="true",
    )  # fmt: skip

    job = reply.json()["job"]
    assert (reply.status, job["model"], job["activate"]) == (202, model, "if_better")
    assert {example["source"] for example in idle.get(f"/models/{model}/examples").json()["examples"]} == {
        "file door.csv"
    }


@pytest.mark.parametrize(
    ("content", "wrong"),
    [
        (b"intent,text\nopen,\xff\n", "a.csv:2: not UTF-8"),
        (b'intent,text\nopen,"never closed\n', "a.csv:2: not CSV"),
        (b"intent,text\nopen,one\nopen,two\n", "only the intent 'open'"),
        (b"intent,text\n", "no example"),
        (b"", "no example"),
        (b'{"intents": [{"tag": ""}]}', "the intent has no name"),
        (b"intent,text\nopen,a\n" + b"x" * 201 + b",b\n", "a.csv:3"),
    ],
)
def test_a_file_that_cannot_be_learned_from_is_refused_with_its_lines(
    idle: Server, model: str, content: bytes, wrong: str
) -> None:
    status, message, fields = error_of(upload(idle, content, model=model))

    assert (status, fields) == (422, ["examples"])
    assert wrong in message
    assert idle.get(f"/jobs?model={model}").json() == {"jobs": []}
    assert idle.get(f"/models/{model}/examples").status == 404


@pytest.mark.parametrize(
    ("asked", "status", "field"),
    [
        ({}, 400, "model"),
        ({"model": "../up"}, 400, "model"),
        ({"model": "m", "mode": "quick"}, 400, "mode"),
        ({"model": "m", "activate": "perhaps"}, 400, "activate"),
        ({"model": "m", "examples": [{"text": "a"}]}, 400, "examples[0].intent"),
        ({"model": "m", "examples": [{"text": "a", "intent": "b", "x": 1}]}, 400, "examples[0].x"),
        ({"model": "m", "examples": [{"text": " ", "intent": "b"}]}, 422, "examples"),
        ({"model": "m", "examples": EXAMPLES, "family": "nope"}, 422, "config"),
        ({"model": "m", "examples": EXAMPLES, "config": {"trainng": {}}}, 422, "config"),
        ({"model": "m", "examples": EXAMPLES, "config": {"training": {"epochs": 0}}}, 422, "config"),
        ({"model": "m", "examples": EXAMPLES, "mode": "incremental"}, 422, "mode"),
        ({"model": "nothing-yet"}, 404, "model"),
    ],
)
def test_what_is_wrong_is_told_at_once_and_nothing_is_queued(
    idle: Server, asked: dict[str, Any], status: int, field: str
) -> None:
    reply = idle.post("/train", asked)

    assert (reply.status, [detail["field"] for detail in reply.json()["error"]["details"]]) == (status, [field])
    assert idle.get("/jobs?model=m").json() == {"jobs": []}


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({}, "model"),
        ({"model": "m", "color": "red"}, "color"),
        ({"model": "m", "config": "{"}, ""),
        ({"model": "m", "format": "xls"}, "format"),
        ({"model": "m", "header": "maybe"}, "header"),
    ],
)
def test_a_form_that_is_wrong_is_refused_by_its_field(idle: Server, fields: dict[str, str], field: str) -> None:
    reply = upload(idle, CSV, **fields)

    assert (reply.status, [detail["field"] for detail in reply.json()["error"]["details"]]) == (
        400, [field] if field else [],
    )  # fmt: skip


@pytest.mark.parametrize(
    "body",
    [b"", b"--x\r\n", b"--x--\r\n", b'--x\r\nContent-Disposition: form-data; name="model"\r\n\r\nm\r\n--x--\r\n'],
)
def test_a_form_without_its_file_is_refused(idle: Server, body: bytes) -> None:
    reply = idle.request("POST", "/train", body, {"Content-Type": "multipart/form-data; boundary=x"})

    assert reply.status == 400


def test_a_file_over_the_limit_is_refused_and_the_next_one_is_not(idle: Server, model: str) -> None:
    reply = upload(idle, CSV + "open," + "x" * 100_000 + "\n", model=model)

    assert (reply.status, reply.json()["error"]["code"]) == (413, "body_too_large")
    assert upload(idle, CSV, model=model).status == 202


def _files_of_uploads(server: Server) -> list[str]:
    """Give the files without a name that the workers hold below the folder of uploads."""
    links = [link for pid in server.workers() for link in Path(f"/proc/{pid}/fd").iterdir()]
    return [target for link in links if "/uploads/" in (target := _target(link))]


def _target(link: Path) -> str:
    try:
        return str(link.readlink())
    except FileNotFoundError:  # closed meanwhile
        return ""


@pytest.mark.parametrize(("proofs", "status"), [(1, 400), (0, 401)])
def test_who_proves_nothing_has_nothing_put_on_disk(
    idle: Server, connect: Callable[..., Any], proofs: int, status: int
) -> None:
    connection = connect(idle)
    proof = f"Authorization: {idle.authorization}\r\n" * proofs
    connection.send(
        f"POST /train HTTP/1.1\r\nHost: x\r\n{proof}Content-Type: multipart/form-data; boundary=x\r\n"
        "Content-Length: 50000\r\nExpect: 100-continue\r\n\r\n".encode()
    )
    assert connection.receive()[0] == 100

    assert len(_files_of_uploads(idle)) == proofs

    connection.send(b"x" * 50_000)
    assert connection.receive()[0] == status


def test_the_same_key_trains_once(idle: Server, model: str) -> None:
    body, headers = (
        json.dumps({"model": model, "examples": EXAMPLES}),
        {
            "Content-Type": "application/json",
            "Idempotency-Key": f"key-{model}",
        },
    )

    jobs = {idle.request("POST", "/train", body, headers).json()["job"]["id"] for _ in range(3)}

    assert len(jobs) == 1
    assert len(idle.get(f"/jobs?model={model}").json()["jobs"]) == 1


def test_jobs_are_listed_page_by_page_newest_first(idle: Server, model: str) -> None:
    made = [idle.post("/train", {"model": model, "examples": EXAMPLES}).json()["job"]["id"] for _ in range(3)]

    first = idle.get(f"/jobs?model={model}&limit=2&state=queued").json()["jobs"]
    rest = idle.get(f"/jobs?model={model}&before={first[-1]['id']}").json()["jobs"]

    assert [job["id"] for job in [*first, *rest]] == made[::-1]


@pytest.mark.parametrize("query", ["state=late", "limit=0", "limit=x", "limit=1&limit=2", "color=red", "before=x"])
def test_a_query_that_means_nothing_is_refused(idle: Server, query: str) -> None:
    reply = idle.get(f"/jobs?{query}")

    assert reply.status == 400
    assert reply.json()["error"]["details"][0]["field"] == query.partition("=")[0]


@pytest.mark.parametrize("path", ["/jobs/x", f"/jobs/{uuid.UUID(int=5)}", "/jobs/x/log", "/jobs/x/events"])
def test_a_job_that_is_not_there_is_told(idle: Server, path: str) -> None:
    assert error_of(idle.get(path))[0] == 404
    assert idle.request("DELETE", "/jobs/x").status == 404


def test_a_cancelled_job_ends_at_once_and_stays_ended(idle: Server, model: str) -> None:
    job = idle.post("/train", {"model": model, "examples": EXAMPLES}).json()["job"]["id"]

    assert idle.request("DELETE", f"/jobs/{job}").json()["job"]["state"] == "cancelled"
    assert idle.get(f"/jobs/{job}").json()["job"]["state"] == "cancelled"


@pytest.fixture
def waiting(idle: Server, model: str) -> Iterator[tuple[threading.Thread, list[Reply]]]:
    """Somebody who waits for a training to end."""
    replies: list[Reply] = []
    asked = {"model": model, "examples": EXAMPLES}
    body = json.dumps(asked).encode()

    def wait() -> None:
        replies.append(idle.request("POST", "/train?wait=true", body, {"Content-Type": "application/json"}))

    thread = threading.Thread(target=wait)
    thread.start()
    yield thread, replies
    thread.join()


def _only_job(server: Server, model: str) -> str:
    while not (jobs := server.get(f"/jobs?model={model}").json()["jobs"]):
        pass
    return str(jobs[0]["id"])


def test_who_waits_is_answered_when_the_job_has_ended(
    idle: Server, model: str, waiting: tuple[threading.Thread, list[Reply]]
) -> None:
    job = _only_job(idle, model)
    thread, replies = waiting
    assert not replies

    idle.request("DELETE", f"/jobs/{job}")

    thread.join()
    assert (replies[0].status, replies[0].json()["job"]["state"]) == (200, "cancelled")


def test_many_who_wait_hold_nobody_up(idle: Server, model: str, connect: Callable[..., Any]) -> None:
    body = json.dumps({"model": model, "examples": EXAMPLES}).encode()
    head = (
        f"POST /train?wait=1 HTTP/1.1\r\nHost: x\r\nAuthorization: {idle.authorization}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    waiting = [connect(idle) for _ in range(20)]
    for connection in waiting:
        connection.send(head.encode() + body)
    while len(idle.get(f"/jobs?model={model}").json()["jobs"]) < 20:
        pass

    assert idle.get("/models").status == 200
    for job in idle.get(f"/jobs?model={model}").json()["jobs"]:
        idle.request("DELETE", f"/jobs/{job['id']}")
    assert {connection.receive()[0] for connection in waiting} == {200}


def test_events_tell_of_a_job_until_it_has_ended(idle: Server, model: str, connect: Callable[..., Any]) -> None:
    job = idle.post("/train", {"model": model, "examples": EXAMPLES}).json()["job"]["id"]
    connection = connect(idle)
    connection.send(
        f"GET /jobs/{job}/events HTTP/1.1\r\nHost: x\r\nAuthorization: {idle.authorization}\r\n\r\n".encode()
    )
    seen = b""
    while b"event: progress" not in seen:
        seen += connection.piece()

    idle.request("DELETE", f"/jobs/{job}")

    while piece := connection.piece():
        seen += piece
    head, _, events = seen.partition(b"\r\n\r\n")
    assert b"text/event-stream" in head
    assert b'event: end\ndata: {"job":{"id":"' + job.encode() in events
    assert b'"state":"cancelled"' in events


def test_a_server_that_stops_lets_nobody_wait(
    start_server: Callable[..., Server], tiny_models: Path, model: str, connect: Callable[..., Any]
) -> None:
    server = start_server(tiny_models, PARLEY_DEFAULT_MODEL="tiny", PARLEY_JOB_WORKERS="0")
    job = server.post("/train", {"model": model, "examples": EXAMPLES}).json()["job"]["id"]
    body = json.dumps({"model": model, "examples": EXAMPLES}).encode()
    credentials = f"Host: x\r\nAuthorization: {server.authorization}\r\n"
    waits, follows = connect(server), connect(server)
    waits.send(
        f"POST /train?wait=true HTTP/1.1\r\n{credentials}Content-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n".encode()
        + body
    )
    follows.send(f"GET /jobs/{job}/events HTTP/1.1\r\n{credentials}\r\n".encode())
    while len(server.get(f"/jobs?model={model}").json()["jobs"]) < 2:
        pass
    assert follows.piece().startswith(b"HTTP/1.1 200")

    server.process.terminate()

    assert waits.receive()[0] == 202
    assert server.process.wait(timeout=20) == 0
