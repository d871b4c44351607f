"""System A: the top three, five labelled errors, and its probes; what crashed it is a 4xx in JSON."""

import json
from threading import Event
from types import SimpleNamespace
from typing import Any

import pytest

from app.web.contracts import atis
from app.web.contracts.contract import Terms
from app.web.operation import Call, PlainText

JSON = "application/json"


def asked(server: Any, body: bytes | str | None, kind: str = JSON, path: str = "/intent") -> Any:
    return server.request("POST", path, body, {"Content-Type": kind})


def test_a_text_has_its_three_best_intents_best_first(anybody, contracts) -> None:
    reply = asked(anybody, '{"text": "book a table for two"}')
    native = contracts.post("/predict", {"text": "book a table for two", "model": "bot"}).json()

    assert (reply.status, list(reply.json())) == (200, ["intents"])
    places = reply.json()["intents"]
    assert [place.keys() for place in places] == [{"label", "confidence"}] * 3
    assert [(place["label"], place["confidence"]) for place in places] == [
        (place["intent"], place["confidence"]) for place in native["ranking"]
    ]
    assert places[0]["label"] == "booking"
    assert [place["confidence"] for place in places] == sorted((p["confidence"] for p in places), reverse=True)


@pytest.mark.parametrize(
    ("body", "label", "message"),
    [
        ("", "BODY_MISSING", "Request body is missing."),
        ("{}", "BODY_MISSING", "Request body is missing."),
        ('{"txt": "hello"}', "TEXT_MISSING", '"text" missing from request body.'),
        ('{"text": 5}', "INVALID_TYPE", '"text" is not a string.'),
        ('{"text": null}', "INVALID_TYPE", '"text" is not a string.'),
        ('{"text": ["hello"]}', "INVALID_TYPE", '"text" is not a string.'),
        ('{"text": ""}', "TEXT_EMPTY", '"text" is empty.'),
        ('{"text": "   "}', "TEXT_EMPTY", '"text" is empty.'),
        ("hello", "BAD_REQUEST", "Invalid JSON format."),
        (b"\xff", "BAD_REQUEST", "Invalid JSON format."),
        ('"hello"', "BAD_REQUEST", "Invalid JSON format."),
        ('["hello"]', "BAD_REQUEST", "Invalid JSON format."),
    ],
    ids=range(12),
)
def test_a_bad_body_has_its_label(anybody, body: bytes | str, label: str, message: str) -> None:
    reply = asked(anybody, body)

    assert (reply.status, reply.json()) == (400, {"label": label, "message": message})


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        ('{"text": "hello"}', "text/plain", 415),
        ('{"text": "hello"}', "", 415),
        ("text=hello", "application/x-www-form-urlencoded", 415),
        (json.dumps({"text": "x" * 10_001}), JSON, 413),
        (b" " * (1 << 21), JSON, 413),
        ("[" * 100_000, JSON, 400),
    ],
    ids=range(6),
)
def test_what_else_is_wrong_is_a_4xx_in_json(anybody, body: bytes | str, kind: str, status: int) -> None:
    reply = asked(anybody, body, kind)

    assert (reply.status, reply.headers["Content-Type"]) == (status, JSON)
    assert reply.json().keys() == {"label", "message"}


def test_out_of_scope_is_unknown_where_that_is_asked_for(anybody) -> None:
    unsure = '{"text": "hello the"}'
    plain, told = (asked(anybody, unsure, path=path).json()["intents"] for path in ("/intent", "/intent?unknown=true"))
    named = asked(anybody, '{"text": "book a table for two"}', path="/intent?unknown=true").json()["intents"]
    nothing = asked(anybody, '{"text": "qqqq zzzz"}').json()["intents"]

    assert named[0]["label"] == "booking"
    assert nothing == [{"label": "<unknown>", "confidence": 0.0}]
    if told != plain:  # it is unsure of that
        assert told[0] == {"label": "<unknown>", "confidence": plain[0]["confidence"]}
        assert told[1:] == plain[:2]


def test_title_case_has_the_same_answer(anybody) -> None:
    small, title = (asked(anybody, json.dumps({"text": text})).json() for text in ("book a table", "Book A Table"))

    assert small == title


def test_a_server_that_is_ready_says_so(anybody) -> None:
    reply = anybody.get("/ready")

    assert (reply.status, reply.body) == (200, b"OK")


def test_its_documents_and_example_are_where_they_were(anybody) -> None:
    assert anybody.get("/api/example").json() == {"message": "Success"}
    assert anybody.get("/apispec_1.json").json() == anybody.get("/apispec.json").json()
    assert "/intent" in anybody.get("/apispec_1.json").json()["paths"]


def test_a_get_of_what_is_posted_is_refused_in_json(contracts) -> None:
    reply = contracts.get("/intent")

    assert (reply.status, reply.headers["Content-Type"]) == (405, JSON)


def test_a_server_that_loads_is_not_ready() -> None:
    [ready] = [one for one in atis.contract(Terms("atis", "tiny")).operations if one.path == "/ready"]
    loading: Any = SimpleNamespace(models=SimpleNamespace(is_ready=False), stopping=Event())

    answer = ready.handle(loading, Call("", None, {}, None))

    assert (answer.status, answer.body) == (423, PlainText(b"Not ready", "text/plain; charset=utf-8"))


def test_the_command_takes_a_model(python) -> None:
    done = python("serve_tornado.py", "--model", "../nope", "--port", "0")

    assert done.returncode == 1
    assert "default_model" in done.stderr
