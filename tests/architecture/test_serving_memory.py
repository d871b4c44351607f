"""A server carries nothing of what trains models, and the bundled models fit into little memory."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from app.bootstrap.serving import wire_models
from app.settings import load_settings
from tests.server import PASSWORD
from tests.wellbeing import unharmed

BUNDLED = ["accounts", "flights", "smalltalk", "support"]
LIMIT_MB = 150
SUPERVISOR_MB = 40

# Loads the models and answers with each of them, then tells what was imported on the way.
SERVE = """
import json, sys
from pathlib import Path
from app.bootstrap.serving import wire_serving
from app.service.predict import Question
from app.settings import load_settings
from app.web.wsgi import application_of

settings = load_settings(Path.cwd())
serving = wire_serving(settings)
application_of(settings, serving)
serving.models.load_all()
def answered_by(name):
    takes_records = name == "accounts"
    answer, asked = (predict.one_record, {"bio": "hello"}) if takes_records else (predict.one, "hello")
    return answer(asked, Question(model=name))[0].name

predict = serving.predict
answered = [answered_by(status.name) for status in serving.models.statuses()]
print(json.dumps({"answered": answered, "modules": sorted(sys.modules)}))
"""


@pytest.fixture(scope="module")
def told(python: Callable[..., Any], bundled_models: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    var = tmp_path_factory.mktemp("var")
    settings = {
        "PARLEY_MODELS_DIR": bundled_models,
        "PARLEY_VAR_DIR": var,
        "PARLEY_ADMIN_PASSWORD": "open, sesame, open",
    }
    done = python("-c", SERVE, environment={name: str(value) for name, value in settings.items()})
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def worked(start_server: Callable[..., Any], bundled_models: Path) -> Any:
    """A server that has answered with each of the bundled models."""
    server = start_server(bundled_models)
    asked = [{"record": {"bio": "hello"}} if model == "accounts" else {"text": "hello"} for model in BUNDLED]
    replies = [server.post("/predict", {**one, "model": model}) for one, model in zip(asked, BUNDLED, strict=True)]
    assert [reply.status for reply in replies] == [200] * 4
    return server


@pytest.mark.parametrize(
    "package", ["tensorflow", "keras", "onnx", "tf2onnx", "sklearn", "nltk", "dateparser", "text_to_num"]
)
def test_serving_imports_nothing_that_trains(told, package: str) -> None:
    assert told["answered"] == BUNDLED
    assert [name for name in told["modules"] if name.partition(".")[0] == package] == []


@pytest.mark.parametrize("layer", ["networks", "training"])
def test_serving_imports_no_layer_that_trains(told, layer: str) -> None:
    assert [name for name in told["modules"] if name.startswith(f"app.{layer}")] == []


@pytest.mark.parametrize("library", ["tensorflow", "keras"])
def test_a_server_has_no_library_that_trains_in_its_memory(worked, library: str) -> None:
    maps = Path(f"/proc/{worked.workers()[0]}/maps")
    if not maps.exists():
        pytest.skip("this system does not tell what a process has mapped")

    mapped = maps.read_text().lower()

    assert "onnxruntime" in mapped  # it tells
    assert library not in mapped


def test_a_server_of_the_bundled_models_is_small(worked) -> None:
    supervisor = psutil.Process(worked.process.pid)
    [worker] = supervisor.children()

    assert worker.memory_info().rss / 1e6 < LIMIT_MB
    assert supervisor.memory_info().rss / 1e6 < SUPERVISOR_MB
    assert worker.children() == []


def test_a_body_too_large_is_thrown_away_while_it_comes(start_server: Callable[..., Any], tmp_path: Path) -> None:
    server = start_server(tmp_path)
    status = Path(f"/proc/{server.workers()[0]}/status")
    if not status.exists():
        pytest.skip("this system does not tell the most memory that a process ever had")
    before = _most_kb(status)

    reply = server.request("POST", "/predict", b" " * 200_000_000, {"Content-Type": "application/json"})

    assert reply.status == 413
    assert _most_kb(status) - before < 100_000


def test_what_people_type_does_not_pile_up(tiny_models: Path) -> None:
    settings = load_settings(tiny_models.parent, environment={}, flags={"models_dir": tiny_models})
    features = wire_models(settings).load_one("tiny").pipeline.features
    before = features._remembered.cache_info().currsize  # type: ignore[attr-defined]  # of `bow`: what it was tried on

    # made of pieces that the model knows, no two alike, each longer than any word
    encodings = [features.encode(f"{number}x" + "weather" * 100) for number in range(50)]
    kept = features._remembered.cache_info().currsize  # type: ignore[attr-defined]
    features.encode("rain")

    assert all(encodings)
    assert kept == before
    assert features._remembered.cache_info().currsize == before + 1  # type: ignore[attr-defined]  # words are kept


def test_ten_thousand_predictions_leave_the_memory_as_it_was(server, python: Callable[..., Any]) -> None:
    with unharmed(server):
        done = python(
            *("-m", "app", "loadtest", server.url, "--requests", 10_000, "--json"),
            *("--user", "admin", "--password-env", "SECRET"),
            environment={"SECRET": PASSWORD},
        )

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["statuses"] == {"200": 10_000}


def _most_kb(status: Path) -> int:
    [line] = [line for line in status.read_text().splitlines() if line.startswith("VmHWM:")]
    return int(line.split()[1])
