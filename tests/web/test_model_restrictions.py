"""Who may use one model reaches no other, whichever route names it and however; the walk leaves no route out."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from app.domain.caller import Scope
from app.web.application import OPERATIONS
from app.web.operation import Operation
from tests.proofs import Keys, basic, identity_of

OURS, OTHERS = "tiny", "tinyseq"
# What names no model by itself; each says why it cannot tell of one.
NAMES_NONE = {
    "healthz": "no caller", "readyz": "no caller", "metrics": "no caller",
    "oauth_token": "no caller", "oauth_revoke": "no caller", "oauth_introspect": "no caller",
    "oauth_metadata": "no caller", "oauth_keys": "no caller", "me": "who one is",
    "list_models": "a list, below", "list_jobs": "a list, below", "list_audit": "a list, below",
    "get_job": "by id, below", "get_job_log": "by id, below",
    "follow_job": "by id, below", "cancel_job": "by id, below",
    "get_job_result": "what one asked oneself", "get_prediction": "what one asked oneself",
    "forget_prediction": "what one asked oneself",
}  # fmt: skip
BY_ID = [o for o in OPERATIONS if NAMES_NONE.get(o.name) == "by id, below"]


@pytest.fixture(scope="module")
def keys(server: Any) -> Iterator[Keys]:
    with identity_of(server) as identity:
        yield Keys(identity)


@pytest.fixture(scope="module")
def restricted(keys: Keys) -> dict[str, str]:
    """A proof that opens all of one model."""
    return {"Authorization": keys.make(*Scope, models=frozenset({OURS}))}


def ways_to_name(operation: Operation, model: str) -> Iterator[tuple[str, bytes | None, str]]:
    """Give a path, a body and its type for each place in which an operation names a model."""
    path = re.sub(r"{(\w+)}", lambda found: model if found[1] in {"name", "model"} else "1", operation.path)
    if "{name}" in operation.path or "{model}" in operation.path:
        yield path, None, "application/json"
    if "model" in operation.query:
        bare = [kind for kind in operation.uploads if kind != "multipart/form-data"]
        yield f"{path}?model={model}", b'"hello"' if bare else None, (bare or ["application/json"])[0]
    if operation.body is not None and "model" in operation.body.__struct_fields__:
        for reference in (model, f"{model}@1", f"{model}@active"):
            text = {"text": "x"} if "text" in operation.body.__struct_fields__ else {}
            yield path, json.dumps({"model": reference, **text}).encode(), "application/json"
    if "model" in operation.form:
        fields = {"model": model, "file": "text,intent\nhello,greeting\n"}
        yield path, form_of(fields), "multipart/form-data; boundary=cut"


def form_of(fields: dict[str, str]) -> bytes:
    parts = "".join(
        f'--cut\r\nContent-Disposition: form-data; name="{name}"{"; filename=f" * (name == "file")}\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    )
    return f"{parts}--cut--\r\n".encode()


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_no_operation_lets_a_caller_reach_another_model(server, restricted, operation) -> None:
    ways = list(ways_to_name(operation, OTHERS))

    assert ways or operation.name in NAMES_NONE
    for path, body, kind in ways:
        reply = server.request(operation.method, path, body, {**restricted, "Content-Type": kind})
        assert (reply.status, reply.json()["error"]["code"]) == (403, "forbidden_model"), (path, body)


def test_it_is_not_told_whether_there_is_such_a_model(server, restricted) -> None:
    replies = [server.get(f"/models/{model}", **restricted) for model in (OTHERS, "nope")]

    assert [reply.status for reply in replies] == [403, 403]


def test_its_own_model_answers_and_is_all_that_is_listed(server, restricted) -> None:
    sent = {**restricted, "Content-Type": "application/json"}

    assert server.request("POST", "/predict", b'{"text": "hello", "model": "tiny@1"}', sent).status == 200
    assert [model["name"] for model in server.get("/models", **restricted).json()["models"]] == [OURS]


def test_no_model_means_the_default_model(server, restricted, keys) -> None:
    elsewhere = keys.make(Scope.PREDICT, models=frozenset({OTHERS}))
    sent = {"Content-Type": "application/json"}

    assert server.request("POST", "/predict", b'{"text": "hello"}', {**restricted, **sent}).status == 200
    assert server.request("POST", "/predict", b'{"text": "hello"}', {"Authorization": elsewhere, **sent}).status == 403


@pytest.fixture(scope="module")
def jobs(server: Any) -> dict[str, str]:
    """A training of each model, queued; nobody runs them."""
    examples = [{"text": f"{word} {n}", "intent": word} for word in ("open", "close") for n in range(4)]
    return {
        model: server.post("/train", {"model": model, "examples": examples}).json()["job"]["id"]
        for model in (OURS, OTHERS)
    }


def test_only_trainings_of_its_own_model_are_listed(server, restricted, jobs) -> None:
    listed = {job["id"] for job in server.get("/jobs?limit=1000", **restricted).json()["jobs"]}

    assert jobs[OURS] in listed
    assert jobs[OTHERS] not in listed


@pytest.mark.parametrize("kind", ["JSON", "a form"])
def test_a_key_of_before_gives_back_no_training_of_a_model_that_is_not_the_callers_any_more(
    server, keys, kind: str
) -> None:
    name, password = f"cleo.{kind[-1].lower()}", "once all of them, now one"
    users = keys.identity.users
    users.create(name, password, frozenset({Scope.TRAIN}), None, by="admin")

    def train(model: str) -> Any:
        sent = {"Authorization": basic(name, password), "Idempotency-Key": "the same"}
        texts = [(f"{word} {n}", word) for word in ("open", "close") for n in range(4)]
        if kind == "JSON":
            examples = [{"text": text, "intent": word} for text, word in texts]
            sent_as_json = json.dumps({"model": model, "examples": examples})
            return server.request("POST", "/train", sent_as_json, {**sent, "Content-Type": "application/json"})
        rows = "".join(f"{text},{word}\n" for text, word in texts)
        body = form_of({"model": model, "file": f"text,intent\n{rows}"})
        return server.request("POST", "/train", body, {**sent, "Content-Type": "multipart/form-data; boundary=cut"})

    before = train(OTHERS)
    users.change(name, models=frozenset({OURS}), by="admin")
    reply = train(OURS)

    assert before.status == 202
    assert (reply.status, reply.json()["error"]["code"]) == (403, "forbidden_model")
    assert before.json()["job"]["id"] not in reply.body.decode()
    assert [job["model"] for job in server.get(f"/jobs/{before.json()['job']['id']}").json().values()] == [OTHERS]


@pytest.mark.parametrize("operation", BY_ID, ids=lambda operation: operation.name)
def test_a_training_of_another_model_is_not_there(server, restricted, jobs, operation) -> None:
    reply = server.request(operation.method, operation.path.replace("{id}", jobs[OTHERS]), None, restricted)

    assert (reply.status, reply.json()["error"]["code"]) == (404, "job_not_found")


def test_only_deeds_to_its_own_model_are_listed(server, restricted, jobs) -> None:  # noqa: ARG001 - the jobs leave deeds
    listed = server.get("/audit?limit=1000", **restricted).json()["entries"]

    assert {entry["model"] for entry in listed} == {OURS}
    assert {OURS, OTHERS} <= {entry["model"] for entry in server.get("/audit?limit=1000").json()["entries"]}
