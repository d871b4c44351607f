"""One model, one answer: served alone, served in a batch, and evaluated offline."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.bootstrap.serving import wire_models
from app.data.reader import read_dataset
from app.data.texts import read_texts
from app.domain.example import Input, inputs_of
from app.settings import load_settings

TESTS = {"smalltalk": "test.tsv", "flights": "test.tsv", "support": "test.csv", "accounts": "test.jsonl"}
OF_TEXTS = ["smalltalk", "flights", "support"]
ALL = 1000
AT_ONCE = 500


@pytest.fixture(scope="module")
def bundled_server(start_server, bundled_models: Path) -> Any:
    return start_server(bundled_models)


def inputs_to_test(root: Path, model: str) -> list[Input]:
    return inputs_of(read_dataset(root / "training_data" / model / TESTS[model]).examples)


def texts_of(root: Path, model: str) -> list[str]:
    return [str(text) for text in inputs_to_test(root, model)]


def scores_of(reply: dict[str, Any]) -> Iterator[float]:
    places = {place["intent"]: place["confidence"] for place in reply["ranking"]}
    return iter([reply["confidence"], *(places[intent] for intent in sorted(places))])


@pytest.mark.parametrize("model", TESTS)
def test_every_test_input_gets_the_same_answer_alone_in_a_batch_and_offline(
    root: Path, bundled_models: Path, bundled_server, model: str
) -> None:
    inputs = inputs_to_test(root, model)[:AT_ONCE]
    kind = "text" if model in OF_TEXTS else "record"
    pipeline = wire_models(load_settings(root, environment={}, flags={"models_dir": bundled_models})).load_one(model)

    offline = pipeline.pipeline.predict(inputs, top_k=ALL)
    batch = bundled_server.post("/predict", {f"{kind}s": inputs, "model": model, "top_k": ALL}).json()["predictions"]
    alone = [bundled_server.post("/predict", {kind: one, "model": model, "top_k": ALL}).json() for one in inputs]

    assert len(inputs) >= 150
    for one, many, evaluated in zip(alone, batch, offline, strict=True):
        assert one["intent"] == many["intent"] == evaluated.intent
        assert one["fallback"] == many["fallback"] == evaluated.fallback
        assert list(scores_of(one)) == pytest.approx(list(scores_of(many)), abs=1e-5)
        assert one["confidence"] == pytest.approx(evaluated.confidence, abs=1e-5)


@pytest.mark.parametrize("model", TESTS)
def test_evaluate_gives_the_figures_that_training_reported(root: Path, bundled_models: Path, python, model: str):
    test = root / "training_data" / model / TESTS[model]

    done = python("-m", "app", "evaluate", model, "--test", test, "--models-dir", bundled_models, "--json")

    version = json.loads(done.stdout)["version"]
    report = json.loads((bundled_models / model / str(version) / "report.json").read_text())
    assert json.loads(done.stdout)["test"] == report["test"]


@pytest.mark.parametrize(
    ("model", "text", "intent"),
    [
        ("smalltalk", "can you tell me a joke please", "joke"),
        ("smalltalk", "Good morning!", "greeting"),
        ("flights", "flights from boston to denver tomorrow morning", "flight"),
        ("flights", "what does AMS stand for", "abbreviation"),
        ("support", "I forgot my pin", "pin_forgotten"),
        ("support", "my card was stolen on the train", "card_lost_or_stolen"),
    ],
)
def test_bundled_models_know_what_people_ask(bundled_server, model: str, text: str, intent: str) -> None:
    assert bundled_server.post("/predict", {"text": text, "model": model}).json()["intent"] == intent


@pytest.mark.parametrize("model", OF_TEXTS)
@pytest.mark.parametrize("change", [str.upper, str.title, "  {}  ".format, "{}!!!".format, "{} ?".format, "{}…".format])
def test_case_spacing_and_trailing_punctuation_change_no_answer(root: Path, bundled_server, model: str, change) -> None:
    texts = texts_of(root, model)[:60]

    plain = bundled_server.post("/predict", {"texts": texts, "model": model}).json()["predictions"]
    changed = bundled_server.post("/predict", {"texts": [change(t) for t in texts], "model": model}).json()

    assert [p["ranking"] for p in changed["predictions"]] == [p["ranking"] for p in plain]


@pytest.mark.parametrize("model", ["tiny", "tinyseq"])
def test_a_saved_model_answers_the_same_in_every_process(python, tiny_models: Path, model: str) -> None:
    """Whatever order sets and dictionaries of texts have there."""
    asked = ("-m", "app", "predict", "--model", model, "--models-dir", tiny_models, "--json", "--top-k", 9)

    answers = [
        python(*asked, "hello there", "will it rain", "book a table", environment={"PYTHONHASHSEED": seed}).stdout
        for seed in ("0", "4")
    ]

    assert [one["intent"] for one in json.loads(answers[0])["predictions"]] == ["greeting", "weather", "booking"]
    assert answers[0] == answers[1]


def test_questions_out_of_scope_are_left_without_an_intent_and_others_are_not(root: Path, bundled_server) -> None:
    outside = list(read_texts(root / "training_data" / "flights" / "out_of_scope_test.tsv"))

    def named(texts: list[str]) -> float:
        answers = bundled_server.post("/predict", {"texts": texts, "model": "flights"}).json()["predictions"]
        return sum(answer["intent"] is not None for answer in answers) / len(answers)

    assert named(outside) <= 0.2
    assert named(texts_of(root, "flights")) >= 0.95


def test_accounts_of_a_generator_that_the_training_never_saw_are_told_apart(bundled_models: Path) -> None:
    report = json.loads((bundled_models / "accounts/1/report.json").read_text())

    errors = report["test"]["two_classes"]["errors"]["spam"]
    assert errors["type_1_error"] <= 0.03
    assert errors["type_2_error"] <= 0.03
