"""
Errors as clients see them: one shape, and the one table of their statuses.

    {"error": {"code": "...", "message": "...", "request_id": "...", "details": [{"field": "...", "message": "..."}]}}
"""

from typing import Final

import msgspec

from ..domain import errors, load_errors, version_errors
from ..domain.batch_errors import TooManyLinesError
from ..domain.draft_errors import DraftConflictError, InvalidExamplesError, TooManyExamplesError
from ..domain.error_code import code_of
from ..domain.errors import ParleyError
from ..domain.identity_errors import ForbiddenFileError, ForbiddenModelError, ForbiddenOriginError, NameTakenError
from ..domain.job_errors import JobEndedError, JobNotEndedError, QueueFullError
from ..domain.oauth_errors import ClientProofError
from ..domain.page_errors import ForgedFormError
from ..domain.queue_errors import DamagedPredictionError, PredictionLostError, SealedElsewhereError
from ..domain.rate_limit_errors import RateLimitedError
from ..domain.served import NotServedError
from ..domain.storage_errors import StorageUnavailableError
from ..domain.training_errors import CannotContinueError, DatasetError, UntrainableOrderError
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
    ClientProofError: 401,
    errors.MissingScopeError: 403,
    ForbiddenModelError: 403,
    ForbiddenOriginError: 403,
    ForbiddenFileError: 403,
    NameTakenError: 409,
    ForgedFormError: 403,
    errors.NotFoundError: 404,
    DatasetError: 422,
    UntrainableOrderError: 422,
    RateLimitedError: 429,
    errors.ModelNotReadyError: 503,
    errors.ModelUnavailableError: 503,
    load_errors.OverloadedError: 503,
    load_errors.NoRoomError: 507,
    load_errors.DeadlineExceededError: 504,
    load_errors.SlowRequestError: 408,
    NotServedError: 503,
    JobEndedError: 409,
    JobNotEndedError: 409,
    QueueFullError: 503,
    PredictionLostError: 503,
    SealedElsewhereError: 503,
    DamagedPredictionError: 503,
    TooManyExamplesError: 413,
    TooManyLinesError: 413,
    DraftConflictError: 409,
    StorageUnavailableError: 503,
    version_errors.ArchiveTooLargeError: 413,
    version_errors.ConflictError: 409,
    errors.UnwritableRegistryError: 507,
    CannotContinueError: 409,
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


def error_reply(error: ParleyError, request_id: str) -> ErrorReply:
    """Say what went wrong; of an error that is ours alone only that it happened."""
    kind = type(error)
    if status_of(kind) == _OURS:
        return unexpected_reply(request_id)
    if isinstance(error, StorageUnavailableError):  # which database, and where, is told to the log alone
        return ErrorReply(ErrorBody(code_of(kind), "the database cannot be used now; nothing was done", request_id))
    details = [Detail(error.field, sentence) for sentence in error.sentences] if error.field else []
    if isinstance(error, InvalidExamplesError):
        details = [Detail(place, problem) for place, problem in error.problems]
    return ErrorReply(ErrorBody(code_of(kind), str(error), request_id, details))


def unexpected_reply(request_id: str) -> ErrorReply:
    """Say that something went wrong here; what it was is in the log under the request's id."""
    return ErrorReply(ErrorBody("internal", "something went wrong here; the log knows what", request_id))
