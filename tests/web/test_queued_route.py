"""`POST /predict?mode=queue`: what is wrong is told at once, the rest by id, to nobody but who asked."""

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from app.domain.caller import Scope
from tests.proofs import Keys, identity_of

QUEUE = "/predict?mode=queue"
JSON = {"Content-Type": "application/json"}
RIGHT: list[dict[str, Any]] = [
    {"text": "hello there"},
    {"text": "hello there", "model": "tinyseq@1", "top_k": 1},
    {"text": "will it rain", "intents": ["bill", "weather"]},
    {"texts": ["hello there", "x" * 10_001, "the bill please"]},
    {"texts": []},
    {"text": "xyzzy " * 500},
]
WRONG_LATER: list[dict[str, Any]] = [
    {"text": "hello", "model": "nope"},
    {"text": "hello", "model": "tiny@9"},
    {"text": "hello", "intents": ["nope"]},
    {"text": "x" * 10_001},
    {"texts": [""] * 1025},
    {"record": {"name": "x"}},
]
WRONG_AT_ONCE = [
    b"", b"{", b'{"txet": "x"}', b'{"text": 7}', b'{"text": "x", "texts": ["y"]}', b"{}", b'{"text": "x", "top_k": 0}',
    b'{"text": "x", "record": {}}', b'{"texts": "x"}', b'{"text": "\xff"}', b" " * (1 << 21),
]  # fmt: skip


@pytest.fixture(scope="module")
def keys(server: Any) -> Iterator[Keys]:
    with identity_of(server) as identity:
        yield Keys(identity)


def put(server: Any, content: object, path: str = QUEUE, **headers: str) -> Any:
    reply = server.request("POST", path, json.dumps(content).encode(), {**JSON, **headers})
    assert reply.status == 202, reply.body
    return reply


def fetched(server: Any, put_reply: Any, **headers: str) -> Any:
    """Wait for what was put into the queue."""
    while True:
        reply = server.get(put_reply.headers["Location"] + "?wait=10", **headers)
        assert reply.status == 200, reply.body
        prediction = reply.json()["prediction"]
        if prediction["state"] in ("succeeded", "failed"):
            return prediction


def test_what_is_queued_is_told_where_it_can_be_fetched(server) -> None:
    reply = put(server, {"text": "hello"})
    prediction = reply.json()["prediction"]

    assert uuid.UUID(prediction["id"]).version == 4
    assert reply.headers["Location"] == f"/predictions/{prediction['id']}"
    assert (prediction["state"], "result" in prediction) == ("queued", False)
    assert fetched(server, reply)["state"] == "succeeded"


@pytest.mark.parametrize("content", [*RIGHT, *WRONG_LATER], ids=range(len(RIGHT) + len(WRONG_LATER)))
def test_the_result_is_what_a_direct_request_is_answered(server, content: dict[str, Any]) -> None:
    named = {"X-Request-ID": f"queued-{uuid.uuid4()}"}
    direct = server.request("POST", "/predict", json.dumps(content).encode(), {**JSON, **named})

    prediction = fetched(server, put(server, content, **named))

    assert prediction["result"] == direct.json()
    assert prediction["state"] == ("succeeded" if direct.status == 200 else "failed")
    assert (direct.status == 200) == (content in RIGHT)


@pytest.mark.parametrize("body", WRONG_AT_ONCE, ids=range(len(WRONG_AT_ONCE)))
def test_what_is_malformed_is_refused_at_once_as_a_direct_request_is(server, body: bytes) -> None:
    named = {"X-Request-ID": "malformed"}
    direct = server.request("POST", "/predict", body, {**JSON, **named})

    reply = server.request("POST", QUEUE, body, {**JSON, **named})

    assert 400 <= reply.status < 500
    assert (reply.status, reply.json()) == (direct.status, direct.json())


@pytest.mark.parametrize("query", ["m%6Fde=queue", "mode=%71ueue", "x=1&mode=queue", "mode=queue&data=hello"])
def test_no_spelling_of_the_mode_is_answered_directly(server, query: str) -> None:
    fetched(server, put(server, {"text": "hello"}, f"/predict?{query}"))


@pytest.mark.parametrize("query", ["", "mode=direct", "mode2=queue", "x=mode%3Dqueue"])
def test_whatever_else_stands_behind_the_path_means_nothing(server, query: str) -> None:
    assert server.post(f"/predict?{query}", {"text": "hello"}).json()["intent"] == "greeting"


