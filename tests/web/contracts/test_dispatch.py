"""
`POST /predict` and `POST /train` mean what they meant: a contract is asked only for what is no request of ours.

The table stands in ADR 36.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.bootstrap.serving import wire_serving
from app.settings import load_settings
from app.settings.contract_terms import ContractTerms
from app.web.answering import Answering
from app.web.api.health import HealthReply
from app.web.api.predict_shapes import PredictRequest
from app.web.api.train import TrainRequest
from app.web.application import OPERATIONS
from app.web.contracts import accounts, chatbot
from app.web.contracts.switched_on import routing
from app.web.decoding import decode
from app.web.operation import Alternative, Answer, Sent
from app.web.request import Request
from app.web.wsgi import application_of
from tests.server import PASSWORD
from tests.services import broken_services

JSON, TEXT = "application/json", "text/plain"
ALL = dict.fromkeys(("spawn", "atis", "chatbot", "accounts", "pega"), ContractTerms(open=True))

texts = st.text(max_size=8)
names = texts | st.sampled_from(["data", "id"])
values = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(texts | st.sampled_from(["data", "id"]), inner, max_size=3)
    ),
    max_leaves=6,
)
records = st.dictionaries(texts, values, max_size=3)
native = st.fixed_dictionaries(
    {},
    optional={
        "text": texts, "texts": st.lists(texts, max_size=2), "record": records, "records": st.lists(values, max_size=2),
        "model": texts, "top_k": st.integers(1, 1000),
    },
).filter(bool)  # fmt: skip
trainings = st.fixed_dictionaries(
    {"model": texts}, optional={"mode": st.sampled_from(["full", "incremental"]), "config": records}
)


@given(native, st.sampled_from(["", "data=hello"]))
def test_no_request_of_ours_is_taken_for_a_prediction_of_another(content: dict[str, Any], query: str) -> None:
    sent = Sent(JSON, json.dumps(content).encode(), query)
    decode(sent.body, PredictRequest)

    assert not chatbot.is_meant(sent)
    assert not accounts.is_meant(sent, PredictRequest)


@given(trainings)
def test_no_request_of_ours_is_taken_for_a_training_of_another(content: dict[str, Any]) -> None:
    sent = Sent(JSON, json.dumps(content).encode(), "")
    decode(sent.body, TrainRequest)

    assert not accounts.is_meant(sent, TrainRequest)


@given(values)
def test_a_chatbot_takes_no_map_of_accounts_but_one_that_has_data(content: object) -> None:
    sent = Sent(JSON, json.dumps(content).encode(), "")
    has_data = isinstance(content, dict) and "data" in content
    assert has_data or not (chatbot.is_meant(sent) and accounts.is_meant(sent, PredictRequest))


def test_without_contracts_nothing_is_added() -> None:
    assert routing(OPERATIONS, {}, "tiny").operations == OPERATIONS


def test_a_contract_adds_its_own_paths_and_changes_none_of_ours() -> None:
    every = routing(OPERATIONS, ALL, "tiny").operations
    ours, further = every[: len(OPERATIONS)], every[len(OPERATIONS) :]

    assert [(one.name, one.handle, one.body, one.refusals) for one in ours] == [
        (one.name, one.handle, one.body, one.refusals) for one in OPERATIONS
    ]
    assert [one.name for one in ours if one.others] == ["predict", "train"]
    assert {(one.method, one.path) for one in further}.isdisjoint((one.method, one.path) for one in ours)
    assert {one.tag for one in further} == {"atis", "spawn", "accounts", "pega"}


def test_a_valid_request_asks_no_contract_what_it_means() -> None:
    """Nothing of a contract lies on the way of a request of ours."""
    asked: list[Sent] = []
    [predict] = [one for one in OPERATIONS if one.name == "predict"]

    def takes(sent: Sent) -> bool:
        asked.append(sent)
        return False

    other = Alternative(predict, takes)
    answers = replace(predict, scope=None, handle=lambda *_: Answer(HealthReply()), others=(other,))
    observation: Any = SimpleNamespace(record=lambda _: None)
    answering = Answering(broken_services(observation), max_body_bytes=1024)

    def status(body: bytes) -> int:
        return answering.answer(answers, Request({"content-type": JSON}.get, body, {})).status

    assert (status(b'{"text": "hello"}'), len(asked)) == (200, 0)
    assert (status(b'{"txt": "hello"}'), len(asked)) == (400, 1)


@pytest.mark.parametrize(
    ("kind", "body", "answer"),
    [
        (JSON, '{"text": "hello there"}', (200, "ours")),
        (JSON, '{"text": "hello there", "model": "nope"}', (404, "ours")),
        (JSON, '{"txt": "hello there"}', (400, "ours")),
        (JSON, '{"texts": ["hello"]}', (200, "ours")),
        (JSON, '{"record": {"bio": "x"}}', (400, "ours")),
        (JSON, '["hello"]', (400, "ours")),
        ("application/xml", "<data/>", (415, "ours")),
        ("", "", (415, "ours")),
        (TEXT, "hello there", (201, "chatbot")),
        (JSON, '{"data": "hello there"}', (201, "chatbot")),
        (JSON, '"hello there"', (201, "chatbot")),
        (JSON, '{"text": {"bio": "hello there"}}', (200, "accounts")),
        (JSON, "{}", (200, "accounts")),
        (JSON, "{", (200, "accounts")),
    ],
    ids=range(14),
)
def test_the_table_holds(contracts, anybody, kind: str, body: str, answer: tuple[int, str]) -> None:
    sent = {"Content-Type": kind}
    reply, unproven = (server.request("POST", "/predict", body, sent) for server in (contracts, anybody))

    assert (reply.status, _whose(reply)) == answer
    if _whose(reply) == "ours":
        assert (unproven.status, unproven.json()["error"]["code"]) == (401, "authentication")
    else:
        assert (unproven.status, _whose(unproven)) == answer


def test_wrong_credentials_are_no_way_to_an_open_contract(contracts) -> None:
    reply = contracts.from_address("127.0.0.79").request(
        "POST", "/predict", "hello", {"Content-Type": TEXT, "Authorization": "Bearer nonsense"}
    )

    assert reply.status == 401


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/train"), ("GET", "/models"), ("GET", "/jobs"), ("GET", "/api/train?model_name=bot")]
)
def test_nobody_without_credentials_does_anything_else(anybody, method: str, path: str) -> None:
    assert anybody.request(method, path, '{"0": {"verdict": 1}}', {"Content-Type": JSON}).status == 401


def test_every_contract_stands_under_its_tag_in_the_document(anybody) -> None:
    document = anybody.get("/apispec.json").json()
    tags = {tag for methods in document["paths"].values() for one in methods.values() for tag in one["tags"]}
    predict = document["paths"]["/predict"]["post"]

    assert {"spawn", "atis", "chatbot", "accounts", "pega"} <= tags
    assert predict["tags"] == ["predict", "chatbot", "accounts"]
    assert set(predict["requestBody"]["content"]) == {JSON, TEXT}
    assert {"200", "201", "401"} <= set(predict["responses"])
    assert {} in predict["security"]


def _whose(reply: Any) -> str:
    if reply.headers["Content-Type"].startswith(TEXT):
        return "chatbot"
    return "accounts" if "success" in reply.json() else "ours"


@pytest.mark.parametrize(
    ("path", "kind", "body", "keys"),
    [
        ("/api/classify?query=hello", "", "", {"message", "error", "status"}),
        ("/entity?q=hello", "", "", {"message", "error", "status"}),
        ("/intent", JSON, '{"text": "hello"}', {"label", "message"}),
        ("/predict", JSON, '{"0": {"bio": "hello"}}', {"success", "error"}),
        ("/noauth/predict", JSON, '{"modelIdentifier": "nope", "text": "a"}', {"status", "statusCode", "message"}),
        ("/predict", TEXT, "hello", set()),
    ],
    ids=["spawn", "entity", "atis", "accounts", "pega", "chatbot"],
)
def test_a_model_that_nobody_trained_is_an_error_in_the_shape_of_who_asks(
    without_models: Any, path: str, kind: str, body: str, keys: set[str]
) -> None:
    reply = without_models.open(path, method="POST" if body else "GET", data=body, content_type=kind or None)

    assert reply.status_code == 404
    assert (set(reply.json) if keys else reply.content_type) == (keys or "text/plain; charset=utf-8")


@pytest.fixture(scope="module")
def without_models(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Whoever asks an application all of whose contracts are open, and that has no model."""
    folder = tmp_path_factory.mktemp("nothing")
    (folder / "models").mkdir()
    terms = ", ".join(f"{name}: {{model: nope, open: true}}" for name in ALL)
    environment = {"PARLEY_ADMIN_PASSWORD": PASSWORD, "PARLEY_CONTRACTS": f"{{{terms}}}"}
    settings = load_settings(folder, environment=environment)
    serving = wire_serving(settings)
    serving.models.load_all()
    yield application_of(settings, serving).test_client()
    serving.identity.close()
