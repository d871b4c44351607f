"""System K: whatever its page sends is answered 201 with one of the intent's replies, and no bad body with a 500."""

import json
from typing import Any
from urllib.parse import quote

import pytest

GREETINGS = {b"Hello yourself!", b"Good day to you."}
TEXT, JSON = "text/plain", "application/json"
ORIGIN = "https://page.example"


def said(server: Any, body: bytes | str | None, kind: str = TEXT, path: str = "/predict", **headers: str) -> Any:
    return server.request("POST", path, body, {"Content-Type": kind, **headers})


@pytest.mark.parametrize(
    ("kind", "body", "query"),
    [
        (TEXT, '{"data":"Hello"}', ""),
        (TEXT, '{"data":"hello%20there"}', ""),
        (TEXT, "hello there", ""),
        (TEXT, '"hello there"', ""),
        (TEXT + "; charset=UTF-8", '{"data":"hello"}', ""),
        (JSON, '{"data": "hello there"}', ""),
        (JSON, '"hello%20there"', ""),
        (JSON, None, "?data=hello%20there"),
        (TEXT, None, "?data=hello+there&_=17"),
        ("", None, "?data=hello%2520there"),
    ],
)
def test_a_text_is_answered_by_a_reply_of_its_intent_wherever_it_stands(
    anybody, kind: str, body: str | None, query: str
) -> None:
    reply = said(anybody, body, kind, "/predict" + query)

    assert (reply.status, reply.headers["Content-Type"]) == (201, "text/plain; charset=utf-8")
    assert reply.body in GREETINGS


def test_a_text_that_a_page_has_not_escaped_is_answered(anybody) -> None:
    reply = said(anybody, '{"data":"book "a table" for two"}')

    assert (reply.status, reply.body) == (201, b"For how many?")


def test_every_reply_of_an_intent_is_given_some_time(anybody) -> None:
    assert {said(anybody, "hello").body for _ in range(40)} == GREETINGS


def test_an_escaped_blank_is_a_blank_and_nothing_else_is_unescaped(anybody) -> None:
    spaced, escaped = (said(anybody, json.dumps({"data": text})).body for text in ("will it rain", "will%20it%20rain"))

    assert spaced == escaped == b"weather"  # it has no replies, so that its name is told
    assert b"understand" in said(anybody, json.dumps({"data": "100%25"})).body


def test_what_is_not_understood_is_said_so(anybody) -> None:
    reply = said(anybody, '{"data": "qqqq zzzz"}')

    assert (reply.status, reply.body) == (201, b"Sorry, I did not understand that.")


def test_pages_of_any_origin_may_ask_and_read(anybody) -> None:
    wanted = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    preflight = anybody.request("OPTIONS", "/predict", None, {"Origin": ORIGIN, **wanted})
    reply = said(anybody, '{"data": "hello"}', Origin=ORIGIN)
    refused = said(anybody, "", Origin=ORIGIN)

    assert (preflight.status, preflight.headers["Access-Control-Allow-Origin"]) == (204, "*")
    assert "Content-Type" in preflight.headers["Access-Control-Allow-Headers"]
    assert "Authorization" not in preflight.headers["Access-Control-Allow-Headers"]
    assert [one.headers["Access-Control-Allow-Origin"] for one in (reply, refused)] == ["*", "*"]


def test_our_own_replies_are_for_no_other_origin_all_the_same(contracts, anybody) -> None:
    native = contracts.request("POST", "/predict", '{"text": "hello"}', {"Content-Type": JSON, "Origin": ORIGIN})
    elsewhere = anybody.request("OPTIONS", "/models", None, {"Origin": ORIGIN, "Access-Control-Request-Method": "GET"})

    assert (native.status, native.headers["Access-Control-Allow-Origin"]) == (200, None)
    assert elsewhere.headers["Access-Control-Allow-Origin"] is None


def test_an_intent_that_requires_a_context_is_meant_there_alone(anybody) -> None:
    before = said(anybody, '{"data": "the bill please"}')
    booked = said(anybody, '{"data": "book a table"}')
    context = booked.headers["X-Context"]
    after = said(anybody, "the bill please", **{"X-Context": context})
    beside = said(anybody, json.dumps({"data": "the bill please", "context": "at the table"}), JSON)
    behind = said(anybody, None, path=f"/predict?data=the+bill+please&context={quote(context)}")

    assert before.body != b"Cash or card?"
    assert (booked.body, context) == (b"For how many?", "at%20the%20table")
    assert [one.body for one in (after, beside, behind)] == [b"Cash or card?"] * 3


def test_a_context_lasts_until_another_is_set(anybody) -> None:
    reply = said(anybody, "hello", **{"X-Context": "at%20the%20table"})

    assert (reply.body in GREETINGS, reply.headers["X-Context"]) == (True, "at%20the%20table")


def test_the_server_keeps_no_context(anybody) -> None:
    said(anybody, "book a table")

    assert said(anybody, "the bill please").body != b"Cash or card?"


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (TEXT, ""),
        (TEXT, "   "),
        (TEXT, b"\xff\xfe"),
        (TEXT, '{"data": 5}'),
        (TEXT, '{"data": null}'),
        (TEXT, '{"data": ["hello"]}'),
        (JSON, '{"data": {}}'),
        (JSON, '""'),
        (JSON, '{"data": "hello", "context": 5}'),
        (JSON, json.dumps({"data": "hello", "context": "x" * 201})),
        (TEXT, "x" * 10_001),
        (TEXT, "x" * (1 << 21)),
    ],
    ids=range(12),
)
def test_what_is_no_text_is_refused_in_a_sentence(anybody, kind: str, body: bytes | str) -> None:
    reply = said(anybody, body, kind)

    assert 400 <= reply.status < 500
    assert reply.headers["Content-Type"].startswith("text/plain")
    assert len(reply.body) > 5
