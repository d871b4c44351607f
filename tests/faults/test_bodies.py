"""Whatever a body is, it is answered by a documented status and code, straight off the socket or through Tornado."""

import json
from typing import Any

import pytest

from tests.wellbeing import unharmed

CODES = {400: {"malformed_body", "invalid_request", "unknown_intent"}, 413: {"input_too_long", "body_too_large"}}
VALUES: list[object] = [None, True, False, 0, -1, 1.5, "", "x", [], ["x"], [[]], {}, {"a": 1}, 10**30, "x" * 5000]
FIELDS = ["text", "texts", "model", "top_k", "intents"]
WAYS = {"plain": "/predict", "through Tornado": "/predict?x"}

ODD = {
    **{f"{n} deep": b"[" * n + b"]" * n for n in (101, 999, 1000, 1001, 5000, 250_000)},
    **{f"{n} deep in a field": b'{"text":' + b'{"a":' * n + b"1" + b"}" * n + b"}" for n in (101, 1000, 150_000)},
    "never closed": b"[" * 250_000,
    "5,000 digits": b'{"text": "a", "top_k": ' + b"1" * 5000 + b"}",
    "5,000 digits for a text": b'{"text": ' + b"1" * 5000 + b"}",
    "500,000 digits": b'{"text": ' + b"1" * 500_000 + b"}",
    "1e400": b'{"text": 1e400}',
    "NaN": b'{"text": NaN}',
    "-Infinity": b'{"text": -Infinity}',
    "a mark of byte order": b'\xef\xbb\xbf{"text": "hello"}',
    "UTF-16": '{"text": "hello"}'.encode("utf-16"),
    "UTF-16, no mark": '{"text": "hello"}'.encode("utf-16-le"),
    "UTF-32": '{"text": "hello"}'.encode("utf-32"),
    "Latin-1": '{"text": "caf\xe9"}'.encode("latin-1"),
    "overlong UTF-8": b'{"text": "\xc0\xaf"}',
    "beyond Unicode": b'{"text": "\xf5\x80\x80\x80"}',
    "half a character": rb'{"text": "\ud800"}',
    "a raw NUL": b'{"text": "a\0b"}',
    "a raw line break": b'{"text": "a\nb"}',
    "a comment": b'{"text": "a"} // b',
    "a comma too many": b'{"text": "a",}',
    "a long unknown field": json.dumps({"x" * 500_000: 1}).encode(),
    "a field that is a path": json.dumps({"x` - at `$.text": 1}).encode(),
    "many such": json.dumps({" - at `$" * 60_000: 1}).encode(),
    "50,000 fields": json.dumps({f"f{n}": n for n in range(50_000)}).encode(),
    "a long model": json.dumps({"text": "a", "model": "m" * 500_000}).encode(),
    "a long intent": json.dumps({"text": "a", "intents": ["i" * 500_000]}).encode(),
    "50,000 intents": json.dumps({"text": "a", "intents": ["bill"] * 50_000 + ["x"]}).encode(),
}


def ask(server: Any, body: bytes, path: str = "/predict", kind: str = "application/json") -> Any:
    return server.request("POST", path, body, {"Content-Type": kind})


@pytest.mark.parametrize("path", WAYS.values(), ids=WAYS.keys())
def test_what_cannot_be_read_is_refused_with_a_code_and_a_short_sentence(target: Any, path: str) -> None:
    with unharmed(target):
        for name, body in ODD.items():
            reply = ask(target, body, path)

            assert reply.status in {400, 404}, (name, reply.body[:200])
            assert len(reply.json()["error"]["message"]) < 500, name


@pytest.mark.parametrize("path", WAYS.values(), ids=WAYS.keys())
def test_every_value_of_every_field_is_answered_or_refused_by_the_name_of_the_field(target: Any, path: str) -> None:
    with unharmed(target):
        for field in FIELDS:
            for value in VALUES:
                content = {"text": "hello", field: value} if field != "texts" else {"texts": value}
                reply = ask(target, json.dumps(content).encode(), path)

                if reply.status != 200:
                    assert reply.status in {400, 404}, (content, reply.body)
                    details = reply.json()["error"]["details"]
                    assert details, content
                    assert details[0]["field"].partition("[")[0] in {field, "text"}, content


@pytest.mark.parametrize("body", [b"[]", b'"hello"', b"7", b"null", b"true", b"{}"])
def test_a_body_that_is_no_object_with_a_text_is_refused(target: Any, body: bytes) -> None:
    with unharmed(target):
        assert ask(target, body).status == 400


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("application/json; charset=utf-8", 200),
        ("application/json; charset=latin-1", 200),  # JSON is UTF-8, and has no such parameter
        ("text/json", 415),
        ("application/x-www-form-urlencoded", 415),
        ("multipart/form-data; boundary=x", 415),
        ("application/json\t", 200),
        ("/", 415),
        (";" * 500, 415),
    ],
)
def test_only_json_is_taken_and_read_as_utf_8(target: Any, kind: str, status: int) -> None:
    with unharmed(target):
        assert ask(target, '{"text": "hello \u00e9"}'.encode(), kind=kind).status == status


def test_of_a_field_that_comes_twice_the_last_counts(target: Any) -> None:
    with unharmed(target):
        reply = ask(target, b'{"text": "will it rain", "text": 1, "text": "hello"}')

        assert reply.status in {200, 400}  # each is looked at, and one of the wrong type is wrong
        assert ask(target, b'{"text": "will it rain", "text": "hello"}').json()["text"] == "hello"
