"""
From a request to a reply, whichever server carries the bytes.

Tornado and WSGI servers hand operations over to the same `Answering`: proof, decoding, the use case, errors and headers
are the same for both, and nothing of a framework stands between.
"""

import io
import itertools
import logging
import re
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import BinaryIO, Final, NamedTuple

import msgspec

from ..domain.errors import AuthenticationError, ModelNotReadyError, ParleyError
from ..domain.load_errors import OverloadedError
from ..domain.logged_request import AnsweredInputs, LoggedRequest
from ..domain.patience import MustWaitError
from ..domain.rate_limit_errors import RateLimitedError
from ..logging_setup.lines import CURRENT_REQUEST
from .authentication import CHALLENGE
from .cors import Cors
from .decoding import BodyTooLargeError, UnsupportedMediaTypeError, decode, read_query
from .doorkeeper import Admission, Doorkeeper, rate_limit_headers
from .errors import error_reply, status_of, unexpected_reply
from .operation import Answer, Call, Operation, PlainText, Services
from .security_headers import JSON_HEADERS

_log = logging.getLogger(__name__)

JSON: Final = "application/json"
REQUEST_ID: Final = "X-Request-ID"
_REQUEST_ID: Final = "x-request-id"  # as it is looked up
_SANE_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)
_OF_THIS_PROCESS: Final = secrets.token_hex(4)
_numbers: Final = itertools.count()
_RETRY_AFTER_S: Final = "1"
_OURS: Final = 500
_NO_MODEL: Final = (None, None, ())

Headers = Sequence[tuple[str, str]]


class Request(NamedTuple):
    """What an operation needs of a request."""

    header: Callable[[str], str | None]
    """Gives a header by its name in small letters, or None."""
    body: bytes | None
    """None where it is over the limit."""
    parameters: Mapping[str, str]
    """Of the path."""
    peer: str = ""
    """The address that the connection comes from."""
    query: str = ""
    """What stands behind the `?`, as it was sent."""


class Reply(NamedTuple):
    """What goes back."""

    status: int
    headers: Headers
    body: bytes


