"""The OpenAPI document tells the truth: every operation, every shape, every error, and examples that work."""

import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from app import __version__
from app.web.application import OPERATIONS

[PREDICT] = [operation for operation in OPERATIONS if operation.name == "predict"]


@pytest.fixture(scope="module")
def document(server) -> Any:
    return server.get("/apispec.json", Authorization="").json()


@pytest.fixture(scope="module")
def check(document):
    """Check content against a schema of the document, given by its name."""

    def check_it(name: str, content: object) -> None:
        schema = {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
        Draft202012Validator(schema).validate(content)

    return check_it


def _described(document: Any, operation) -> Any:
    return document["paths"][operation.path][operation.method.lower()]


def test_it_is_openapi_3_1_of_this_version(document) -> None:
    assert document["openapi"].startswith("3.1.")
    assert document["info"]["version"] == __version__


def test_it_holds_every_operation_and_nothing_else(document) -> None:
    described = {(path, method.upper()) for path, methods in document["paths"].items() for method in methods}

    assert described == {(operation.path, operation.method) for operation in OPERATIONS}


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_an_operation_says_whether_it_needs_a_proof(document, operation) -> None:
    described = _described(document, operation)

    assert described["operationId"] == operation.name
    proofs: list[dict[str, list[str]]] = [{"basic": []}, {"bearer": []}, {"apiKey": []}, {"session": []}]
    enough = [scope.value for scope in (operation.scope, operation.or_scope) if scope is not None]
    assert described["security"] == ([*proofs, *({"oauth2": [scope]} for scope in enough)] if enough else [])
    takes_clients = "client_id" in operation.fields  # who prove themselves in their own way
    assert ("401" in described["responses"]) == (operation.scope is not None or takes_clients)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_every_parameter_of_a_path_is_described(document, operation) -> None:
    described = _described(document, operation).get("parameters", [])

    assert [one["name"] for one in described if one["in"] == "path"] == re.findall(r"{(\w+)}", operation.path)
    assert [one["name"] for one in described if one["in"] == "query"] == list(operation.query)


def test_every_schema_is_one(document) -> None:
    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_every_reference_leads_somewhere(document) -> None:
    references = set(re.findall(r"'\$ref': '#/components/schemas/(\w+)'", str(document)))

    assert references <= set(document["components"]["schemas"])


@pytest.mark.parametrize(
    ("content", "schema"),
    [
        ({"text": "hello"}, "PredictReply"),
        ({"text": ""}, "PredictReply"),
        ({"text": "hello", "intents": ["bill"]}, "PredictReply"),
        ({"texts": ["hello", "", "x" * 10_001]}, "BatchReply"),
        ({"texts": []}, "BatchReply"),
    ],
)
def test_an_answer_is_as_described(server, check, content: dict[str, Any], schema: str) -> None:
    check("PredictRequest", content)

    reply = server.post("/predict", content)

    assert reply.status == 200
    check(schema, reply.json())


@pytest.mark.parametrize(
    ("path", "schema"),
    [
        ("/models", "ModelsReply"),
        ("/models/tiny", "ModelReply"),
        ("/healthz", "HealthReply"),
        ("/readyz", "ReadyReply"),
    ],
)
def test_what_is_asked_with_get_is_answered_as_described(server, check, path: str, schema: str) -> None:
    check(schema, server.get(path).json())


REFUSED = [
    (b"{", 400),
    (b'{"txet": ""}', 400),
    (b'{"text": "a", "intents": ["x"]}', 400),
    (b'{"text": "a", "model": "../x"}', 400),
    (b'{"text": "a", "model": "tiny@0"}', 400),
    (b'{"text": "a", "model": "nope"}', 404),
    (b'{"text": "a", "model": "tiny@9"}', 404),
    (b'{"text": "a", "model": "tiny@nope"}', 404),
    (b'{"text": "%b"}' % (b"x" * 10_001), 413),
    (b'{"texts": [%b ""]}' % (b'"",' * 1024), 413),
    (b" " * (1 << 21), 413),
]


def _refuse(server, body: bytes) -> Any:
    return server.request("POST", "/predict", body, {"Content-Type": "application/json"})


@pytest.mark.parametrize(("body", "status"), REFUSED, ids=range(len(REFUSED)))
def test_an_error_is_as_described(server, check, body: bytes, status: int) -> None:
    reply = _refuse(server, body)

    assert reply.status == status
    check("ErrorReply", reply.json())


@pytest.mark.parametrize(("body", "status"), REFUSED, ids=range(len(REFUSED)))
def test_the_code_of_an_error_stands_under_its_status(server, document, body: bytes, status: int) -> None:
    code = _refuse(server, body).json()["error"]["code"]

    assert f"`{code}`" in _described(document, PREDICT)["responses"][str(status)]["description"]


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/nope", 404), ("GET", "/predict", 405), ("POST", "/predict", 415)]
)
def test_an_error_of_any_route_is_of_the_one_shape(server, check, method: str, path: str, status: int) -> None:
    check("ErrorReply", server.request(method, path, None, {"Authorization": ""}).json())
    reply = server.request(method, path)

    assert reply.status == status
    check("ErrorReply", reply.json())


def test_the_examples_can_be_tried_out_on_the_bundled_models(start_server, bundled_models: Path, check) -> None:
    server = start_server(bundled_models)

    replies = [server.post("/predict", example.value) for example in PREDICT.examples]

    assert [reply.status for reply in replies] == [200] * 4
    assert [reply.json()["model"] for reply in replies] == ["smalltalk", "flights", "support", "accounts"]
    check("PredictReply", replies[0].json())
    check("PredictReply", replies[1].json())
    check("BatchReply", replies[2].json())
    check("RecordReply", replies[3].json())


def test_the_examples_are_in_the_document(document) -> None:
    examples = _described(document, PREDICT)["requestBody"]["content"]["application/json"]["examples"]

    assert [example["value"] for example in examples.values()] == [example.value for example in PREDICT.examples]


@pytest.mark.parametrize("path", ["/", "/apidocs/", "/static/apidocs.js", "/static/apidocs.css", "/static/pages.css"])
def test_a_page_names_no_host_but_its_own(server, path: str) -> None:
    page = server.get(path).body.decode().replace(server.url, "")

    assert not re.search(r"https?:|[\"'(]//|@import", page)


@pytest.mark.parametrize("query", ["", "?configUrl=https://evil.example/c.json", "?url=https://evil.example/d.json"])
def test_the_document_of_the_page_cannot_be_chosen_by_its_address(server, query: str) -> None:
    page = server.get(f"/apidocs/{query}").body.decode()

    assert 'data-document="/apispec.json"' in page
    assert "evil" not in page
    assert "queryConfigEnabled: false" in server.get("/static/apidocs.js").body.decode()


def test_swagger_ui_is_a_current_one(server) -> None:
    bundle = server.get("/apidocs/swagger-ui/swagger-ui-bundle.js").body.decode()

    [version] = re.findall(r'PACKAGE_VERSION:"(\d+)\.', bundle)
    assert int(version) >= 5
