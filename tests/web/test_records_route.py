"""Records over HTTP: answered one by one whatever stands in them, learned from, and refused where texts are wanted."""

import json
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

SPAM = {
    "name": "paydayloanscash",
    "bio": "Buy payday loans online today. Visit our website for payday loans.",
    "website": "http://payday-loans-cash.shop.example/cash?ref=7",
    "email": "x8k2q9z7w3@tempbox.example",
    "posts": 0,
    "birthday": "1990-01-01",
    "joined": "2024-02-29T10:30:15Z",
    "confirmed": "2024-02-29T10:30:20Z",
}
GENUINE = {
    "name": "The Quiet Heron",
    "bio": "I catalogue brass bands. Corrections are welcome.",
    "website": "https://quietheron.pages.example",
    "email": "quiet.heron@choir.example",
    "posts": 411,
    "birthday": "1971-05-23",
    "joined": "2019-02-28 12:30:15+02:00",
    "seen": "20210101T103015,5Z",
}
FEW_STEPS = ("--set", "training.epochs=4", "--set", "training.refit=false")


@pytest.fixture(scope="module")
def record_models(once: Callable[..., Path], root: Path, tiny_models: Path, python: Callable[..., Any]) -> Path:
    """A registry of `accounts`, trained on a few hundred of its accounts, and of the tiny models."""

    def train(folder: Path) -> None:
        shutil.copytree(tiny_models, folder, dirs_exist_ok=True)
        lines = (root / "training_data" / "accounts" / "train.jsonl").read_text().splitlines()[:500]
        (folder.parent / "few-accounts.jsonl").write_text("\n".join(lines))
        flags = ("--data", folder.parent / "few-accounts.jsonl", *FEW_STEPS, "--models-dir", folder)
        done = python("train.py", "--model", "accounts", *flags)
        assert done.returncode == 0, done.stderr

    return once("record-models", train)


