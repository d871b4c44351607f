"""Errors have one shape and one table of statuses, and what went wrong inside is told to the log alone."""

import re
import socket
from collections.abc import Iterator

import pytest

from app.domain import damage_errors, errors, job_errors, queue_errors, storage_errors
from app.domain.damage_errors import DamagedModelError
from app.domain.error_code import code_of
from app.domain.errors import InvalidRequestError, ModelNotFoundError, ParleyError
from app.service.metrics import Metrics
from app.service.observation import Observation
from app.web.answering import Answering
from app.web.application import create_app
from app.web.decoding import MalformedBodyError, UnsupportedMediaTypeError
from app.web.errors import error_reply, status_of
from tests.services import broken_services


def _kinds(kind: type[ParleyError]) -> Iterator[type[ParleyError]]:
    yield kind
    for below in kind.__subclasses__():
        yield from _kinds(below)


KINDS = list(_kinds(ParleyError))
SHOWN = [kind for kind in KINDS if status_of(kind) != 500]


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (errors.InvalidRequestError, 400),
        (errors.InvalidModelNameError, 400),
        (errors.UnknownIntentError, 400),
        (MalformedBodyError, 400),
        (UnsupportedMediaTypeError, 415),
        (errors.InputTooLongError, 413),
        (errors.TooManyInputsError, 413),
        (errors.AuthenticationError, 401),
        (errors.MissingScopeError, 403),
        (errors.ModelNotFoundError, 404),
        (errors.VersionNotFoundError, 404),
        (errors.AliasNotFoundError, 404),
        (errors.ModelNotReadyError, 503),
        (errors.ModelUnavailableError, 503),
        (job_errors.JobNotFoundError, 404),
        (queue_errors.PredictionNotFoundError, 404),
        (queue_errors.PredictionLostError, 503),
        (queue_errors.SealedElsewhereError, 503),
        (queue_errors.DamagedPredictionError, 503),
        (job_errors.JobEndedError, 409),
        (job_errors.QueueFullError, 503),
        (storage_errors.StorageUnavailableError, 503),
        (errors.ConfigurationError, 500),
        (damage_errors.DamagedModelError, 500),
        (errors.ParleyError, 500),
    ],
)
def test_each_kind_of_error_has_its_status(kind: type[ParleyError], status: int) -> None:
    assert status_of(kind) == status


def test_no_two_kinds_of_error_share_a_code() -> None:
    assert len({code_of(kind) for kind in KINDS}) == len(KINDS)


@pytest.mark.parametrize("kind", SHOWN, ids=code_of)
def test_a_code_is_made_of_small_letters_and_underscores(kind: type[ParleyError]) -> None:
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", code_of(kind))


def test_an_error_about_a_field_names_it() -> None:
    reply = error_reply(InvalidRequestError("too blue", field="sky[2]"), "r1").error

    assert (reply.code, reply.message, reply.request_id) == ("invalid_request", "too blue", "r1")
    assert [(detail.field, detail.message) for detail in reply.details] == [("sky[2]", "too blue")]


def test_an_error_about_no_field_has_no_details() -> None:
    assert error_reply(InvalidRequestError("too blue"), "r1").error.details == []


def test_an_error_of_our_own_tells_a_client_only_that_it_happened() -> None:
    reply = error_reply(DamagedModelError("secret/path", "is odd"), "r1").error

    assert (reply.code, reply.request_id) == ("internal", "r1")
    assert "secret" not in reply.message


def test_an_error_of_a_client_tells_what_it_was() -> None:
    assert error_reply(ModelNotFoundError("nope"), "r1").error.message == "there is no model 'nope'"


def test_what_nobody_expected_is_told_to_the_log_and_not_to_the_client(caplog: pytest.LogCaptureFixture) -> None:
    unseen = Observation(lambda: Metrics("1"), None)
    broken = broken_services(unseen)

    reply = (
        create_app(Answering(broken, max_body_bytes=1024)).test_client().get("/readyz", headers={"X-Request-ID": "r1"})
    )

    assert reply.status_code == 500
    assert reply.json == {
        "error": {
            "code": "internal",
            "message": "something went wrong here; the log knows what",
            "request_id": "r1",
            "details": [],
        }
    }
    assert "request r1 failed" in caplog.text
    assert "AttributeError" in caplog.text


@pytest.mark.parametrize(
    "path", ["/nope", "/predict/", "/models/tiny/", "/%00", "/%ff", "/..", "/apidocs/swagger-ui/nope.js"]
)
def test_an_unknown_route_is_not_found_in_the_one_shape(server, path: str) -> None:
    reply = server.get(path)

    assert reply.status == 404
    assert reply.headers["Content-Type"] == "application/json"
    error = reply.json()["error"]
    assert list(error) == ["code", "message", "request_id", "details"]
    assert (error["code"], error["request_id"]) == ("not_found", reply.headers["X-Request-ID"])


@pytest.mark.parametrize("path", ["/static/..%2fapplication.py", "/apidocs/swagger-ui/..%2f__init__.py"])
def test_no_file_beside_the_static_ones_is_given(server, path: str) -> None:
    assert server.get(path).status == 404


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/predict", {"POST", "OPTIONS"}),
        ("HEAD", "/predict", {"POST", "OPTIONS"}),
        ("DELETE", "/models/tiny", {"GET", "HEAD", "OPTIONS"}),
        ("POST", "/healthz", {"GET", "HEAD", "OPTIONS"}),
        ("BREW", "/models", {"GET", "HEAD", "OPTIONS"}),
    ],
)
def test_a_wrong_method_is_told_the_right_ones(server, method: str, path: str, allowed: set[str]) -> None:
    reply = server.request(method, path)

    assert reply.status == 405
    assert set(reply.headers["Allow"].split(", ")) == allowed
    assert method == "HEAD" or reply.json()["error"]["code"] == "method_not_allowed"


def test_every_reply_forbids_guessing_its_type(server) -> None:
    assert {server.get(path).headers["X-Content-Type-Options"] for path in ("/", "/nope", "/models")} == {"nosniff"}


@pytest.mark.parametrize(
    "sent",
    [
        b"\x00\x01\x02\r\n\r\n",
        b"GET /healthz HTTP/9.9\r\nHost: x\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: x:port\r\n\r\n",
        b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST /predict HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"POST /predict HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n",
    ],
)
def test_what_is_no_http_is_refused_and_not_left_waiting(server, sent: bytes) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(sent)

        assert connection.recv(1000).startswith(b"HTTP/1.1 400 ")
