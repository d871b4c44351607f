"""System B: a map of accounts is labelled account by account, and verdicts are learned without harm."""

import json
from contextlib import closing
from typing import Any

import pytest

JSON = "application/json"
LABELS = {"Spam Editor Account", "Non Spam Editor Account"}
SPAM: dict[str, Any] = {
    "email": "x8k2q9z7w3@tempbox.example",
    "website": "http://payday-loans-cash.shop.example/cash?ref=7",
    "bio": "Buy payday loans online today. Visit our website for payday loans.",
    "area": None, "privs": 0, "gender": None, "birth_date": "1990-01-01",
    "member_since": "2024-02-29T10:30:15", "email_confirm_date": "2024-02-29T10:30:20",
    "last_updated": "2024-02-29T10:31:20", "last_login_date": None,
}  # fmt: skip
GENUINE: dict[str, Any] = {
    "email": "quiet.heron@choir.example", "website": "https://quietheron.pages.example",
    "bio": "I catalogue brass bands. Corrections are welcome.", "area": 222, "privs": 1, "gender": 2,
    "birth_date": "1971-05-23T00:00:00", "member_since": "2019-02-28T12:30:15", "email_confirm_date": None,
    "last_updated": "2020-02-28T12:30:15", "last_login_date": "2021-01-01T10:30:15",
}  # fmt: skip


def sent(server: Any, content: object, path: str = "/predict", kind: str = JSON) -> Any:
    body = content if isinstance(content, bytes | str) else json.dumps(content)
    return server.request("POST", path, body, {"Content-Type": kind})


def test_each_account_has_its_label(anybody) -> None:
    reply = sent(anybody, {"0": SPAM, "1": GENUINE})

    assert (reply.status, reply.json()) == (
        200,
        {"success": True, "predictions": {"0": "Spam Editor Account", "1": "Non Spam Editor Account"}},
    )


def test_keys_may_be_any_and_as_many_as_there_are(anybody) -> None:
    accounts = {f"editor {number}": SPAM if number % 2 else GENUINE for number in range(1300, 0, -1)}

    predictions = sent(anybody, accounts).json()["predictions"]

    assert list(predictions) == list(accounts)
    assert {predictions[name] for name in accounts if accounts[name] is SPAM} == {"Spam Editor Account"}


def test_an_account_is_called_by_its_own_id_where_no_other_has_it(anybody) -> None:
    own = sent(anybody, {"0": {**SPAM, "id": 77}, "1": {**GENUINE, "id": 78}}).json()["predictions"]
    shared = sent(anybody, {"0": {**SPAM, "id": 77}, "1": {**GENUINE, "id": 77}}).json()["predictions"]

    assert (list(own), list(shared)) == (["77", "78"], ["0", "1"])


@pytest.mark.parametrize(
    "change",
    [
        {"bio": ""}, {"bio": None}, {"area": None}, {"website": ""}, {"email": "no address"}, {"email": "new@un.known"},
        {"member_since": None}, {"member_since": "soon"}, {"birth_date": "1990-01-01T00:00:00.25+02:00"},
        {"bio": ["x"]}, {"privs": "many"}, {"further": {}},
    ],
    ids=range(12),
)  # fmt: skip
def test_a_faulty_account_is_labelled_and_the_others_as_before(anybody, change: dict[str, Any]) -> None:
    predictions = sent(anybody, {"a": SPAM, "b": {**SPAM, **change}, "c": GENUINE}).json()["predictions"]

    assert (predictions["a"], predictions["c"]) == ("Spam Editor Account", "Non Spam Editor Account")
    assert predictions["b"] in LABELS


def test_what_cannot_be_answered_is_told_by_itself(anybody) -> None:
    told = sent(anybody, {"empty": {}, "long": {"bio": "x" * 20_000}, "good": SPAM}).json()

    assert (told["success"], told["predictions"]) == (True, {"good": "Spam Editor Account"})
    assert told["errors"].keys() == {"empty", "long"}


@pytest.mark.parametrize("body", ["{}", "", "not json", "{", b"\xff"])
@pytest.mark.parametrize("path", ["/predict", "/train"])
def test_nothing_is_no_success(contracts, body: bytes | str, path: str) -> None:
    reply = sent(contracts, body, path)

    assert (reply.status, reply.json()) == (200, {"success": False})


def test_nobody_trains_without_credentials(anybody) -> None:
    reply = sent(anybody, {"0": {**SPAM, "verdict": 1}}, "/train")

    assert reply.status == 401


def test_a_training_of_nothing_but_faults_says_which(contracts) -> None:
    reply = sent(contracts, {"a": SPAM, "b": {**SPAM, "verdict": "yes"}}, "/train")

    assert (reply.status, reply.json()["success"], reply.json()["errors"].keys()) == (200, False, {"a", "b"})


@pytest.mark.long
def test_verdicts_are_learned_and_what_was_known_is_known_still(contracts) -> None:
    bio = "I paint lighthouses and sell no paint."
    rows = {"0": {**GENUINE, "bio": bio, "verdict": 0}, "1": {**SPAM, "bio": f"{bio} Cheap!", "verdict": 1}, "2": SPAM}

    proof = {"Authorization": contracts.authorization, "Content-Type": JSON}
    with closing(contracts.connection()) as connection:
        connection.timeout = 240  # a training takes as long as the machine lets it
        connection.request("POST", "/train", json.dumps(rows), proof)
        reply = connection.getresponse()
        told = json.loads(reply.read())

    assert (reply.status, told["success"]) == (200, True), told
    assert told["response"] == "Successfully retrianed the model"
    assert told["errors"].keys() == {"2"}
    assert contracts.get("/models/accounts").json()["version"] > 1
    assert sent(contracts, {"0": SPAM, "1": GENUINE}).json()["predictions"] == {
        "0": "Spam Editor Account",
        "1": "Non Spam Editor Account",
    }
