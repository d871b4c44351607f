"""
Errors as clients see them: one shape, and the one table of their statuses.

    {"error": {"code": "...", "message": "...", "request_id": "...", "details": [{"field": "...", "message": "..."}]}}
"""

import re
from typing import Final

import msgspec

from ..domain import errors, load_errors, storage_errors, version_errors
from ..domain.errors import ParleyError
from ..domain.rate_limit_errors import RateLimitedError
from ..domain.served import NotServedError
from .decoding import BodyTooLargeError, UnsupportedMediaTypeError

_OURS: Final = 500

# The nearest class in an error's ancestry decides.
STATUS: Final[dict[type[ParleyError], int]] = {
    errors.InvalidRequestError: 400,
    errors.TooManyInputsError: 413,
    errors.InputTooLongError: 413,
    BodyTooLargeError: 413,
    UnsupportedMediaTypeError: 415,
    errors.AuthenticationError: 401,
    errors.MissingScopeError: 403,
    errors.NotFoundError: 404,
    RateLimitedError: 429,
    errors.ModelNotReadyError: 503,
    errors.ModelUnavailableError: 503,
    load_errors.OverloadedError: 503,
    load_errors.DeadlineExceededError: 504,
    load_errors.SlowRequestError: 408,
    NotServedError: 503,
    version_errors.ArchiveTooLargeError: 413,
    version_errors.ConflictError: 409,
    storage_errors.StorageUnavailableError: 503,
    errors.UnwritableRegistryError: 507,
    errors.ParleyError: _OURS,
}


class Detail(msgspec.Struct, frozen=True):
    """A field of the request, and what is wrong with it."""

    field: str
    message: str


class ErrorBody(msgspec.Struct, frozen=True):
    """What went wrong."""

    code: str
    message: str
    request_id: str
    details: list[Detail] = []


class ErrorReply(msgspec.Struct, frozen=True):
    """The body of every reply that is an error."""

    error: ErrorBody


class ItemError(msgspec.Struct, frozen=True):
    """What went wrong with one item of a batch."""

    code: str
    message: str


def status_of(error: type[ParleyError]) -> int:
    """Give the HTTP status of an error."""
    return next(STATUS[kind] for kind in error.__mro__ if kind in STATUS)


def code_of(error: type[ParleyError]) -> str:
    """Give the code of an error: its name in snake case, without `Error`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", error.__name__.removesuffix("Error")).lower()


def error_reply(error: ParleyError, request_id: str) -> ErrorReply:
    """Say what went wrong; of an error that is ours alone only that it happened."""
    kind = type(error)
    if status_of(kind) == _OURS:
        return unexpected_reply(request_id)
    details = [Detail(error.field, sentence) for sentence in error.sentences] if error.field else []
    return ErrorReply(ErrorBody(code_of(kind), str(error), request_id, details))


def unexpected_reply(request_id: str) -> ErrorReply:
    """Say that something went wrong here; what it was is in the log under the request's id."""
    return ErrorReply(ErrorBody("internal", "something went wrong here; the log knows what", request_id))
