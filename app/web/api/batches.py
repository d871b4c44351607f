"""`POST /predictions/batch`: a file of lines, to a job that answers them; `GET /jobs/{id}/result`: the answers."""

from functools import partial
from typing import Any, Final

from ...domain.batch_errors import TooManyLinesError
from ...domain.caller import Scope
from ...domain.errors import (
    AliasNotFoundError,
    AuthenticationError,
    InvalidModelNameError,
    InvalidModelReferenceError,
    InvalidRequestError,
    ModelNotFoundError,
    ModelNotReadyError,
    ModelUnavailableError,
    VersionNotFoundError,
)
from ...domain.identity_errors import ForbiddenFileError
from ...domain.job import Job, JobOutcome
from ...domain.job_errors import JobNotEndedError, JobNotFoundError, QueueFullError, ResultNotFoundError
from ...domain.model_reference import ModelReference
from ...domain.storage_errors import StorageUnavailableError
from ...domain.version_errors import NoActiveVersionError
from ...service.batches import BatchWish
from ..operation import Answer, Call, Operation, Part, Services, Stream
from ..query_values import number_in
from ..request import media_type
from ..uploaded_form import FORM, UploadedForm
from .job_reply import JobReply, accepted, idempotency_key_of
from .jobs import told_job

JSONL: Final = "application/jsonl"
_MANY: Final = 1_000

_CHOICES: Final = {
    "model": "`name`, `name@7` or `name@alias`; absent: the default model.",
    "top_k": "Places of each ranking, at the most; 3 unless told.",
}
_LINES: Final = 'Lines of JSON: `{"text": …}` or `{"record": {…}}` with or without an `id`, or a text.'
_FORM_FIELDS: Final = {"file": _LINES, **_CHOICES}


def submit(services: Services, call: Call) -> Answer:
    """Queue a file of lines."""
    if call.caller is None or call.upload is None:
        raise AuthenticationError
    if call.caller.origins is not None:
        raise ForbiddenFileError(call.caller.name)
    key = idempotency_key_of(call)
    if media_type(call.upload.content_type) != FORM:
        job = services.batches.submit(_wish(services, call, call.query, key), call.upload.file, call.caller.name)
    else:
        with UploadedForm(call.upload, _FORM_FIELDS) as form:
            wish = _wish(services, call, {**call.query, **form.fields}, key)
            job = services.batches.submit(wish, form.file, call.caller.name)
    call.require_model(job.order.model)  # the key may stand for another job
    return accepted(job)


def result(services: Services, call: Call) -> Answer:
    """Give the answers to the lines of a file."""
    job = told_job(services, call)
    named = f'attachment; filename="{job.id}.jsonl"'
    return Answer(Stream(JSONL, _Pieces(services, job).next), headers=(("Content-Disposition", named),))


class _Pieces:
    """Gives answers piece by piece, until there is one for each line."""

    def __init__(self, services: Services, job: Job) -> None:
        """
        Begin with the first piece.

        Raises:
            JobNotEndedError, ResultNotFoundError: there is none.
        """
        self._job, self._give = job, partial(services.batches.result, job)
        self._coming, self._number = self._give(0), 0
        outcome = job.outcome or JobOutcome()
        self._n_left = (outcome.n_answered or 0) + (outcome.n_failed or 0)

    def next(self) -> Part:
        """Give a piece, once the one after it is known to be there."""
        content = self._coming or b""
        self._n_left -= content.count(b"\n")
        if self._n_left <= 0:
            return Part(content, is_last=True)
        self._number += 1
        self._coming = self._give(self._number)
        if self._coming is None:
            raise ResultNotFoundError(self._job.id, "it was deleted while it was sent")
        return Part(content, is_last=False, has_more=True)


def _wish(services: Services, call: Call, fields: Any, key: str | None) -> BatchWish:  # noqa: ANN401
    model = fields.get("model")
    named = services.models.default_name if model is None else ModelReference.parse(model).name
    call.require_model(named)
    return BatchWish(model, number_in(fields, "top_k", 3, _MANY), key)


OPERATIONS = (
    Operation(
        name="predict_batch",
        method="POST",
        path="/predictions/batch",
        scope=Scope.PREDICT,
        tag="predict",
        summary="Answer a file of lines",
        description=(
            "Queues a file of JSON lines and answers with the job (202). One version answers all lines, the one that "
            "is meant when the job begins; a line that cannot be answered has an error in its place. A file is sent "
            "as a form, or as the body itself with `model` and `top_k` behind the path. With `Idempotency-Key` it is "
            "safe to send twice. The file is deleted when the job ends, the answers after `batch_kept_s` or by "
            "`DELETE`."
        ),
        uploads={FORM: "A form with a file of lines.", JSONL: _LINES},
        form=_FORM_FIELDS,
        query=_CHOICES,
        replies={202: (JobReply,)},
        handle=submit,
        errors=(
            InvalidRequestError,
            ForbiddenFileError,
            InvalidModelNameError,
            InvalidModelReferenceError,
            ModelNotFoundError,
            VersionNotFoundError,
            AliasNotFoundError,
            TooManyLinesError,
            NoActiveVersionError,
            ModelNotReadyError,
            ModelUnavailableError,
            QueueFullError,
            StorageUnavailableError,
        ),
    ),
    Operation(
        name="get_job_result",
        method="GET",
        path="/jobs/{id}/result",
        scope=Scope.PREDICT,
        tag="predict",
        summary="The answers to a file of lines",
        description=(
            "JSON lines, one for each line of the file and in its order: `line`, the `id` where it had one, and what "
            "`POST /predict` answers in a batch, or `error`. They are told to who sent the file and to administrators."
        ),
        parameters={"id": "The job's id."},
        replies={200: (str,)},
        handle=result,
        errors=(JobNotFoundError, ResultNotFoundError, JobNotEndedError, StorageUnavailableError),
        gives=(JSONL,),
        streams=True,
    ),
)
