"""`POST /train`: examples, or a file of them, to a job."""

from functools import partial
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from ...domain.caller import Scope
from ...domain.draft_errors import TooManyExamplesError
from ...domain.errors import (
    AuthenticationError,
    InvalidModelNameError,
    InvalidRequestError,
    ModelNotFoundError,
    ModelUnavailableError,
)
from ...domain.example import Input
from ...domain.job import ENDED, Activation, Job, TrainingMode
from ...domain.job_errors import QueueFullError
from ...domain.outgoing_errors import InvalidCallbackError
from ...domain.storage_errors import StorageUnavailableError
from ...domain.training_errors import DatasetError, UntrainableOrderError
from ...service.train import Wish, dataset_of_file, dataset_of_inputs
from ..decoding import decode
from ..operation import Answer, Call, Example, Held, Operation, Services
from ..query_values import flag_in
from ..uploaded_form import FORM, UploadedForm
from .job_reply import JobReply, accepted, idempotency_key_of, job_item

_REQUEST = "the request"

_FORM_FIELDS = {
    "file": "Examples in any format: CSV, TSV, JSON Lines, or the chatbot tutorials' intents.json.",
    "model": "The model's name, known or new.",
    "mode": "`full` or `incremental`.",
    "family": "`bow`, `lstm`, `lstm_attention`, `hybrid`, `classical`, `record` or `auto`.",
    "config": "Hyper-parameters as a JSON object.",
    "activate": "`true`, `false` or `if_better`.",
    "callback_url": "Is told, signed, when the job has ended.",
    "format": "`csv`, `tsv`, `jsonl`, `intents-json` or `rasa-json`; absent: told by the content.",
    "header": "`true` or `false`: whether rows begin with a heading; absent: looked at.",
}


class ExampleIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A text or a record, and the intent that it is an example of."""

    text: str | UnsetType = UNSET
    record: (
        Annotated[dict[str, Any], Meta(description="In the place of `text`, for a model that takes records.")]
        | UnsetType
    ) = UNSET
    intent: Annotated[str | None, Meta(description="null: out of scope, none of the intents is meant.")]

    def input(self, number: int) -> Input:
        """
        Give the one that was sent.

        Raises:
            InvalidRequestError: neither was, or both.
        """
        if isinstance(self.text, str) and self.record is UNSET:
            return self.text
        if isinstance(self.record, dict) and self.text is UNSET:
            return self.record
        raise InvalidRequestError("an example has either `text` or `record`", field=f"examples[{number}]")


class TrainRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What to train."""

    model: Annotated[str, Meta(description="The model's name, known or new.")]
    examples: (
        Annotated[
            list[ExampleIn],
            Meta(
                description="With `full`, the draft becomes exactly these; with `incremental`, they are added. Absent: "
                "the draft is learned from as it stands."
            ),
        ]
        | UnsetType
    ) = UNSET
    mode: Annotated[
        TrainingMode,
        Meta(description="`incremental` goes on from the active version's weights and rehearses its examples."),
    ] = TrainingMode.FULL
    family: Annotated[str, Meta(description="Absent: as the model's active version.")] | None = None
    config: Annotated[dict[str, Any], Meta(description="Hyper-parameters that differ from those it has.")] = {}
    activate: Annotated[
        bool | Literal["if_better"],
        Meta(description="Whether the new version is to answer; the gate can refuse it."),
    ] = True
    callback_url: Annotated[str, Meta(description="Is told, signed, when the job has ended.")] | None = None


def train(services: Services, call: Call) -> Answer:
    """Queue a training."""
    if call.caller is None:
        raise AuthenticationError
    waits = flag_in(call.query, "wait")
    key = idempotency_key_of(call)
    job = _queued(services, call, call.caller.name, key)
    call.require_model(job.order.model)  # the key may stand for a training of before the caller lost its model
    return Answer(Held(partial(_when_ended, services, str(job.id)))) if waits else accepted(job)


def _queued(services: Services, call: Call, caller: str, key: str | None) -> Job:
    if call.upload is not None:
        return _train_on_file(services, call, caller, key)
    request: TrainRequest = call.body
    dataset = None
    if isinstance(request.examples, list):
        examples = [(example.input(number), example.intent) for number, example in enumerate(request.examples)]
        dataset = dataset_of_inputs(examples, _REQUEST)
    return services.train.submit(_wish(request, key), dataset, "request", caller)


def _train_on_file(services: Services, call: Call, caller: str, key: str | None) -> Job:
    assert call.upload is not None  # noqa: S101 - asked before
    with UploadedForm(call.upload, _FORM_FIELDS) as form:
        fields = dict(form.fields)
        data_format, header = fields.pop("format", "auto"), fields.pop("header", None)
        given: dict[str, Any] = {key: value for key, value in fields.items() if key not in ("config", "activate")}
        if "config" in fields:
            given["config"] = decode(fields["config"].encode(), dict[str, Any])
        if "activate" in fields:
            given["activate"] = {"true": True, "false": False}.get(fields["activate"], fields["activate"])
        request: TrainRequest = decode(msgspec.json.encode(given), TrainRequest)
        call.require_model(request.model)
        dataset = dataset_of_file(form.file, form.file_name, data_format, header)
    return services.train.submit(_wish(request, key), dataset, f"file {form.file_name}", caller)


def _wish(request: TrainRequest, key: str | None) -> Wish:
    activate = request.activate if isinstance(request.activate, str) else str(request.activate).lower()
    return Wish(
        model=request.model,
        mode=request.mode,
        activate=Activation(activate),
        family=request.family,
        config=request.config,
        callback_url=request.callback_url,
        idempotency_key=key,
    )


def _when_ended(services: Services, job_id: str, is_last: bool) -> Answer | None:  # noqa: FBT001 - see Held
    job = services.jobs.get(job_id)
    if job.state in ENDED:
        return Answer(JobReply(job_item(job)))
    return accepted(job) if is_last else None


OPERATIONS = (
    Operation(
        name="train",
        method="POST",
        path="/train",
        scope=Scope.TRAIN,
        tag="train",
        summary="Train a model on examples",
        description=(
            "Queues a training and answers with the job (202). What is wrong with the request or the examples is told "
            "at once, and nothing is queued. With `?wait=true` the reply comes when the job has ended (200): look at "
            "its `state`. `Idempotency-Key` makes it safe to send twice. A file is sent as a form."
        ),
        body=TrainRequest,
        uploads={FORM: "A form with a file of examples."},
        form=_FORM_FIELDS,
        query={"wait": "`true`: answer when the job has ended."},
        replies={202: (JobReply,), 200: (JobReply,)},
        handle=train,
        errors=(
            InvalidRequestError,
            InvalidModelNameError,
            ModelNotFoundError,
            ModelUnavailableError,
            TooManyExamplesError,
            UntrainableOrderError,
            DatasetError,
            InvalidCallbackError,
            QueueFullError,
            StorageUnavailableError,
        ),
        examples=(
            Example(
                "A new model",
                {
                    "model": "door",
                    "examples": [
                        {"text": "open the door please", "intent": "open"},
                        {"text": "let me in", "intent": "open"},
                        {"text": "shut the door", "intent": "close"},
                        {"text": "close it behind you", "intent": "close"},
                    ],
                },
            ),
            Example(
                "One more intent",
                {
                    "model": "door",
                    "mode": "incremental",
                    "examples": [{"text": "lock the door", "intent": "lock"}, {"text": "bolt it", "intent": "lock"}],
                },
            ),
            Example("What the draft holds", {"model": "door", "activate": "if_better"}),
        ),
    ),
)
