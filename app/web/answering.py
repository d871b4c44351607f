"""
From a request to a reply, whichever server carries the bytes.

Tornado and WSGI servers hand operations over to the same `Answering`: proof, decoding, the use case, errors and headers
are the same for both, and nothing of a framework stands between.
"""

import logging
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Final, NamedTuple

import msgspec

from ..domain.caller import Caller
from ..domain.errors import AuthenticationError, InvalidRequestError, ModelNotReadyError, ParleyError
from ..domain.load_errors import OverloadedError
from ..domain.logged_request import AnsweredInputs, LoggedRequest
from ..domain.oauth_errors import ClientProofError
from ..domain.patience import MustWaitError
from ..domain.rate_limit_errors import RateLimitedError
from ..logging_setup.lines import CURRENT_REQUEST
from .authentication import challenges, has_no_proof
from .client_address import NO_PROXIES, Proxies
from .cors import Cors, for_any_origin
from .decoding import BodyTooLargeError, UnsupportedMediaTypeError, decode
from .doorkeeper import Admission, Doorkeeper, rate_limit_headers
from .errors import error_reply, status_of, unexpected_reply
from .model_restrictions import require_model_in_path, require_models_named
from .operation import Answer, Call, Held, Operation, PlainText, Refusals, Sent, Services, Stream, Upload
from .query import read_form, read_query
from .reply import JSON, REQUEST_ID, Headers, Reply, json_reply, sane_request_id, stream_reply, text_reply
from .security_headers import HTTPS_HEADERS, JSON_HEADERS

_log = logging.getLogger(__name__)

_REQUEST_ID: Final = REQUEST_ID.lower()
_RETRY_AFTER_S: Final = "1"
_FORM: Final = "application/x-www-form-urlencoded"
_CLIENT_CHALLENGE: Final = 'Basic realm="Parley clients", charset="UTF-8"'
_OURS: Final = 500
_NO_MODEL: Final = (None, None, ())
_NO_BODY: Final = (None, None)
_NO_QUERY: Final[Mapping[str, str]] = {}


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
    """What stood behind the path, as it was sent."""
    upload: Upload | None = None
    """The body, where it was put on disk."""