@pytest.fixture(scope="module")
def records(start_server, record_models: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("records") / "models"  # it is trained further
    shutil.copytree(record_models, folder)
    return start_server(folder, PARLEY_DEFAULT_MODEL="accounts", PARLEY_JOB_WORKERS="1")


def test_a_record_is_answered(records) -> None:
    spam, genuine = (records.post("/predict", {"record": record}).json() for record in (SPAM, GENUINE))

    assert (spam["intent"], genuine["intent"]) == ("spam", "genuine")
    assert spam.keys() == {
        "model", "version", "request_id", "intent", "confidence", "fallback", "ranking", "warnings"
    }  # fmt: skip
    assert spam["warnings"] == []


def test_each_record_of_a_batch_is_answered_or_refused_by_itself(records) -> None:
    faulty = {**SPAM, "email": "x8k2q9z7w3 at tempbox.example", "joined": "soon", "bio": ["x"], "privs": 0}
    batch: list[Any] = [SPAM, {**GENUINE, "bio": "", "website": None}, faulty, "no record", {}, {"bio": "x" * 20_000}]

    reply = records.post("/predict", {"records": [*batch, GENUINE]})
    answers = reply.json()["predictions"]

    assert reply.status == 200
    assert [answer.get("intent", "refused") for answer in answers] == [
        "spam", "genuine", "spam", "refused", None, "refused", "genuine"
    ]  # fmt: skip
    assert [warning["field"] for warning in answers[2]["warnings"]] == ["bio", "email", "joined", "privs"]
    assert answers[3] == {
        "error": {"code": "invalid_record", "message": "not a record: an object of fields is expected"}
    }
    assert answers[4]["fallback"] == "no_known_words"
    assert answers[5]["error"]["code"] == "input_too_long"


def test_a_record_is_answered_in_a_batch_as_it_is_alone(records) -> None:
    alone = [records.post("/predict", {"record": record}).json() for record in (SPAM, GENUINE)]
    together = records.post("/predict", {"records": [SPAM, GENUINE] * 2}).json()["predictions"]

    assert [one["ranking"][0]["confidence"] for one in together[:2]] == pytest.approx(
        [one["ranking"][0]["confidence"] for one in alone], abs=1e-5
    )
    assert together[:2] == together[2:]


@pytest.mark.parametrize(
    ("body", "status", "code", "told"),
    [
        ({"text": "hello"}, 400, "wrong_input_kind", "send `record` (one) or `records` (a list), not `text`"),
        ({"texts": ["hello"]}, 400, "wrong_input_kind", "not `texts`"),
        ({"record": {}, "model": "tiny"}, 400, "wrong_input_kind", "send `text` (one) or `texts` (a list)"),
        ({"records": [{}], "model": "tiny"}, 400, "wrong_input_kind", "not `records`"),
        ({"record": {}, "records": []}, 400, "invalid_request", "send one of"),
        ({"record": {}, "text": "x"}, 400, "invalid_request", "send one of"),
        ({"record": []}, 400, "invalid_request", "record"),
        ({"records": {}}, 400, "invalid_request", "records"),
        ({"records": [{}] * 1_025}, 413, "too_many_inputs", "1,025 records"),
        ({"record": {"bio": "x" * 10_001}}, 413, "input_too_long", "the record as JSON has"),
        ({"record": {}, "intents": ["nope"]}, 400, "unknown_intent", "nope"),
    ],
)
def test_what_cannot_be_answered_is_refused_with_what_would_be_right(records, body, status, code, told) -> None:
    reply = records.post("/predict", body)

    assert (reply.status, reply.json()["error"]["code"]) == (status, code)
    assert told in json.dumps(reply.json()["error"], ensure_ascii=False)


def test_a_model_says_which_fields_it_takes(records) -> None:
    schemas = {name: records.get(f"/models/{name}").json()["input_schema"] for name in ("accounts", "tiny")}

    assert schemas["tiny"] == {"type": "text"}
    assert schemas["accounts"]["type"] == "record"
    assert schemas["accounts"]["fields"]["joined"] == "datetime"
    assert len(schemas["accounts"]["fields"]) == 12


@pytest.mark.parametrize(
    ("example", "status", "told"),
    [
        ({"text": "a text", "intent": "spam"}, 422, "a text, where the family 'record' takes records"),
        ({"record": {}, "text": "x", "intent": "spam"}, 400, "an example has either `text` or `record`"),
        ({"intent": "spam"}, 400, "an example has either `text` or `record`"),
    ],
)
def test_examples_of_the_other_kind_are_refused_and_nothing_is_queued(records, example, status, told) -> None:
    reply = records.post("/train", {"model": "accounts", "mode": "incremental", "examples": [example]})

    assert reply.status == status
    assert told in reply.json()["error"]["message"]
    assert records.get("/jobs").json()["jobs"] == []


def test_records_are_refused_by_a_model_of_texts(records) -> None:
    reply = records.post("/train", {"model": "tiny", "examples": [{"record": {}, "intent": "a"}]})

    assert reply.status == 422
    assert "a record, where the family 'bow' takes texts" in reply.json()["error"]["message"]


@pytest.mark.xdist_group("records")
def test_a_model_learns_from_records_and_the_draft_keeps_them_as_json(records) -> None:
    examples = [{"record": {**SPAM, "country": "XZ"}, "intent": "spam"}, {"record": GENUINE, "intent": "genuine"}]

    job = records.post("/train", {"model": "accounts", "mode": "incremental", "examples": examples}).json()
    while job["job"]["state"] in ("queued", "running"):
        time.sleep(0.1)
        job = records.get(f"/jobs/{job['job']['id']}").json()
    exported = records.get("/models/accounts/examples/export?format=jsonl").body.decode().splitlines()
    draft = records.get("/models/accounts/examples?search=tempbox.example&source=request").json()["examples"]

    assert (job["job"]["state"], job["job"]["version"]) == ("succeeded", 2)
    assert records.post("/predict", {"record": SPAM}).json()["intent"] == "spam"
    assert json.loads(draft[0]["text"])["country"] == "XZ"
    assert json.loads(exported[-1]).keys() == {"record", "intent"}
    assert len(exported) == 502