class Answering:
    """Answers requests to operations; safe to share between threads."""

    def __init__(
        self,
        services: Services,
        *,
        max_body_bytes: int,
        door: Doorkeeper | None = None,
        cors: Cors | None = None,
        standing: Headers = (),
    ) -> None:
        """
        Take the use cases.

        Args:
            services: what operations call.
            max_body_bytes: of a request; over it, the body is not read.
            door: lets callers in; without one of its own there are no rate limits.
            cors: says which pages of other origins may ask; None: none may.
            standing: headers of every reply.
        """
        self.services, self.max_body_bytes, self.cors = services, max_body_bytes, cors
        self._door = door or Doorkeeper(services.identity)
        self._standing = tuple(standing)

    def answer(self, operation: Operation, request: Request, *, may_wait: bool = True) -> Reply:
        """
        Answer one request; what is wrong with it is said in the reply.

        Raises:
            MustWaitError: only where it may not wait, before anything was done.
        """
        request_id = sane_request_id(request.header(_REQUEST_ID))
        begun = CURRENT_REQUEST.set(request_id)
        try:
            return self._reply(operation, request, request_id, may_wait=may_wait)
        finally:
            CURRENT_REQUEST.reset(begun)

    def _reply(self, operation: Operation, request: Request, request_id: str, *, may_wait: bool) -> Reply:
        started = time.perf_counter()
        admission = Admission()
        answered: AnsweredInputs | None = None
        standing = self.standing_headers(request.header)
        try:
            admission = self._door.let_in(operation, request.header, request.peer, may_wait=may_wait)
            answer = self._answer(operation, request, request_id, admission, may_wait=may_wait)
            answered = answer.answered
            reply = _reply(answer, request_id, *rate_limit_headers(admission.allowance), *standing)
        except MustWaitError:
            self._door.let_out(admission)
            raise
        except ParleyError as error:
            reply = _refusal(error, request_id, *rate_limit_headers(admission.allowance), *standing)
        except Exception as error:  # noqa: BLE001 - one request must not end the server
            _log.error("request %s failed", request_id, exc_info=error)
            reply = json_reply(unexpected_reply(request_id), _OURS, request_id, *standing)
        name = admission.caller.name if admission.caller else None
        self.observe(operation.method, operation.path, reply.status, started, request_id, name, answered)
        return reply

    def refuse(self, operation: Operation, request: Request, error: ParleyError) -> Reply:
        """Answer one request by an error, without doing anything."""
        request_id = sane_request_id(request.header(_REQUEST_ID))
        reply = _refusal(error, request_id, *self.standing_headers(request.header))
        self.observe(operation.method, operation.path, reply.status, time.perf_counter(), request_id)
        return reply

    def refusal(self, error: ParleyError) -> Reply:
        """Answer what is not even a request to an operation by an error."""
        request_id = sane_request_id(None)
        reply = _refusal(error, request_id, *self._standing)
        self.observe("-", "-", reply.status, time.perf_counter(), request_id)
        return reply

    def observe(  # noqa: PLR0913, PLR0917 - what is known of a request
        self,
        method: str,
        endpoint: str,
        status: int,
        started: float,
        request_id: str,
        caller: str | None = None,
        answered: AnsweredInputs | None = None,
    ) -> None:
        """Tell of a request; of its path only the route, for what a person typed can stand in a path."""
        seconds = time.perf_counter() - started
        model, version, inputs = answered or _NO_MODEL
        now = datetime.now(UTC)
        self.services.observation.record(
            LoggedRequest(request_id, now, caller, method, endpoint, status, seconds, model, version, inputs)
        )

    def standing_headers(self, header: Callable[[str], str | None]) -> Headers:
        """Give the headers of every reply to a request, whatever the answer."""
        if self.cors is None:
            return self._standing
        return (*self._standing, *self.cors.headers(header("origin")))

    def _answer(
        self, operation: Operation, request: Request, request_id: str, admission: Admission, *, may_wait: bool
    ) -> Answer:
        caller = admission.caller
        if operation.scope is not None:
            if caller is None:
                raise AuthenticationError
            caller.require(operation.scope)
        body = self._body(operation, request) if operation.body is not None else None
        upload = self._upload(operation, request) if operation.upload is not None else None
        query = read_query(request.query, operation.query) if operation.query else {}
        return operation.handle(
            self.services, Call(request_id, body, request.parameters, caller, may_wait, query, upload)
        )

    def _body(self, operation: Operation, request: Request) -> object:
        return decode(self._received(request, JSON), operation.body)

    def _upload(self, operation: Operation, request: Request) -> BinaryIO:
        return io.BytesIO(self._received(request, operation.upload or JSON))

    def _received(self, request: Request, kind: str) -> bytes:
        """Give the body where it is of a kind, and not too large."""
        named = request.header("content-type") or ""
        sent = named if named == kind else named.partition(";")[0].strip().lower()
        if sent != kind:
            what = f"not {sent}" if sent else "and none was named"
            raise UnsupportedMediaTypeError(f"the body's Content-Type must be {kind}, {what}")
        if request.body is None:
            raise BodyTooLargeError(self.max_body_bytes)
        return request.body


def sane_request_id(given: str | None) -> str:
    """Keep the id that a client gives where it can do no harm in a log, or make one."""
    if given and _SANE_REQUEST_ID.fullmatch(given):
        return given
    return f"{_OF_THIS_PROCESS}{next(_numbers):08x}"


def json_reply(body: msgspec.Struct, status: int, request_id: str, *further: tuple[str, str]) -> Reply:
    """Write a structure as JSON."""
    return _written(msgspec.json.encode(body), JSON, status, request_id, *further)


def _reply(answer: Answer, request_id: str, *further: tuple[str, str]) -> Reply:
    if isinstance(answer.body, PlainText):
        text = answer.body
        standing = text.headers or JSON_HEADERS
        return _written(text.content, text.content_type, answer.status, request_id, *further, standing=standing)
    return json_reply(answer.body, answer.status, request_id, *further)


def _written(
    content: bytes, kind: str, status: int, request_id: str, *further: tuple[str, str], standing: Headers = JSON_HEADERS
) -> Reply:
    headers = (
        ("Content-Type", kind),
        ("Content-Length", str(len(content))),
        (REQUEST_ID, request_id),
        *standing,
        *further,
    )
    return Reply(status, headers, content)


def _refusal(error: ParleyError, request_id: str, *told: tuple[str, str]) -> Reply:
    status = status_of(type(error))
    if status >= _OURS and not isinstance(error, OverloadedError):  # those come by the thousand, and are counted
        _log.error("request %s: %s", request_id, error)
    further = [*told]
    if isinstance(error, AuthenticationError):
        further.append(("WWW-Authenticate", CHALLENGE))
    if isinstance(error, ModelNotReadyError | OverloadedError):
        further.append(("Retry-After", _RETRY_AFTER_S))
    if isinstance(error, RateLimitedError):
        further += [("Retry-After", str(error.retry_after_s)), *rate_limit_headers(error.allowance)]
    return json_reply(error_reply(error, request_id), status, request_id, *further)