class Answering:
    """Answers requests to operations; safe to share between threads."""

    def __init__(  # noqa: PLR0913 - what an operator can choose
        self,
        services: Services,
        *,
        max_body_bytes: int,
        max_upload_bytes: int = 1 << 26,
        door: Doorkeeper | None = None,
        cors: Cors | None = None,
        standing: Headers = (),
        proxies: Proxies = NO_PROXIES,
    ) -> None:
        """
        Take the use cases.

        Args:
            services: what operations call.
            max_body_bytes: of a request; over it, the body is not read.
            max_upload_bytes: of one whose body is put on disk.
            door: lets callers in; without one of its own there are no rate limits.
            cors: says which pages of other origins may ask; unless given, none may.
            standing: headers of every reply.
            proxies: are believed when they say that they were asked over HTTPS.
        """
        self.services, self.max_body_bytes, self.max_upload_bytes = services, max_body_bytes, max_upload_bytes
        self.cors = cors or Cors(())
        self._of_no_origin = self.cors.headers(None)
        self.door = door or Doorkeeper(services.identity, services.guesses)
        self._standing, self._proxies = tuple(standing), proxies

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
        standing = self._standing_of(operation, request)
        try:
            admission = self.door.let_in(operation, request.header, request.peer, may_wait=may_wait)
            if admission.caller is not None and admission.caller.origins is not None:
                standing = self.standing_headers(request.header, request.peer, admission.caller)
            answer = self._answer(operation, request, request_id, admission, may_wait=may_wait)
            if isinstance(answer.body, Held):
                asked = _Asked(operation, request_id, started, admission, standing)
                return Reply(0, (), b"", later=partial(self._ask_again, asked, answer.body))
            answered = answer.answered
            reply = _reply(answer, request_id, *rate_limit_headers(admission.allowance), *standing)
        except MustWaitError:
            self.door.let_out(admission)
            raise
        except ParleyError as error:
            if operation.others and (other := self._other(operation, request, error, admission)) is not None:
                return self._reply(other, request, request_id, may_wait=may_wait)
            further = (*rate_limit_headers(admission.allowance), *standing)
            reply = _refusal(error, request_id, request.header, *further, shape=operation.refusals)
        except Exception as error:  # noqa: BLE001 - one request must not end the server
            reply = _failure(error, request_id, operation.refusals, *standing)
        name = admission.caller.name if admission.caller else None
        self.observe(operation.method, operation.path, reply.status, started, request_id, name, answered)
        return reply

    def _ask_again(self, asked: "_Asked", held: Held, is_last: bool) -> Reply | None:  # noqa: FBT001 - the one thing to say
        """Give the reply to a request that was put off, where it is there now."""
        begun = CURRENT_REQUEST.set(asked.request_id)
        further = (*rate_limit_headers(asked.admission.allowance), *asked.standing)
        try:
            answer = held.ask(is_last)
            if answer is None:
                return None
            reply = _reply(answer, asked.request_id, *further)
        except ParleyError as error:
            reply = _refusal(error, asked.request_id, _no_header, *further, shape=asked.operation.refusals)
        except Exception as error:  # noqa: BLE001 - as above
            reply = _failure(error, asked.request_id, asked.operation.refusals, *asked.standing)
        finally:
            CURRENT_REQUEST.reset(begun)
        name = asked.admission.caller.name if asked.admission.caller else None
        operation = asked.operation
        self.observe(operation.method, operation.path, reply.status, asked.started, asked.request_id, name)
        return reply

    def refuse(self, operation: Operation, request: Request, error: ParleyError) -> Reply:
        """Answer one request by an error, without doing anything."""
        request_id = sane_request_id(request.header(_REQUEST_ID))
        standing = self._standing_of(operation, request)
        reply = _refusal(error, request_id, request.header, *standing, shape=operation.refusals)
        self.observe(operation.method, operation.path, reply.status, time.perf_counter(), request_id)
        return reply

    def turn_away(self, header: Callable[[str], str | None], peer: str, request_id: str) -> Reply | None:
        """
        Refuse a request that is for no operation, unless its caller proves who it is.

        What is there and what is not is told to nobody else. This may wait. None: the caller has proved it.
        """
        try:
            self.door.prove(header, peer, by_session_alone=True)
        except ParleyError as error:
            return _refusal(error, request_id, header, by_dialogue=False)
        return None

    def refusal(self, error: ParleyError) -> Reply:
        """Answer what is not even a request to an operation by an error."""
        request_id = sane_request_id(None)
        reply = _refusal(error, request_id, _no_header, *self._standing)
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

    def standing_headers(self, header: Callable[[str], str | None], peer: str, caller: Caller | None = None) -> Headers:
        """Give the headers of every reply to a request, whatever the answer."""
        origin, standing = header("origin"), self._standing
        if self._proxies is not NO_PROXIES and not standing and self._proxies.say_https(header, peer):
            standing = HTTPS_HEADERS
        of_origin = self._of_no_origin if origin is None else self.cors.headers(origin, caller)
        return (*standing, *of_origin) if of_origin else standing

    def _standing_of(self, operation: Operation, request: Request) -> Headers:
        standing = self.standing_headers(request.header, request.peer)
        return for_any_origin(standing) if operation.of_any_origin else standing

    def _other(
        self, operation: Operation, request: Request, error: ParleyError, admission: Admission
    ) -> Operation | None:
        """
        Find what a refused request means instead, and forget that it was counted; None: it means what it says.

        Of requests without a proof only those are others that need none.
        """
        is_unproven = isinstance(error, AuthenticationError)
        if not (isinstance(error, InvalidRequestError) or (is_unproven and has_no_proof(request.header))):
            return None
        sent = Sent(media_type(request.header("content-type") or ""), request.body or b"", request.query)
        for other in operation.others:
            if (other.operation.open_as is not None or not is_unproven) and other.takes(sent):
                if is_unproven:
                    self.door.take_back_unproven(request.header, request.peer)
                else:
                    self.door.let_out(admission)
                return other.operation
        return None

    def _answer(
        self, operation: Operation, request: Request, request_id: str, admission: Admission, *, may_wait: bool
    ) -> Answer:
        caller = admission.caller
        if operation.scope is not None:
            if caller is None:
                raise AuthenticationError
            caller.require(operation.scope)
            if caller.models is not None:
                require_model_in_path(operation, request.parameters, caller)
        has_body = operation.body or operation.uploads or operation.fields or operation.raw
        body, upload = self._body(operation, request) if has_body else _NO_BODY
        query = _NO_QUERY
        if operation.query:
            query = read_query(request.query, operation.query, ignores_unknown=operation.ignores_unknown)
        address = "" if caller is not None else self.door.address(request.header, request.peer)
        call = Call(request_id, body, request.parameters, caller, may_wait, query, upload, request.header, address)
        if caller is not None and caller.models is not None:
            require_models_named(call, caller, self.services.models.default_name)
        return operation.handle(self.services, call)

    def _body(self, operation: Operation, request: Request) -> tuple[object, Upload | None]:
        """Give what was sent, decoded or as a file; one of them is None."""
        if operation.raw:
            if request.body is None:
                raise BodyTooLargeError(self.max_body_bytes)
            return request.body, None
        named = request.header("content-type") or ""
        sent = named if named == JSON else media_type(named)
        if sent == JSON and operation.body is not None:
            if request.body is None:
                raise BodyTooLargeError(self.max_body_bytes)
            return decode(request.body, operation.body), None
        if sent == _FORM and operation.fields:
            if request.body is None:
                raise BodyTooLargeError(self.max_body_bytes)
            return read_form(request.body, operation.fields), None
        if sent not in operation.uploads:
            taken = [*[JSON] * (operation.body is not None), *[_FORM] * bool(operation.fields), *operation.uploads]
            wanted = " or ".join(taken)
            what = f"not {sent}" if sent else "and none was named"
            raise UnsupportedMediaTypeError(f"the body's Content-Type must be {wanted}, {what}")
        if request.upload is None:
            raise BodyTooLargeError(self.max_upload_bytes)
        return None, request.upload


