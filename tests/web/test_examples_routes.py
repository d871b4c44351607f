"""The examples of a model over HTTP: searched, added, changed, removed, counted and exported, by whoever may train."""

import json
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from app.data.reader import read_dataset

_numbers = count()


@pytest.fixture
def model() -> str:
    """A model that no other test edits."""
    return f"desk{next(_numbers)}"


@pytest.fixture
def add(server: Any, model: str) -> Callable[..., Any]:
    """Add examples as pairs, and give the reply."""

    def add_them(*pairs: tuple[str, str | None]) -> Any:
        content = {"examples": [{"text": text, "intent": intent} for text, intent in pairs]}
        reply = server.post(f"/models/{model}/examples", content)
        assert reply.status == 200, reply.body
        return reply.json()

    return add_them


def _send(server: Any, method: str, path: str, content: object = None, **headers: str) -> Any:
    body = None if content is None else json.dumps(content)
    sent = {"Content-Type": "application/json", **{name.replace("_", "-"): value for name, value in headers.items()}}
    return server.request(method, path, body, sent)


def _texts(server: Any, model: str, query: str = "") -> list[str]:
    reply = server.get(f"/models/{model}/examples{query}")
    assert reply.status == 200, reply.body
    return [example["text"] for example in reply.json()["examples"]]


def test_one_example_is_added_and_found(server: Any, model: str) -> None:
    added = server.post(f"/models/{model}/examples", {"text": " I lost my card ", "intent": "card_lost"})

    assert added.status == 200
    [example_id] = added.json().pop("ids")
    assert {**added.json(), "ids": []} == {
        "model": model, "revision": 1, "total": 1, "added": 1, "known": 0, "replaced": 0, "ids": [],
    }  # fmt: skip
    assert added.headers["ETag"] == '"1"'
    reply = server.get(f"/models/{model}/examples")
    assert reply.headers["ETag"] == '"1"'
    [example] = reply.json().pop("examples")
    assert example == server.get(f"/models/{model}/examples/{example_id}").json()
    assert (example["text"], example["intent"], example["source"], example["caller"]) == (
        "I lost my card", "card_lost", "request", "admin",
    )  # fmt: skip
    assert example["created_at"] == example["changed_at"]
    assert example["created_at"].endswith("Z")


def test_many_examples_are_added_and_what_is_known_is_told(server: Any, model: str, add: Any) -> None:
    add(("a", "x"), ("b", "x"))
    reply = add(("A!", "x"), ("b", "y"), ("c", None))

    assert (reply["added"], reply["known"], reply["replaced"], reply["total"]) == (1, 1, 1, 3)
    assert len(reply["ids"]) == 3
    assert _texts(server, model) == ["a", "b", "c"]


def test_of_many_examples_each_wrong_one_is_named_and_none_is_taken(server: Any, model: str) -> None:
    content = [("a", "x"), ("", "x"), ("b", "x" * 201), ("c", "\t")]
    sent = {"examples": [{"text": text, "intent": intent} for text, intent in content]}

    reply = server.post(f"/models/{model}/examples", sent)

    assert (reply.status, reply.json()["error"]["code"]) == (400, "invalid_examples")
    assert [detail["field"] for detail in reply.json()["error"]["details"]] == [
        "examples[1].text", "examples[2].intent", "examples[3].intent",
    ]  # fmt: skip
    assert server.get(f"/models/{model}/examples").status == 404


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ({}, "text"),
        ({"text": "a"}, "intent"),
        ({"intent": "x"}, "text"),
        ({"text": "a", "intent": "x", "examples": []}, "examples"),
        ({"examples": []}, "examples"),
        ({"examples": [{"text": "a"}]}, "examples[0].intent"),
        ({"examples": [{"text": 1, "intent": "x"}]}, "examples[0].text"),
        ({"examples": [{"text": "a", "intent": "x", "lang": "en"}]}, "examples[0].lang"),
        ({"text": "a\0", "intent": "x"}, "text"),
        ({"text": "x" * 10_001, "intent": "x"}, "text"),
        ({"text": "a", "intent": "x\u0085y"}, "intent"),
        ({"text": "a", "intend": "x"}, "intend"),
    ],
)
def test_what_is_no_example_is_refused_by_its_field(server: Any, model: str, content: object, field: str) -> None:
    reply = server.post(f"/models/{model}/examples", content)

    assert reply.status == 400
    assert [detail["field"] for detail in reply.json()["error"]["details"]] == [field]


