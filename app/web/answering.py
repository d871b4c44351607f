"""
From a request to a reply, whichever server carries the bytes.

Tornado and WSGI servers hand operations over to the same `Answering`: proof, decoding, the use case, errors and headers
are the same for both, and nothing of a framework stands between.
"""

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Final, NamedTuple

from ..domain.caller import Caller
from ..domain.errors import AuthenticationError, InvalidRequestError, ParleyError
from ..domain.logged_request import AnsweredInputs, LoggedRequest
from ..domain.patience import MustWaitError
from ..logging_setup.lines import CURRENT_REQUEST
from .authentication import has_no_proof
from .client_address import NO_PROXIES, Proxies
from .cors import Cors, for_any_origin
from .doorkeeper import Admission, Doorkeeper, rate_limit_headers
from .model_restrictions import require_model_in_path, require_models_named
from .operation import Answer, Call, Held, Operation, Sent, Services
from .query import read_query
from .reply import REQUEST_ID, Headers, Reply, sane_request_id
from .request import Request, body_of, media_type
from .security_headers import HTTPS_HEADERS
from .told import answer_reply, failure_reply, no_header, refusal_reply

_REQUEST_ID: Final = REQUEST_ID.lower()
_NO_MODEL: Final = (None, None, ())
_NO_BODY: Final = (None, None)
_NO_QUERY: Final[Mapping[str, str]] = {}


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
            header = request.header
            if operation.proof_among is not None:
                header = operation.proof_among(_sent(request), header)
            admission = self.door.let_in(operation, header, request.peer, may_wait=may_wait)
            if admission.caller is not None and admission.caller.origins is not None:
                standing = self.standing_headers(request.header, request.peer, admission.caller)
            answer = self._answer(operation, request, request_id, admission, may_wait=may_wait)
            if isinstance(answer.body, Held):
                asked = _Asked(operation, request_id, started, admission, standing)
                return Reply(0, (), b"", later=partial(self._ask_again, asked, answer.body))
            answered = answer.answered
            reply = answer_reply(answer, request_id, *rate_limit_headers(admission.allowance), *standing)
        except MustWaitError:
            self.door.let_out(admission)
            raise
        except ParleyError as error:
            if operation.others and (other := self._other(operation, request, error, admission)) is not None:
                return self._reply(other, request, request_id, may_wait=may_wait)
            further = (*rate_limit_headers(admission.allowance), *standing)
            reply = refusal_reply(error, request_id, request.header, *further, shape=operation.refusals)
        except Exception as error:  # noqa: BLE001 - one request must not end the server
            reply = failure_reply(error, request_id, operation.refusals, *standing)
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
            reply = answer_reply(answer, asked.request_id, *further)
        except ParleyError as error:
            reply = refusal_reply(error, asked.request_id, no_header, *further, shape=asked.operation.refusals)
        except Exception as error:  # noqa: BLE001 - as above
            reply = failure_reply(error, asked.request_id, asked.operation.refusals, *asked.standing)
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
        reply = refusal_reply(error, request_id, request.header, *standing, shape=operation.refusals)
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
            return refusal_reply(error, request_id, header, by_dialogue=False)
        return None

    def refusal(self, error: ParleyError) -> Reply:
        """Answer what is not even a request to an operation by an error."""
        request_id = sane_request_id(None)
        reply = refusal_reply(error, request_id, no_header, *self._standing)
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
        sent = _sent(request)
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
            if operation.or_scope not in caller.scopes:
                caller.require(operation.scope)
            if caller.models is not None:
                require_model_in_path(operation, request.parameters, caller)
        has_body = operation.body or operation.uploads or operation.fields or operation.raw
        body, upload = _NO_BODY
        if has_body:
            body, upload = body_of(operation, request, self.max_body_bytes, self.max_upload_bytes)
        query = _NO_QUERY
        if operation.query and request.query:
            query = read_query(request.query, operation.query, ignores_unknown=operation.ignores_unknown)
        address = "" if caller is not None else self.door.address(request.header, request.peer)
        call = Call(request_id, body, request.parameters, caller, may_wait, query, upload, request.header, address)
        if caller is not None and caller.models is not None:
            require_models_named(call, caller, self.services.models.default_name)
        return operation.handle(self.services, call)


def _sent(request: Request) -> Sent:
    return Sent(media_type(request.header("content-type") or ""), request.body or b"", request.query)


class _Asked(NamedTuple):
    """What is remembered of a request that is answered later."""

    operation: Operation
    request_id: str
    started: float
    admission: Admission
    standing: Headers