class _Asked(NamedTuple):
    """What is remembered of a request that is answered later."""

    operation: Operation
    request_id: str
    started: float
    admission: Admission
    standing: Headers


def media_type(content_type: str) -> str:
    """Give the type that a header names, without its parameters."""
    return content_type.partition(";")[0].strip().lower()


def _reply(answer: Answer, request_id: str, *further: tuple[str, str]) -> Reply:
    body = answer.body
    if isinstance(body, PlainText):
        further = (*answer.headers, *further)
        standing = body.headers or JSON_HEADERS
        return text_reply(body.content, body.content_type, answer.status, request_id, *further, standing=standing)
    if isinstance(body, Stream):
        return stream_reply(body.content_type, body.next, answer.status, request_id, *answer.headers, *further)
    if isinstance(body, Held):
        raise TypeError("an answer that was put off cannot be put off again")
    return json_reply(body, answer.status, request_id, *answer.headers, *further)


def _failure(error: Exception, request_id: str, shape: Refusals | None, *standing: tuple[str, str]) -> Reply:
    _log.error("request %s failed", request_id, exc_info=error)
    body = unexpected_reply(request_id) if shape is None else shape.of(ParleyError(), request_id)
    return _written(body, _OURS, request_id, *standing)


def _written(body: msgspec.Struct | PlainText, status: int, request_id: str, *further: tuple[str, str]) -> Reply:
    if isinstance(body, PlainText):
        return text_reply(body.content, body.content_type, status, request_id, *further)
    return json_reply(body, status, request_id, *further)


def _no_header(_: str) -> str | None:
    return None


def _refusal(
    error: ParleyError,
    request_id: str,
    header: Callable[[str], str | None],
    *told: tuple[str, str],
    by_dialogue: bool = True,
    shape: Refusals | None = None,
) -> Reply:
    status = status_of(type(error))
    if status >= _OURS and not isinstance(error, OverloadedError):  # those come by the thousand, and are counted
        _log.error("request %s: %s", request_id, error)
    further = [*told, *challenges(error, header, by_dialogue=by_dialogue)]
    if isinstance(error, ClientProofError):
        further.append(("WWW-Authenticate", _CLIENT_CHALLENGE))
    if isinstance(error, ModelNotReadyError | OverloadedError):
        further.append(("Retry-After", _RETRY_AFTER_S))
    if isinstance(error, RateLimitedError):
        further += [("Retry-After", str(error.retry_after_s)), *rate_limit_headers(error.allowance)]
    body = error_reply(error, request_id) if shape is None else shape.of(error, request_id)
    return _written(body, status, request_id, *further)
