"""What a request is told: answers, refusals and failures, as replies."""

import logging
from collections.abc import Callable
from typing import Final

import msgspec

from ..domain.errors import AuthenticationError, ModelNotReadyError, ParleyError
from ..domain.load_errors import OverloadedError
from ..domain.oauth_errors import ClientProofError
from ..domain.rate_limit_errors import RateLimitedError
from .authentication import challenges
from .doorkeeper import rate_limit_headers
from .errors import error_reply, status_of, unexpected_reply
from .operation import Answer, Held, PlainText, Refusals, Stream
from .reply import Reply, json_reply, stream_reply, text_reply
from .security_headers import JSON_HEADERS

_log = logging.getLogger(__name__)

_CLIENT_CHALLENGE: Final = 'Basic realm="Parley clients", charset="UTF-8"'
_RETRY_AFTER_S: Final = "1"
_FORBIDDEN: Final = 403
_OURS: Final = 500


def answer_reply(answer: Answer, request_id: str, *further: tuple[str, str]) -> Reply:
    """Write an answer."""
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


def failure_reply(error: Exception, request_id: str, shape: Refusals | None, *standing: tuple[str, str]) -> Reply:
    """Say that something went wrong here; what it was is told to the log."""
    _log.error("request %s failed", request_id, exc_info=error)
    body = unexpected_reply(request_id) if shape is None else shape.of(ParleyError(), request_id)
    return _written(body, _OURS, request_id, *standing)


def _written(body: msgspec.Struct | PlainText, status: int, request_id: str, *further: tuple[str, str]) -> Reply:
    if isinstance(body, PlainText):
        return text_reply(body.content, body.content_type, status, request_id, *further)
    return json_reply(body, status, request_id, *further)


def no_header(_: str) -> str | None:
    """Stand for the headers of a request of which nothing is known."""
    return None


def refusal_reply(
    error: ParleyError,
    request_id: str,
    header: Callable[[str], str | None],
    *told: tuple[str, str],
    by_dialogue: bool = True,
    shape: Refusals | None = None,
) -> Reply:
    """
    Say what is wrong with a request.

    Args:
        error: what is wrong.
        request_id: its id.
        header: gives its headers.
        told: further headers of the reply.
        by_dialogue: whether a browser may ask its user for a password.
        shape: of the reply, where it is not ours.
    """
    is_forbidden = shape is not None and shape.forbids and isinstance(error, AuthenticationError)
    status = _FORBIDDEN if is_forbidden else status_of(type(error))
    if status >= _OURS and not isinstance(error, OverloadedError):  # those come by the thousand, and are counted
        _log.error("request %s: %s", request_id, error)
    further = [*told] if is_forbidden else [*told, *challenges(error, header, by_dialogue=by_dialogue)]
    if isinstance(error, ClientProofError):
        further.append(("WWW-Authenticate", _CLIENT_CHALLENGE))
    if isinstance(error, ModelNotReadyError | OverloadedError):
        further.append(("Retry-After", _RETRY_AFTER_S))
    if isinstance(error, RateLimitedError):
        further += [("Retry-After", str(error.retry_after_s)), *rate_limit_headers(error.allowance)]
    body = error_reply(error, request_id) if shape is None else shape.of(error, request_id)
    return _written(body, status, request_id, *further)
