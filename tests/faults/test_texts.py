"""Whatever a text is, its answer is honest: an intent or none, true numbers, and the text as it was sent."""

import json
import math
from typing import Any

import pytest

from tests.wellbeing import unharmed

TEXTS = {
    "nothing": "",
    "blanks": " \t\n\r ",
    "one letter": "x",
    "one sign": "?",
    "NUL": "a\0b\0",
    "control characters": "".join(map(chr, range(1, 32))),
    "2,000 words": "rain " * 2000,
    "one long word": "x" * 10_000,
    "many digits": "7" * 10_000,
    "only unknown words": "zyx wvut srqp",
    "emoji": "\U0001f600" * 100,
    "a family": "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466" * 50,
    "flags": "\U0001f1e9\U0001f1ea" * 100,
    "right to left": "\u0645\u0631\u062d\u0628\u0627 \u05e9\u05dc\u05d5\u05dd",
    "overrides of direction": "\u202ehello\u202c \u2066x\u2069",
    "combining marks": "e" + "\u0301" * 5_000,
    "stacked marks": "Z\u0351\u036b\u0343\u0333A\u033a\u034a" * 300,
    "no width": "h\u200be\u200cl\u200dl\ufeffo",
    "full width": "\uff48\uff45\uff4c\uff4c\uff4f",
    "not characters": "\ufffe\uffff\U0010ffff",
    "every plane": "".join(chr(plane << 16 | 0x41) for plane in range(1, 17)),
    "ligatures": "\ufdfa" * 1000,
    "dotted capitals": "\u0130I\u0131i" * 1000,
    "sharp s": "\u1e9e\u00df" * 1000,
    "hooks of an expression": "a" * 5000 + "!" * 5000,
    "apostrophes": "can't" * 1000 + "'" * 2000,
    "dots": "." * 10_000,
    "nested brackets": "(" * 5000 + ")" * 5000,
    "addresses": "a@b." * 2000,
    "HTML": "<script>alert(1)</script>" * 100,
    "a format": "%s%n{0}{x}${jndi:ldap://x}" * 50,
}
MODELS = ["tiny", "tinyseq"]


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_it_is_answered_by_numbers_that_are_numbers(target: Any, model: str, text: str) -> None:
    reply = target.post("/predict", {"text": text, "model": model, "top_k": 10})

    answer = reply.json()
    assert reply.status == 200, answer
    assert answer["text"] == text
    assert (answer["intent"] is None) == (answer["fallback"] is not None)
    confidences = [answer["confidence"], *(one["confidence"] for one in answer["ranking"])]
    assert all(math.isfinite(one) and 0 <= one <= 1 for one in confidences)
    assert b"NaN" not in reply.body


@pytest.mark.parametrize("text", ["", "  ", "zyx wvut", "\0"])
def test_where_no_word_is_known_no_intent_is_invented(target: Any, text: str) -> None:
    answer = target.post("/predict", {"text": text}).json()

    assert answer["intent"] is None


def test_all_of_them_at_once_leave_the_server_as_it_was(target: Any) -> None:
    with unharmed(target, mb=96):
        for model in MODELS:
            reply = target.post("/predict", {"texts": list(TEXTS.values()), "model": model})

            assert reply.status == 200
            assert [len(one["ranking"]) <= 3 for one in reply.json()["predictions"]] == [True] * len(TEXTS)


def test_a_word_of_a_megabyte_is_refused(target: Any) -> None:
    with unharmed(target):
        for text in ("x" * 1_000_000, "x" * 10_001, "\U0001f600" * 10_001):
            reply = target.post("/predict", {"text": text})

            assert (reply.status, json.loads(reply.body)["error"]["code"]) in {
                (413, "input_too_long"),
                (413, "body_too_large"),
            }