def test_examples_are_searched(server: Any, model: str, add: Any) -> None:
    add(("where is my card", "card"), ("100% sure & more", "yes"), ("off topic", None), ("what null means", "null"))

    assert _texts(server, model, "?search=CARD") == ["where is my card"]
    assert _texts(server, model, f"?search={quote('100% sure &')}") == ["100% sure & more"]
    assert _texts(server, model, "?search=my+card") == ["where is my card"]
    assert _texts(server, model, "?intent=yes") == ["100% sure & more"]
    assert _texts(server, model, "?intent=null") == ["off topic"]
    assert _texts(server, model, f"?intent={quote(json.dumps('null'))}") == ["what null means"]
    assert _texts(server, model, "?source=request&intent=card") == ["where is my card"]
    assert _texts(server, model, "?source=elsewhere") == []
    assert server.get(f"/models/{model}/examples?intent=yes").json()["matching"] == 1


def test_pages_follow_each_other(server: Any, model: str, add: Any) -> None:
    ids = add(*((f"text {number}", "x") for number in range(5)))["ids"]

    assert _texts(server, model, "?limit=2") == ["text 0", "text 1"]
    assert _texts(server, model, f"?limit=2&after={ids[1]}") == ["text 2", "text 3"]
    assert _texts(server, model, f"?limit=2&before={ids[4]}") == ["text 2", "text 3"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("limit=-1", "limit"),
        ("limit=%C2%B2", "limit"),
        ("limit=", "limit"),
        ("after=7", "after"),
        ("before=x", "before"),
        ("after=0193c1e0-0000-7000-8000-000000000000&before=0193c1e0-0000-7000-8000-000000000000", "before"),
        ("intnet=x", "intnet"),
        ("intent=a&intent=b", "intent"),
        ("search=a%00b", "search"),
        ("&".join(f"x{number}=1" for number in range(200)), "query"),
    ],
)
def test_a_query_that_means_nothing_is_refused_by_its_name(
    server: Any, model: str, add: Any, query: str, field: str
) -> None:
    add(("a", "x"))

    reply = server.get(f"/models/{model}/examples?{query}")

    assert reply.status == 400
    assert [detail["field"] for detail in reply.json()["error"]["details"]] == [field]


def test_an_example_is_changed(server: Any, model: str, add: Any) -> None:
    [example] = add(("a", "x"))["ids"]
    path = f"/models/{model}/examples/{example}"

    assert _send(server, "PATCH", path, {"intent": "y"}).json()["example"]["intent"] == "y"
    assert _send(server, "PATCH", path, {"text": "b"}).json()["example"]["text"] == "b"
    reply = _send(server, "PATCH", path, {"text": "c", "intent": None})

    assert (reply.json()["revision"], reply.headers["ETag"]) == (4, '"4"')
    changed = server.get(path).json()
    assert (changed["text"], changed["intent"]) == ("c", None)


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        ({}, 400, "invalid_request"),
        ({"text": ""}, 400, "invalid_examples"),
        ({"text": None}, 400, "invalid_request"),
        ({"source": "x"}, 400, "invalid_request"),
        ({"text": "B?"}, 409, "duplicate_example"),
    ],
)
def test_a_change_that_cannot_be_is_refused(  # noqa: PLR0913, PLR0917 - a case and its fixtures
    server: Any, model: str, add: Any, content: object, status: int, code: str
) -> None:
    example, _ = add(("a", "x"), ("b", "x"))["ids"]

    reply = _send(server, "PATCH", f"/models/{model}/examples/{example}", content)

    assert (reply.status, reply.json()["error"]["code"]) == (status, code)
    assert _texts(server, model) == ["a", "b"]


def test_an_example_is_removed(server: Any, model: str, add: Any) -> None:
    first, _ = add(("a", "x"), ("b", "x"))["ids"]

    reply = _send(server, "DELETE", f"/models/{model}/examples/{first}")

    assert reply.json() == {"model": model, "revision": 2, "total": 1, "removed": 1}
    assert _texts(server, model) == ["b"]
    assert _send(server, "DELETE", f"/models/{model}/examples/{first}").status == 404


def test_many_examples_are_removed_by_a_filter_and_never_without_one(server: Any, model: str, add: Any) -> None:
    add(("a", "x"), ("b", "x"), ("c", "y"), ("d", None))

    assert _send(server, "DELETE", f"/models/{model}/examples").status == 400
    assert _send(server, "DELETE", f"/models/{model}/examples?revision=1").status == 400
    assert _send(server, "DELETE", f"/models/{model}/examples?search=").status == 400
    assert _send(server, "DELETE", f"/models/{model}/examples?intent=x").json()["removed"] == 2
    assert _send(server, "DELETE", f"/models/{model}/examples?intent=null").json()["removed"] == 1
    assert _texts(server, model) == ["c"]


