"""`POST /predict` answers in exactly the documented shape, by the model and within the ranking asked for."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.domain.example import Reply
from app.pipeline.artifacts import RESPONSES, SERVED_FILES, replies_json
from app.registry.model_registry import ModelRegistry

INTENTS = ["bill", "booking", "greeting", "weather"]


@pytest.fixture(scope="module")
def ask(server) -> Callable[..., Any]:
    """Ask the shared server, which must answer, and give what it said."""

    def ask(**content: object) -> Any:
        reply = server.post("/predict", content)
        assert reply.status == 200, reply.body
        assert reply.headers["Content-Type"] == "application/json"
        return reply.json()

    return ask


def test_one_text_has_the_documented_answer(ask) -> None:
    answer = ask(text="hello there")

    assert list(answer) == ["model", "version", "request_id", "text", "intent", "confidence", "fallback", "ranking"]
    assert (answer["model"], answer["version"], answer["text"]) == ("tiny", 2, "hello there")
    assert (answer["intent"], answer["fallback"]) == ("greeting", None)
    assert 0.3 < answer["confidence"] <= 1
    assert re.fullmatch(r"[A-Za-z0-9._-]{1,64}", answer["request_id"])
    assert answer["ranking"][0] == {"intent": "greeting", "confidence": answer["confidence"]}


def test_many_texts_have_the_documented_answer(ask) -> None:
    answer = ask(texts=["hello there", "will it rain"])

    assert list(answer) == ["model", "version", "request_id", "predictions"]
    assert (answer["model"], answer["version"]) == ("tiny", 2)
    assert [list(item) for item in answer["predictions"]] == [
        ["text", "intent", "confidence", "fallback", "ranking"]
    ] * 2
    assert [item["text"] for item in answer["predictions"]] == ["hello there", "will it rain"]
    assert [item["intent"] for item in answer["predictions"]] == ["greeting", "weather"]


def test_a_text_is_answered_alike_alone_and_among_others(ask) -> None:
    alone = ask(text="table for two")
    [_, among, _] = ask(texts=["hello", "table for two", ""])["predictions"]

    assert among == {key: alone[key] for key in among}


def test_no_texts_have_no_answers(ask) -> None:
    assert ask(texts=[])["predictions"] == []


def test_a_whole_ranking_falls_and_sums_to_one(ask) -> None:
    confidences = [place["confidence"] for place in ask(text="book a table for tonight", top_k=4)["ranking"]]

    assert confidences == sorted(confidences, reverse=True)
    assert sum(confidences) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize(("top_k", "places"), [(1, 1), (2, 2), (4, 4), (1000, 4)])
def test_top_k_bounds_the_ranking(ask, top_k: int, places: int) -> None:
    assert len(ask(text="hello", top_k=top_k)["ranking"]) == places


def test_three_places_are_given_where_none_are_asked_for(ask) -> None:
    assert len(ask(text="hello")["ranking"]) == 3


@pytest.mark.parametrize("intents", [["weather"], ["bill", "greeting"], INTENTS, ["weather", "weather"]])
def test_restricting_intents_leaves_confidences_as_they_were(ask, intents: list[str]) -> None:
    whole = {place["intent"]: place["confidence"] for place in ask(text="hello there", top_k=4)["ranking"]}

    ranking = ask(text="hello there", top_k=4, intents=intents)["ranking"]

    assert {place["intent"]: place["confidence"] for place in ranking} == {intent: whole[intent] for intent in intents}


def test_a_fallback_names_no_intent_and_keeps_its_true_confidence(ask) -> None:
    whole = {place["intent"]: place["confidence"] for place in ask(text="hello there", top_k=4)["ranking"]}

    answer = ask(text="hello there", intents=["bill"])

    assert (answer["intent"], answer["fallback"]) == (None, "low_confidence")
    assert answer["confidence"] == whole["bill"] < 0.3


@pytest.mark.parametrize("text", ["", " ", "\t\r\n", "\0", "?!…", "\u200b\ufeff", "🛸"])
def test_a_text_of_nothing_known_is_answered_honestly(ask, text: str) -> None:
    answer = ask(text=text)

    assert answer["text"] == text
    assert (answer["intent"], answer["fallback"]) == (None, "no_known_words")
    assert (answer["confidence"], answer["ranking"]) == (0.0, [])


@pytest.mark.parametrize(
    "text", ["hello\0there", "hello \U0001f600", "HELLO\u2028there", "ｈｅｌｌｏ there", '"hello" \\ there']
)
def test_unusual_characters_come_back_as_they_were_sent(ask, text: str) -> None:
    answer = ask(text=text)

    assert (answer["text"], answer["intent"]) == (text, "greeting")


@pytest.mark.parametrize(
    ("reference", "name", "version"),
    [
        ("tiny", "tiny", 2),
        ("tiny@1", "tiny", 1),
        ("tiny@2", "tiny", 2),
        ("tiny@active", "tiny", 2),
        ("tiny@previous", "tiny", 1),
        ("tiny@original", "tiny", 1),
        ("tinyseq", "tinyseq", 1),
        (None, "tiny", 2),
    ],
)
def test_the_version_asked_for_answers(ask, reference: str | None, name: str, version: int) -> None:
    answer = ask(text="will it rain", model=reference)

    assert (answer["model"], answer["version"]) == (name, version)


def test_a_text_too_long_among_others_has_its_own_error(ask) -> None:
    [first, second, third] = ask(texts=["hello", "x" * 10_001, "will it rain"])["predictions"]

    assert second == {
        "error": {"code": "input_too_long", "message": "the text has 10,001 characters; the limit is 10,000"}
    }
    assert [first["intent"], third["intent"]] == ["greeting", "weather"]


def test_as_many_and_as_long_texts_as_allowed_are_answered(ask) -> None:
    assert len(ask(texts=["hello"] * 1024)["predictions"]) == 1024
    assert ask(text="hello ".ljust(10_000))["intent"] == "greeting"


@pytest.fixture(scope="module")
def replying(start_server, tiny_models: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A server of the tiny model with a reply to greetings."""
    registry = tmp_path_factory.mktemp("replying")
    stored = ModelRegistry(tiny_models).load("tiny", 2, SERVED_FILES)
    files = {**stored.files, RESPONSES: replies_json({"greeting": Reply(("Hello yourself!",))})}
    ModelRegistry(registry).publish("replying", files, stored.manifest.facts)
    return start_server(registry, PARLEY_DEFAULT_MODEL="replying")


