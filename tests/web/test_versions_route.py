"""The life of versions over HTTP: what is asked for is done when it is answered, and what is refused says why."""

import json
import shutil
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.domain.caller import Caller, Scope
from app.domain.errors import MissingScopeError
from app.registry.model_registry import ModelRegistry
from app.web.api.versions import ActivateRequest, activate
from app.web.operation import Call
from tests.registries import large_network, publish_again
from tests.workers import until

LARGE = str(64 << 20)


@pytest.fixture(scope="module")
def models(tiny_models: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A registry that a server and this file share; each test has a model of its own."""
    folder = tmp_path_factory.mktemp("versions") / "models"
    return Path(shutil.copytree(tiny_models, folder, ignore=shutil.ignore_patterns(".*")))


@pytest.fixture(scope="module")
def live(start_server: Callable[..., Any], models: Path) -> Any:
    return start_server(models, PARLEY_DEFAULT_MODEL="tiny", PARLEY_WORKERS="2", PARLEY_MAX_BODY_BYTES=LARGE)


@pytest.fixture
def name(live: Any, models: Path, request: pytest.FixtureRequest) -> str:
    """A model of this test's own, of two versions that answer alike, which each worker has noticed."""
    own = f"m{zlib.crc32(request.node.name.encode())}"
    for _ in range(2):
        publish_again(models, own)
    send(live, "PUT", f"/models/{own}/aliases/noticed", {"version": 1})  # answers when each worker follows
    send(live, "DELETE", f"/models/{own}/aliases/noticed")
    return own


def send(live: Any, method: str, path: str, content: object = None) -> Any:
    body = None if content is None else json.dumps(content)
    return live.request(method, path, body, {"Content-Type": "application/json"})


def told(reply: Any) -> tuple[int, str]:
    return reply.status, reply.json()["error"]["code"]


def answered_by(live: Any, model: str) -> int:
    """Ask as a client does: again, where the server says that it is too busy just now."""
    while (reply := live.post("/predict", {"text": "hello", "model": model})).headers["Retry-After"] is not None:
        assert reply.status == 503
    return int(reply.json()["version"])


def test_versions_are_listed_the_newest_first(live) -> None:
    reply = live.get("/models/tiny/versions").json()

    assert (reply["name"], reply["aliases"]) == ("tiny", {"original": 1, "active": 2, "previous": 1})
    assert [(one["version"], one["aliases"], one["family"]) for one in reply["versions"]] == [
        (2, ["active"], "bow"),
        (1, ["original", "previous"], "bow"),
    ]


def test_a_version_that_was_activated_answers_at_once_in_every_worker(live, name: str) -> None:
    reply = send(live, "POST", f"/models/{name}/activate", {"version": 1})

    assert (reply.status, reply.json()) == (
        200,
        {"name": name, "aliases": {"original": 1, "active": 1, "previous": 2}},
    )
    assert {answered_by(live, name) for _ in range(20)} == {1}


def test_one_call_rolls_back(live, name: str) -> None:
    reply = send(live, "POST", f"/models/{name}/rollback")

    assert reply.json()["aliases"] == {"original": 1, "active": 1, "previous": 2}
    assert {answered_by(live, name) for _ in range(20)} == {1}


def test_a_version_that_is_worse_is_refused_with_what_is_and_forced_by_an_administrator(live, models, name) -> None:
    checks = {"test": [{"text": "will it rain", "intent": "weather"}] * 4, "must": [{"text": "hello", "intent": None}]}
    assert send(live, "PUT", f"/models/{name}/checks", checks).status == 200
    silent = ModelRegistry(models).publish(
        name,
        {**ModelRegistry(models).load("tiny", 1, SERVED).files, "model.onnx": large_network(0.0, 1)},
        ModelRegistry(models).manifest("tiny", 1).facts,
        activate=False,
    )

    refused = send(live, "POST", f"/models/{name}/activate", {"version": silent.version})

    assert told(refused) == (409, "gate_refused"), refused.json()
    sentences = [detail["message"] for detail in refused.json()["error"]["details"]]
    assert any(sentence.startswith("intent 'weather': 0 of 4 test texts are right, 4 before") for sentence in sentences)
    assert answered_by(live, name) == 2
    forced = send(live, "POST", f"/models/{name}/activate", {"version": silent.version, "force": True})
    assert forced.json()["aliases"]["active"] == silent.version
    assert answered_by(live, name) == silent.version


SERVED = ("config.yaml", "tokenizer.pkl", "label_encoder.pkl", "calibration.json")


@pytest.mark.parametrize(
    ("method", "path", "content", "status", "code"),
    [
        ("POST", "activate", {"version": 9}, 404, "version_not_found"),
        ("POST", "activate", {"version": 0}, 400, "invalid_request"),
        ("POST", "activate", {"version": "1"}, 400, "invalid_request"),
        ("POST", "activate", {}, 400, "invalid_request"),
        ("PUT", "aliases/active", {"version": 1}, 400, "invalid_alias"),
        ("PUT", "aliases/Staging", {"version": 1}, 400, "invalid_alias"),
        ("PUT", "aliases/staging", {"version": 9}, 404, "version_not_found"),
        ("DELETE", "aliases/staging", None, 404, "alias_not_found"),
        ("DELETE", "versions/1", None, 409, "version_in_use"),
        ("DELETE", "versions/9", None, 404, "version_not_found"),
        ("DELETE", "versions/active", None, 400, "invalid_request"),
        ("DELETE", "versions/01", None, 400, "invalid_request"),
        ("GET", "versions/nope/report", None, 404, "alias_not_found"),
        ("GET", "versions/9/report", None, 404, "version_not_found"),
        ("GET", "versions/9/archive", None, 404, "version_not_found"),
        ("GET", "versions/0/archive", None, 400, "invalid_model_reference"),
        ("GET", "diff?from=9", None, 404, "version_not_found"),
        ("GET", "diff?form=1", None, 400, "invalid_request"),
        ("GET", "diff?from=1&from=2", None, 400, "invalid_request"),
        ("GET", "diff?limit=0", None, 400, "invalid_request"),
        ("GET", "diff?limit=x", None, 400, "invalid_request"),
        ("PUT", "checks", {"must": [{"text": "x"}]}, 400, "invalid_request"),
        ("PUT", "checks", {"allowance": {"accuracy": 2}}, 400, "invalid_request"),
        ("PUT", "checks", {"test": [{"text": "", "intent": "a"}]}, 400, "invalid_request"),
    ],
)
def test_what_cannot_be_done_is_refused_by_code(  # noqa: PLR0913, PLR0917 - a row of the table each
    live, method: str, path: str, content: object, status: int, code: str
) -> None:
    assert told(send(live, method, f"/models/tiny/{path}", content)) == (status, code)


@pytest.mark.parametrize(
    ("method", "path", "content"),
    [
        ("GET", "versions", None),
        ("POST", "activate", {"version": 1}),
        ("POST", "rollback", None),
        ("PUT", "aliases/staging", {"version": 1}),
        ("DELETE", "versions/1", None),
        ("GET", "diff", None),
        ("GET", "checks", None),
        ("PUT", "checks", {}),
    ],
)
def test_a_model_that_is_not_there_is_told(live, method: str, path: str, content: object) -> None:
    assert told(send(live, method, f"/models/nobody/{path}", content)) == (404, "model_not_found")
    assert told(send(live, method, f"/models/..x/{path}", content)) == (400, "invalid_model_name")


def test_a_field_that_is_wrong_is_named(live) -> None:
    reply = send(live, "POST", "/models/tiny/activate", {"version": 1, "froce": True})

    assert reply.json()["error"]["details"] == [
        {"field": "froce", "message": "unknown field 'froce'; did you mean 'force'?"}
    ]


def test_a_parameter_that_is_wrong_is_named(live) -> None:
    assert "did you mean 'from'?" in live.get("/models/tiny/diff?form=1").json()["error"]["message"]


def test_a_first_version_that_was_not_activated_is_told_of_and_answers_by_its_number(live, models) -> None:
    stored = ModelRegistry(models).load("tiny", 1, {*SERVED, "model.onnx"})
    ModelRegistry(models).publish("unseen", stored.files, stored.manifest.facts, activate=False)
    # between its files and its aliases, which is a moment, the model is a damaged one
    until(lambda: {live.get("/models/unseen").json().get("state") for _ in range(20)} == {"inactive"})
    sentence = "no version of model 'unseen' is active; activate one, or ask for it by number: unseen@1"

    model = live.get("/models/unseen").json()
    refused = live.post("/predict", {"text": "hello", "model": "unseen"})

    assert (model["state"], model["version"], model["error"]) == ("inactive", None, sentence)
    assert told(refused) == (409, "no_active_version")
    assert refused.json()["error"]["message"] == sentence
    assert answered_by(live, "unseen@1") == answered_by(live, "unseen@original") == 1
    assert "unseen" not in live.get("/readyz").json()["failed"]
    assert send(live, "POST", "/models/unseen/activate", {"version": 1}).status == 200
    assert answered_by(live, "unseen") == 1


def test_an_alias_of_ones_own_answers(live, name: str) -> None:
    assert send(live, "PUT", f"/models/{name}/aliases/staging", {"version": 1}).json()["aliases"]["staging"] == 1
    assert {answered_by(live, f"{name}@staging") for _ in range(20)} == {1}
    assert "staging" not in send(live, "DELETE", f"/models/{name}/aliases/staging").json()["aliases"]


def test_a_deleted_version_answers_nobody_any_more_though_it_was_in_memory(live, models, name: str) -> None:
    publish_again(models, name)
    publish_again(models, name)  # 1 original, 3 previous, 4 active
    assert {answered_by(live, f"{name}@2") for _ in range(20)} == {2}

    assert send(live, "DELETE", f"/models/{name}/versions/2").status == 200

    replies = [live.post("/predict", {"text": "hello", "model": f"{name}@2"}) for _ in range(20)]
    assert {told(reply) for reply in replies} == {(404, "version_not_found")}


def test_reports_are_given_for_programs_and_to_look_at(live, models) -> None:
    report, page = live.get("/models/tiny/versions/active/report"), live.get("/models/tiny/versions/2/report.html")

    assert report.headers["Content-Type"] == "application/json"
    assert report.body == (models / "tiny/2/report.json").read_bytes()
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "default-src 'none'; style-src 'unsafe-inline'" in page.headers["Content-Security-Policy"]
    assert page.body == (models / "tiny/2/report.html").read_bytes()


def test_two_versions_are_compared(live, models, name: str) -> None:
    send(live, "PUT", f"/models/{name}/checks", {"test": [{"text": "hello", "intent": "greeting"}]})
    files = ModelRegistry(models).load("tiny", 1, {*SERVED, "model.onnx"}).files
    silent = {**files, "model.onnx": large_network(0.0, 1)}
    ModelRegistry(models).publish(name, silent, ModelRegistry(models).manifest("tiny", 1).facts, activate=False)

    reply = live.get(f"/models/{name}/diff?from=active&to=3").json()

    assert (reply["before"], reply["after"], reply["asked"], reply["different"]) == (2, 3, 1, 1)
    [one] = reply["differences"]
    assert (one["text"], one["origin"], one["expected"]) == ("hello", "test", "greeting")
    assert (one["before"]["intent"], one["after"]["intent"]) == ("greeting", None)


def test_a_version_goes_from_one_server_to_an_empty_one_and_answers_the_same(live, start_server, tmp_path) -> None:
    (tmp_path / "models").mkdir()
    empty = start_server(tmp_path / "models", PARLEY_MAX_BODY_BYTES=LARGE)
    archive = live.get("/models/tiny/versions/2/archive")

    reply = empty.request("POST", "/models/copy/archive", archive.body, {"Content-Type": "application/zip"})

    assert archive.headers["Content-Type"] == "application/zip"
    assert (reply.status, reply.json()) == (
        201,
        {"name": "copy", "version": 1, "aliases": {"original": 1, "active": 1}},
    )
    texts = {"texts": ["hello", "will it rain", "a table for two", "zzz", ""], "top_k": 4}
    there = empty.post("/predict", {**texts, "model": "copy"}).json()["predictions"]
    assert there == live.post("/predict", {**texts, "model": "tiny@2"}).json()["predictions"]


@pytest.mark.parametrize(
    ("body", "kind", "status", "code"),
    [
        (b"no archive", "application/zip", 400, "unusable_archive"),
        (b"", "application/zip", 400, "unusable_archive"),
        (b"PK", "application/json", 415, "unsupported_media_type"),
        (bytes(65 << 20), "application/zip", 413, "body_too_large"),
    ],
    ids=["no archive", "nothing", "another type", "too large"],
)
def test_an_archive_that_cannot_be_taken_in_is_refused(live, body: bytes, kind: str, status: int, code: str) -> None:
    reply = live.request("POST", "/models/evil/archive", body, {"Content-Type": kind})

    assert told(reply) == (status, code)
    assert live.get("/models/evil").status == 404


def test_checks_are_given_back_with_their_number(live, name: str) -> None:
    assert live.get(f"/models/{name}/checks").json()["number"] == 0

    checks = {"test": [], "must": [{"text": "stop", "intent": None}], "allowance": {"accuracy": 0.5, "intent": 0.2}}
    assert send(live, "PUT", f"/models/{name}/checks", checks).json()["number"] == 1

    assert live.get(f"/models/{name}/checks").json() == {"name": name, "number": 1, "checks": checks}


def test_only_an_administrator_may_force() -> None:
    trainer = Caller("bob", frozenset({Scope.TRAIN}))
    nothing: Any = None

    with pytest.raises(MissingScopeError, match="'admin'"):
        activate(nothing, Call("id", ActivateRequest(version=1, force=True), {"name": "tiny"}, trainer))


def test_all_of_it_needs_a_proof(live) -> None:
    for method, path in (("POST", "/models/tiny/rollback"), ("DELETE", "/models/tiny/versions/1")):
        assert live.request(method, path, None, {"Authorization": ""}).status == 401