@pytest.mark.parametrize("query", ["mode=", "mode=Queue", "mode=queue&mode=queue", "mode=direct&mode=queue"])
def test_another_mode_is_refused(server, query: str) -> None:
    reply = server.post(f"/predict?{query}", {"text": "hello"})

    assert reply.status == 400
    assert [detail["field"] for detail in reply.json()["error"]["details"]] == ["mode"]


@pytest.mark.controls("results-to-their-owner")
def test_a_result_is_told_to_who_asked_and_to_administrators_alone(server, keys: Keys) -> None:
    hers, his = ({"Authorization": keys.make(Scope.PREDICT)} for _ in range(2))
    some_models = {"Authorization": keys.make(Scope.ADMIN, models=frozenset({"tinyseq"}))}
    reply = put(server, {"text": "hello"}, **hers)
    where = reply.headers["Location"]

    assert fetched(server, reply, **hers)["result"]["text"] == "hello"
    assert fetched(server, reply)["result"]["text"] == "hello"
    for proof in (his, some_models):
        for method in ("GET", "DELETE"):
            refused = server.request(method, where, headers=proof)
            assert refused.status == 404
            assert refused.json()["error"]["code"] == "prediction_not_found"
    unknown = server.request("GET", f"/predictions/{uuid.uuid4()}", headers=his)
    mine = server.request("GET", where, headers=his)
    assert [len(reply.json()["error"]) for reply in (unknown, mine)] == [4, 4]


def test_a_caller_queues_nothing_for_a_model_that_is_not_theirs(server, keys: Keys) -> None:
    proof = {"Authorization": keys.make(Scope.PREDICT, models=frozenset({"tinyseq"}))}

    reply = server.request("POST", QUEUE, b'{"text": "hello"}', {**JSON, **proof})

    assert (reply.status, reply.json()["error"]["code"]) == (403, "forbidden_model")


def test_what_is_forgotten_is_gone(server) -> None:
    reply = put(server, {"text": "hello"})
    fetched(server, reply)
    where = reply.headers["Location"]

    told = server.request("DELETE", where)

    assert (told.status, told.json()["prediction"]["state"]) == (200, "succeeded")
    assert [server.request(method, where).status for method in ("GET", "DELETE")] == [404, 404]


@pytest.mark.parametrize("name", ["nope", "00000000-0000-4000-8000-000000000000", "%00", "..", "{id}"])
def test_there_is_no_prediction_of_another_id(server, name: str) -> None:
    assert server.get(f"/predictions/{name}").status in (404, 400)


@pytest.mark.parametrize("wait", ["-1", "61", "x", "1.5"])
def test_a_wait_that_is_none_is_refused(server, wait: str) -> None:
    reply = server.get(f"/predictions/{uuid.uuid4()}?wait={wait}")

    assert (reply.status, reply.json()["error"]["details"][0]["field"]) == (400, "wait")


def test_what_was_queued_and_answered_is_counted_and_logged(server) -> None:
    named = {"X-Request-ID": f"counted-{uuid.uuid4()}"}
    fetched(server, put(server, {"text": "hello"}, **named))
    fetched(server, put(server, {"text": "hello", "model": "nope"}, **named))

    told = server.get("/metrics").body.decode()

    counts = {line.partition(" ")[0]: float(line.rpartition(" ")[2]) for line in told.splitlines() if line[0] != "#"}
    assert counts["parley_queue_predictions_total"] >= 2
    assert counts["parley_queue_answered_total"] >= 2
    assert counts["parley_queue_failed_total"] >= 1
    assert counts["parley_queue_waiting"] >= 0
    assert counts['parley_requests_total{endpoint="/predict",method="QUEUE",status="404"}'] >= 1
    assert named["X-Request-ID"] in server.log.read_text()


def test_no_log_line_and_no_figure_holds_what_was_asked(server) -> None:
    for content in ({"text": "MARKED 4711"}, {"text": "MARKED 4711", "model": "nope"}, {"text": "MARKED" * 2_000}):
        fetched(server, put(server, content))

    assert "MARKED" not in server.get("/metrics").body.decode()
    assert "MARKED" not in server.log.read_text()


@pytest.fixture(scope="module")
def document(server: Any) -> Any:
    return server.get("/apispec.json").json()


@pytest.mark.parametrize("content", [{"text": "hello"}, {"text": "hello", "model": "nope"}], ids=["right", "wrong"])
def test_it_is_as_the_document_says(server, document, content: dict[str, Any]) -> None:
    from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # noqa: PLC0415

    schema = {"$ref": "#/components/schemas/QueuedReply", "components": document["components"]}
    reply = put(server, content)
    fetched(server, reply)

    for told in (reply.json(), server.get(reply.headers["Location"]).json()):
        Draft202012Validator(schema).validate(told)