def test_a_reply_that_the_data_have_comes_with_the_answer(replying) -> None:
    single = replying.post("/predict", {"text": "hello there"}).json()
    batch = replying.post("/predict", {"texts": ["hello there", "will it rain", ""]}).json()

    assert single["response"] == "Hello yourself!"
    assert [item.get("response") for item in batch["predictions"]] == ["Hello yourself!", None, None]
    assert ["response" in item for item in batch["predictions"]] == [True, False, False]


@pytest.mark.parametrize("sane", ["a", "abc-123_X.y", "0" * 64])
def test_a_request_id_that_is_sane_is_kept(server, sane: str) -> None:
    reply = server.request("POST", "/predict", b'{"text":"hi"}', {"Content-Type": "application/json", "X-Request-ID": sane})  # fmt: skip  # noqa: E501

    assert (reply.headers["X-Request-ID"], reply.json()["request_id"]) == (sane, sane)


@pytest.mark.parametrize("odd", ["", "0" * 65, "a b", "<script>", 'a"b', "ä", "a,b", "../x"])
def test_a_request_id_that_is_not_is_replaced(server, odd: str) -> None:
    reply = server.get("/nowhere", **{"X-Request-ID": odd})

    assert re.fullmatch(r"[A-Za-z0-9._-]{1,64}", reply.headers["X-Request-ID"])
    assert reply.headers["X-Request-ID"] == reply.json()["error"]["request_id"] != odd


def test_requests_without_an_id_get_different_ones(ask) -> None:
    assert ask(text="hi")["request_id"] != ask(text="hi")["request_id"]