def test_whoever_has_seen_another_revision_changes_nothing(server: Any, model: str, add: Any) -> None:
    [example] = add(("a", "x"))["ids"]
    path = f"/models/{model}/examples"
    add(("b", "x"))

    refused = [
        _send(server, "POST", f"{path}?revision=1", {"text": "c", "intent": "x"}),
        _send(server, "POST", path, {"text": "c", "intent": "x"}, If_Match='"1"'),
        _send(server, "PATCH", f"{path}/{example}?revision=1", {"intent": "y"}),
        _send(server, "DELETE", f"{path}/{example}?revision=1"),
        _send(server, "DELETE", f"{path}?intent=x", If_Match="1"),
    ]

    assert [(reply.status, reply.json()["error"]["code"]) for reply in refused] == [(409, "draft_changed")] * 5
    assert refused[0].json()["error"]["details"][0]["field"] == "revision"
    assert _send(server, "DELETE", f"{path}/{example}", If_Match='"2"').status == 200
    assert _send(server, "POST", path, {"text": "c", "intent": "x"}, If_Match="*").status == 200
    assert _send(server, "POST", path, {"text": "d", "intent": "x"}, If_Match='W/"x"').status == 400


def test_intents_are_counted(server: Any, model: str, add: Any) -> None:
    add(("a", "y"), ("b", "x"), ("c", "x"), ("d", None))

    assert server.get(f"/models/{model}/examples/intents").json() == {
        "model": model,
        "revision": 1,
        "total": 4,
        "intents": [{"intent": "x", "examples": 2}, {"intent": "y", "examples": 1}, {"intent": None, "examples": 1}],
    }


@pytest.mark.parametrize(
    ("data_format", "ending", "kind"),
    [
        ("csv", "csv", "text/csv; charset=utf-8"),
        ("tsv", "tsv", "text/tab-separated-values; charset=utf-8"),
        ("intents-json", "intents.json", "application/json"),
    ],
)
def test_an_export_is_a_file_that_reads_back_as_the_same_examples(  # noqa: PLR0913, PLR0917 - a case and its fixtures
    server: Any, model: str, add: Any, tmp_path: Path, data_format: str, ending: str, kind: str
) -> None:
    pairs = [("=1+1", "sum"), ('say "hi", please', "greet"), ("naïve ☃", "@x"), ("-5", "sum")]
    add(*pairs)

    reply = server.get(f"/models/{model}/examples/export?format={data_format}")

    assert (reply.status, reply.headers["Content-Type"]) == (200, kind)
    assert reply.headers["Content-Disposition"] == f'attachment; filename="{model}-examples.{ending}"'
    (tmp_path / "file").write_bytes(reply.body)
    read = [(example.input, example.intent) for example in read_dataset(tmp_path / "file").examples]
    assert sorted(read) == sorted(pairs)


def test_an_export_keeps_what_is_out_of_scope_or_says_that_it_cannot(server: Any, model: str, add: Any) -> None:
    add(("a", "x"), ("b", None))
    path = f"/models/{model}/examples/export"

    assert server.get(path).body == b'{"text": "a", "intent": "x"}\n{"text": "b", "intent": null}\n'
    refused = server.get(f"{path}?format=csv").json()["error"]
    assert (refused["code"], refused["details"][0]["field"]) == ("unwritable_data", "format")
    assert server.get(f"{path}?format=csv&out_of_scope=false").body == b"intent,text\r\nx,a\r\n"
    assert server.get(f"{path}?format=xml").json()["error"]["details"][0]["field"] == "format"
    assert server.get(f"{path}?out_of_scope=no").json()["error"]["details"][0]["field"] == "out_of_scope"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/models/nobody-knows/examples", 404),
        ("GET", "/models/nobody-knows/examples/export", 404),
        ("GET", "/models/nobody-knows/examples/intents", 404),
        ("GET", "/models/nobody-knows/examples/x", 404),
        ("PATCH", "/models/nobody-knows/examples/x", 404),
        ("DELETE", "/models/nobody-knows/examples/x", 404),
        ("DELETE", "/models/nobody-knows/examples?intent=x", 404),
        ("GET", "/models/a@1/examples", 400),
        ("POST", "/models/%2e%2e/examples", 400),
        ("DELETE", "/models/a%00/examples?intent=x", 400),
        ("PUT", "/models/tiny/examples", 405),
    ],
)
def test_what_is_not_there_is_told(server: Any, method: str, path: str, status: int) -> None:
    content = {"POST": {"text": "a", "intent": "x"}, "PATCH": {"text": "a"}}.get(method)

    assert _send(server, method, path, content).status == status


