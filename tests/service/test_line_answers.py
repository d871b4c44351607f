"""Lines in, lines out: each is answered as a batch of `POST /predict` is, in its place, or has its error."""

import io
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.data.asked_lines import AskedLine, read_lines
from app.registry.model_registry import ModelRegistry
from app.service.line_answers import answer_lines
from app.service.model_loader import ModelLoader
from app.service.model_state import LoadedModel

Load = Callable[[Path, str], LoadedModel]


def load(models: Path, name: str) -> LoadedModel:
    return ModelLoader(ModelRegistry(models), lambda _: None).load(name, 1)


@pytest.fixture(scope="module")
def tiny(tiny_models: Path) -> LoadedModel:
    return load(tiny_models, "tiny")


def answered(model: LoadedModel, content: bytes, top_k: int = 3) -> list[dict[str, Any]]:
    """Answer a file, and check that what is told of it is so."""
    lines = read_lines(io.BytesIO(content))
    some = list(answer_lines(lines, model, top_k=top_k, max_text_chars=100))
    found = [json.loads(line) for one in some for line in one.content.splitlines()]
    assert [line["line"] for line in found] == list(range(1, len(found) + 1))
    assert sum(one.n_failed for one in some) == sum("error" in line for line in found)
    assert sum(one.n_answered for one in some) == sum("error" not in line for line in found)
    return found


def code_of(line: dict[str, Any]) -> str | None:
    return line["error"]["code"] if "error" in line else None


def test_each_line_has_its_answer_or_its_error_and_its_id(tiny: LoadedModel) -> None:
    found = answered(
        tiny,
        b'"hello"\n{"text": "will it rain", "id": 7}\nnonsense\n\n{"text": "%b", "id": "long"}\n'
        b'{"record": {"a": 1}, "id": null}\n{"text": "", "id": true}' % (b"x" * 101),
        top_k=2,
    )

    assert [line.get("id") for line in found] == [None, 7, None, None, "long", None, True]
    assert ["id" in line for line in found] == [False, True, False, False, True, True, True]
    assert [code_of(line) for line in found] == [
        None, None, "invalid_line", "invalid_line", "input_too_long", "wrong_input_kind", None,
    ]  # fmt: skip
    assert (found[0]["text"], found[0]["intent"], len(found[0]["ranking"])) == ("hello", "greeting", 2)
    assert (found[6]["intent"], found[6]["fallback"]) == (None, "no_known_words")


def test_an_answer_is_that_of_a_batch_over_http(tiny_models: Path, server: Any) -> None:
    texts = ["hello", "will it rain", "", "zzzz", "the bill \u00e4 \U0001f600"]
    lines = "\n".join(json.dumps({"text": text}) for text in texts).encode()
    version = server.get("/models/tiny").json()["version"]
    model = ModelLoader(ModelRegistry(tiny_models), lambda _: None).load("tiny", version)

    found = answered(model, lines)

    asked = server.post("/predict", {"texts": texts}).json()["predictions"]
    assert [{key: value for key, value in line.items() if key != "line"} for line in found] == asked


def test_records_are_answered_with_what_of_them_cannot_be_read(record_models: Path) -> None:
    model = load(record_models, "accounts")

    found = answered(model, b'{"record": {"bio": "I map trails", "joined": "soon"}, "id": 1}\n"a text"\n{"record": {}}')

    assert [code_of(line) for line in found] == [None, "wrong_input_kind", None]
    assert found[0].keys() == {"line", "id", "intent", "confidence", "fallback", "ranking", "warnings"}
    assert "joined" in {warning["field"] for warning in found[0]["warnings"]}


def test_a_record_that_can_just_be_read_costs_no_other_line(record_models: Path) -> None:
    model = load(record_models, "accounts")

    def deep(n: int) -> bytes:
        return b'{"record": ' + b'{"a":' * n + b"1" + b"}" * n + b"}\n"

    lines = b"".join(deep(n) for n in range(800, 1_000, 3)) + b'{"record": {}}'

    assert code_of(answered(model, lines)[-1]) is None


def test_one_line_that_the_model_stumbles_over_costs_no_other(tiny: LoadedModel) -> None:
    class Stumbling:
        def __getattr__(self, name: str) -> Any:
            return getattr(tiny.pipeline.features, name)

        def encode(self, text: str) -> Any:
            if text == "poison":
                raise ZeroDivisionError
            return tiny.pipeline.features.encode(text)

    model = replace(tiny, pipeline=replace(tiny.pipeline, features=Stumbling()))  # type: ignore[arg-type]
    lines = [b'"hello"'] * 300
    lines[7] = lines[290] = b'"poison"'

    found = answered(model, b"\n".join(lines))

    assert [line["line"] for line in found if code_of(line) == "unanswered_line"] == [8, 291]
    assert {line["intent"] for line in found if "error" not in line} == {"greeting"}


def test_only_some_lines_are_in_memory(tiny: LoadedModel) -> None:
    read: list[int] = []

    def lines() -> Any:
        for number in range(1, 100_000):
            read.append(number)
            yield AskedLine(number, "hello")

    answers = answer_lines(lines(), tiny, top_k=1, max_text_chars=100)
    next(answers)
    next(answers)

    assert len(read) <= 1_024
