"""
What the OpenAPI document says is so, for who proved to be somebody and for who proves nothing.

Schemathesis makes requests up from the document, right ones and wrong ones. No server error, no answer that the
document does not describe, and none of another shape than it says; and who proves nothing is never let in.
"""

import secrets
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
import schemathesis.specs.openapi.checks as conformance
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import checks

from app.web.application import OPERATIONS
from app.web.authentication import PROOF_HEADERS
from tests.wellbeing import unharmed

NEGATIVE = schemathesis.GenerationMode.NEGATIVE
SEED = 6
SHORT, LONG = 20, 900
"""Requests to each operation, right and wrong ones each."""
PROMISED = (
    checks.not_a_server_error,
    conformance.status_code_conformance,
    conformance.content_type_conformance,
    conformance.response_schema_conformance,
    conformance.response_headers_conformance,
)
_SETTINGS: dict[str, Any] = {
    "deadline": None,
    "suppress_health_check": list(HealthCheck),
    "database": None,
    "phases": [Phase.generate],  # what fails is told as it is: to make it smaller takes longer than all else
}
OPEN = {operation.name for operation in OPERATIONS if operation.scope is None}


@schemathesis.serializer("application/zip", "text/csv", "text/tab-separated-values", "application/jsonl")
def _as_bytes(_: Any, value: Any) -> bytes:
    """Let what is made up for a file go as it is."""
    return value if isinstance(value, bytes) else str(value).encode(errors="replace")


@pytest.fixture(scope="module")
def besieged(start_server: Callable[..., Any], tiny_models: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A server of its own: what is asked of it may change what it has."""
    models = tmp_path_factory.mktemp("besieged") / "models"
    shutil.copytree(tiny_models, models, ignore=shutil.ignore_patterns(".*"))
    return start_server(models, PARLEY_DEFAULT_MODEL="tiny", PARLEY_MAX_QUEUED_JOBS="20000")


def _operations(server: Any) -> Iterator[Any]:
    schema = schemathesis.openapi.from_dict(server.get("/apispec.json").json())
    for found in schema.get_all_operations():
        operation: Any = found.ok()  # type: ignore[union-attr]  # an operation that cannot be read is an error
        yield operation


def _is_called(server: Any, operation: Any, n: int, seed_of_run: int, headers: dict[str, str]) -> None:
    """Send what was made up, and see what is promised; or that nobody was let in, where there is no proof."""

    @seed(seed_of_run)
    @settings(max_examples=n, **_SETTINGS)
    @given(operation.as_strategy() | operation.as_strategy(NEGATIVE))
    def call(case: Any) -> None:
        if not headers:  # what is made up may look like a proof
            case.headers = {
                name: value for name, value in (case.headers or {}).items() if name.lower() not in PROOF_HEADERS
            }
        response = case.call(base_url=server.url, headers=headers)
        case.validate_response(response, checks=PROMISED)
        is_open = operation.definition.raw["operationId"] in OPEN
        if not headers and not is_open:
            assert response.status_code in REFUSED, (case, response.text)

    call()


REFUSED = {401, 404, 405}
"""404 and 405: what was made up for a parameter makes another path of it."""

_FILES = 16
"""Whatever keeps something in the database is used once, and opens it for itself."""


def _fuzz(server: Any, n: int, seed_of_run: int, headers: dict[str, str]) -> None:
    with unharmed(server, mb=96, files=_FILES):
        n_operations = 0
        for operation in _operations(server):
            n_operations += 1
            _is_called(server, operation, n, seed_of_run, headers)
    assert n_operations == len(OPERATIONS)


def test_who_proved_to_be_somebody_is_answered_as_the_document_says(besieged: Any) -> None:
    _fuzz(besieged, SHORT, SEED, {"Authorization": besieged.authorization})


def test_who_proves_nothing_is_let_in_nowhere_and_told_so_as_the_document_says(besieged: Any) -> None:
    _fuzz(besieged, SHORT // 2, SEED, {})


@pytest.mark.long
@pytest.mark.timeout(1_800)
@pytest.mark.parametrize("is_proven", [True, False])
def test_for_ten_minutes_and_more_the_document_is_right(besieged: Any, *, is_proven: bool) -> None:
    seed_of_run = secrets.randbits(32)
    print(f"seed {seed_of_run}")  # noqa: T201 - shown where it fails, to be tried again
    headers = {"Authorization": besieged.authorization} if is_proven else {}

    _fuzz(besieged, LONG if is_proven else LONG // 3, seed_of_run, headers)