def test_a_model_without_a_draft_begins_with_what_its_active_version_was_trained_on(server: Any) -> None:
    page = server.get("/models/tinyseq/examples?intent=greeting").json()

    assert (page["revision"], page["total"], page["matching"]) == (1, 32, 8)
    assert {(example["source"], example["caller"]) for example in page["examples"]} == {("version 1", "parley")}


def test_nobody_without_a_proof_sees_or_changes_examples(server: Any, model: str, add: Any) -> None:
    [example] = add(("a", "x"))["ids"]
    base = f"/models/{model}/examples"

    for method, path in (
        ("GET", base), ("POST", base), ("DELETE", f"{base}?intent=x"), ("GET", f"{base}/export"),
        ("GET", f"{base}/intents"), ("GET", f"{base}/{example}"), ("PATCH", f"{base}/{example}"),
        ("DELETE", f"{base}/{example}"), ("GET", "/audit"),
    ):  # fmt: skip
        assert server.request(method, path, None, {"Authorization": ""}).status == 401

    assert _texts(server, model) == ["a"]


def test_who_did_it_stands_in_the_audit_log(server: Any, model: str, add: Any) -> None:
    [example] = add(("a secret", "x"))["ids"]
    _send(server, "DELETE", f"/models/{model}/examples/{example}")
    server.get(f"/models/{model}/examples/export")

    reply = server.get(f"/audit?model={model}")

    assert [(one["caller"], one["deed"], one["details"].get("what")) for one in reply.json()["entries"]] == [
        ("admin", "export", "examples"), ("admin", "change_examples", "removed"),
        ("admin", "change_examples", "added"),
    ]  # fmt: skip
    assert b"secret" not in reply.body


def test_the_audit_log_is_read_in_pages_and_by_what_is_wanted(server: Any, model: str, add: Any) -> None:
    for number in range(3):
        add((f"text {number}", "x"))
    server.get(f"/models/{model}/examples/export")

    first = server.get(f"/audit?model={model}&limit=3").json()
    second = server.get(f"/audit?model={model}&limit=3&before={first['next']}").json()

    assert (len(first["entries"]), len(second["entries"]), second["next"]) == (3, 1, None)
    assert len(server.get(f"/audit?model={model}&deed=export").json()["entries"]) == 1
    assert server.get(f"/audit?model={model}&caller=eve").json()["entries"] == []
    assert server.get(f"/audit?model={model}&since=2999-01-01").json()["entries"] == []
    assert len(server.get(f"/audit?model={model}&since=2020-01-01T00:00:00%2B02:00").json()["entries"]) == 4


@pytest.mark.parametrize("query", ["deed=steal", "since=yesterday", "limit=0", "before=x", "who=admin", "model=%00"])
def test_a_question_to_the_audit_log_that_means_nothing_is_refused_by_its_name(server: Any, query: str) -> None:
    reply = server.get(f"/audit?{query}")

    assert reply.status == 400
    assert [detail["field"] for detail in reply.json()["error"]["details"]] == [query.partition("=")[0]]


def test_the_examples_of_the_document_work(server: Any, model: str) -> None:
    described = server.get("/apispec.json").json()["paths"]["/models/{name}/examples"]["post"]
    for example in described["requestBody"]["content"]["application/json"]["examples"].values():
        assert server.post(f"/models/{model}/examples", example["value"]).status == 200

    assert len(_texts(server, model)) == 4


def test_a_database_that_is_away_is_told_without_saying_where_it_is(
    start_server: Callable[..., Any], tiny_models: Path, tmp_path: Path
) -> None:
    (tmp_path / "folder.db").mkdir()
    server = start_server(tiny_models, PARLEY_DATABASE_URL=f"sqlite:///{tmp_path}/folder.db")

    reply = server.get("/models/tiny/examples")

    assert (reply.status, reply.json()["error"]["code"]) == (503, "storage_unavailable")
    assert str(tmp_path).encode() not in reply.body
    assert server.post("/predict", {"text": "hello", "model": "tiny"}).status == 200
