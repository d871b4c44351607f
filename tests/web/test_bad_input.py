"""What cannot be used is refused with a 4xx that says which field and why; nothing sent makes a 5xx."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

MIB = 1 << 20
DEEP = 100_000

# What is sent, and the status, code and field of the answer. Objects are sent as JSON, bytes as they are.
BAD: dict[str, tuple[object, int, str, str]] = {
    "nothing": (b"", 400, "malformed_body", ""),
    "blanks": (b"  \n", 400, "malformed_body", ""),
    "not JSON": (b"text=hello", 400, "malformed_body", ""),
    "a piece of JSON": (b'{"text": "hello', 400, "malformed_body", ""),
    "JSON and more": (b'{"text": "hello"} x', 400, "malformed_body", ""),
    "two objects": (b'{"text": "a"}{"text": "b"}', 400, "malformed_body", ""),
    "single quotes": (b"{'text': 'a'}", 400, "malformed_body", ""),
    "bytes that are not UTF-8": (b'{"text": "caf\xe9"}', 400, "malformed_body", ""),
    "UTF-16": ('{"text": "a"}'.encode("utf-16"), 400, "malformed_body", ""),
    "half a character, escaped": (rb'{"text": "\ud83d"}', 400, "malformed_body", ""),
    "half a character, encoded": (b'{"text": "\xed\xa0\xbd"}', 400, "malformed_body", ""),
    "the other half": (rb'{"text": "\ude00 hello"}', 400, "malformed_body", ""),
    "NaN": (b'{"text": "a", "top_k": NaN}', 400, "malformed_body", ""),
    "Infinity": (b'{"text": "a", "top_k": Infinity}', 400, "malformed_body", ""),
    "-Infinity": (b'{"text": "a", "top_k": -Infinity}', 400, "malformed_body", ""),
    "a number that overflows": (b'{"text": "a", "top_k": 1e999}', 400, "invalid_request", "top_k"),
    "a number of 5,000 digits": (b'{"text": "a", "top_k": ' + b"9" * 5000 + b"}", 400, "invalid_request", "top_k"),
    "a list": ([{"text": "hello"}], 400, "invalid_request", ""),
    "a number": (7, 400, "invalid_request", ""),
    "a string": ("hello", 400, "invalid_request", ""),
    "true": (True, 400, "invalid_request", ""),
    "null": (None, 400, "invalid_request", ""),
    "deep lists": (b"[" * DEEP + b"]" * DEEP, 400, "invalid_request", ""),
    "deep text": (b'{"text":' + b"[" * DEEP + b"]" * DEEP + b"}", 400, "invalid_request", "text"),
    "deep and unknown": (b'{"x":' + b'{"x":' * DEEP + b"1" + b"}" * DEEP + b"}", 400, "invalid_request", "x"),
    "neither text nor texts": ({}, 400, "invalid_request", "text"),
    "both text and texts": ({"text": "a", "texts": ["b"]}, 400, "invalid_request", "text"),
    "an unknown field": ({"text": "a", "threshold": 1}, 400, "invalid_request", "threshold"),
    "a field with a slip": ({"txet": "a"}, 400, "invalid_request", "txet"),
    "a text that is a number": ({"text": 1}, 400, "invalid_request", "text"),
    "a text that is null": ({"text": None}, 400, "invalid_request", "text"),
    "a text that is a list": ({"text": ["a"]}, 400, "invalid_request", "text"),
    "a text that is an object": ({"text": {}}, 400, "invalid_request", "text"),
    "texts that are a text": ({"texts": "a"}, 400, "invalid_request", "texts"),
    "texts that are null": ({"texts": None}, 400, "invalid_request", "texts"),
    "texts with a number": ({"texts": ["a", 1]}, 400, "invalid_request", "texts[1]"),
    "texts with null": ({"texts": [None]}, 400, "invalid_request", "texts[0]"),
    "a text too long": ({"text": "x" * 10_001}, 413, "input_too_long", "text"),
    "too many texts": ({"texts": ["x"] * 1025}, 413, "too_many_inputs", "texts"),
    "a body too large": ({"text": "x" * MIB}, 413, "body_too_large", ""),
    "top_k 0": ({"text": "a", "top_k": 0}, 400, "invalid_request", "top_k"),
    "top_k -1": ({"text": "a", "top_k": -1}, 400, "invalid_request", "top_k"),
    "top_k 1001": ({"text": "a", "top_k": 1001}, 400, "invalid_request", "top_k"),
    "top_k 10^30": ({"text": "a", "top_k": 10**30}, 400, "invalid_request", "top_k"),
    "top_k true": ({"text": "a", "top_k": True}, 400, "invalid_request", "top_k"),
    "top_k 1.5": ({"text": "a", "top_k": 1.5}, 400, "invalid_request", "top_k"),
    "top_k null": ({"text": "a", "top_k": None}, 400, "invalid_request", "top_k"),
    "top_k as text": ({"text": "a", "top_k": "3"}, 400, "invalid_request", "top_k"),
    "no intents": ({"text": "a", "intents": []}, 400, "invalid_request", "intents"),
    "intents that are a text": ({"text": "a", "intents": "bill"}, 400, "invalid_request", "intents"),
    "intents with a number": ({"text": "a", "intents": ["bill", 1]}, 400, "invalid_request", "intents[1]"),
    "an unknown intent": ({"text": "a", "intents": ["bill", "nope"]}, 400, "unknown_intent", "intents"),
    "a model that is a number": ({"text": "a", "model": 1}, 400, "invalid_request", "model"),
    "a model that is a list": ({"text": "a", "model": ["tiny"]}, 400, "invalid_request", "model"),
    "an unknown model": ({"text": "a", "model": "nope"}, 404, "model_not_found", "model"),
    "an unknown version": ({"text": "a", "model": "tiny@9"}, 404, "version_not_found", "model"),
    "an unknown alias": ({"text": "a", "model": "tiny@nope"}, 404, "alias_not_found", "model"),
    "version 0": ({"text": "a", "model": "tiny@0"}, 400, "invalid_model_reference", "model"),
    "version -1": ({"text": "a", "model": "tiny@-1"}, 400, "invalid_model_reference", "model"),
    "version 10^20": ({"text": "a", "model": f"tiny@{10**20}"}, 400, "invalid_model_reference", "model"),
    "an odd alias": ({"text": "a", "model": "tiny@x!"}, 400, "invalid_model_reference", "model"),
    "a model without name": ({"text": "a", "model": ""}, 400, "invalid_model_name", "model"),
    "a model up the tree": ({"text": "a", "model": "../evil"}, 400, "invalid_model_name", "model"),
    "a model down the tree": ({"text": "a", "model": "tiny/2"}, 400, "invalid_model_name", "model"),
    "a model with NUL": ({"text": "a", "model": "tiny\0"}, 400, "invalid_model_name", "model"),
    "a model of 65 letters": ({"text": "a", "model": "x" * 65}, 400, "invalid_model_name", "model"),
}


def _bytes(content: object) -> bytes:
    return content if isinstance(content, bytes) else json.dumps(content).encode()


def _post(server, body: Any, content_type: str = "application/json") -> Any:
    return server.request("POST", "/predict", body, {"Content-Type": content_type} if content_type else {})


@pytest.mark.parametrize(("content", "status", "code", "field"), BAD.values(), ids=BAD.keys())
def test_it_is_refused_by_code_sentence_and_field(server, content: object, status: int, code: str, field: str) -> None:
    reply = _post(server, _bytes(content))

    error = reply.json()["error"]
    assert (reply.status, error["code"]) == (status, code)
    assert [detail["field"] for detail in error["details"]] == ([field] if field else [])
    assert 10 < len(error["message"]) < 400


@pytest.mark.parametrize("content", [content for content, *_ in BAD.values()], ids=BAD.keys())
def test_the_sentence_names_no_type_of_a_programming_language(server, content: object) -> None:
    message = _post(server, _bytes(content)).json()["error"]["message"]

    assert not re.search(r"`(str|int|float|bool|[^`]* \| [^`]*)`|codec|Error", message), message


@pytest.mark.parametrize(
    ("sent", "nearest"), [("txet", "text"), ("Texts", "texts"), ("topk", "top_k"), ("intent", "intents")]
)
def test_an_unknown_field_is_told_the_nearest_known_one(server, sent: str, nearest: str) -> None:
    message = _post(server, _bytes({sent: "a"})).json()["error"]["message"]

    assert message == f"unknown field '{sent}'; did you mean '{nearest}'?"


def test_an_unknown_intent_is_named_and_a_known_one_is_not(server) -> None:
    message = _post(server, _bytes({"text": "a", "intents": ["bill", "farewell"]})).json()["error"]["message"]

    assert "'farewell'" in message
    assert "bill" not in message


@pytest.mark.parametrize("content_type", ["", "text/plain", "application/x-www-form-urlencoded", "application/jsonx"])
def test_a_body_of_another_type_is_refused(server, content_type: str) -> None:
    reply = _post(server, b'{"text": "hello"}', content_type)

    assert (reply.status, reply.json()["error"]["code"]) == (415, "unsupported_media_type")


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", "APPLICATION/JSON", "application/json;"])
def test_json_is_json_however_its_type_is_written(server, content_type: str) -> None:
    assert _post(server, b'{"text": "hello"}', content_type).status == 200


@pytest.mark.parametrize("n_bytes", [MIB + 1, 30 * MIB])
@pytest.mark.parametrize("chunked", [False, True], ids=["whole", "chunked"])
def test_who_sends_too_much_is_told_so(server, n_bytes: int, *, chunked: bool) -> None:
    def chunks() -> Iterator[bytes]:  # of a length that is not said beforehand
        for start in range(0, n_bytes, MIB):
            yield b" " * min(MIB, n_bytes - start)

    reply = _post(server, chunks() if chunked else b" " * n_bytes)

    assert (reply.status, reply.json()["error"]["code"]) == (413, "body_too_large")
    assert "1,048,576 bytes" in reply.json()["error"]["message"]


def test_a_body_of_just_the_largest_size_is_answered(server) -> None:
    assert _post(server, b'{"text": "hello"}'.ljust(MIB)).status == 200


def test_of_a_field_sent_twice_the_last_counts(server) -> None:
    assert _post(server, b'{"text": "will it rain", "text": "hello"}').json()["text"] == "hello"


_TEXTS = st.text(st.characters(exclude_categories=()), max_size=30)  # halves of characters among them
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | _TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXTS, inner, max_size=4),
    max_leaves=10,
)
_REQUESTS = st.fixed_dictionaries(
    {},
    optional={
        "text": _TEXTS | _JSON,
        "texts": st.lists(_TEXTS, max_size=5) | _JSON,
        "model": st.sampled_from(["tiny", "tinyseq", "tiny@1"]) | _TEXTS | _JSON,
        "top_k": st.integers(-1, 5) | _JSON,
        "intents": st.lists(st.sampled_from(["bill", "greeting", "x"]), max_size=3) | _JSON,
    },
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(body=st.binary(max_size=200) | (_JSON | _REQUESTS).map(lambda content: json.dumps(content).encode()))
def test_nothing_that_is_sent_makes_a_server_error(server, body: bytes) -> None:
    reply = _post(server, body)

    assert reply.status in (200, 400, 404), (body, reply.body)
    assert list(reply.json()) == ["error"] or reply.status == 200
