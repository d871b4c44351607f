"""What a contract is made of."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from ...domain.caller import Caller, CallerKind, Scope
from ...domain.example import text_of
from ...domain.logged_request import AnsweredInputs, LoggedInput
from ...domain.model_reference import ModelReference
from ...domain.prediction import Prediction
from ...service.model_state import LoadedModel
from ...service.predict import AnsweredRecord
from ..decoding import MalformedBodyError
from ..operation import Alternative, Operation, Services

JSON: Final = "application/json"
TEXT: Final = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Terms:
    """How a contract answers."""

    name: str
    model: str
    """Which model its clients mean who name none."""
    is_open: bool = False
    translate: Callable[[str], str] | None = None
    """Brings a text into the model's language, where something does."""

    @property
    def open_as(self) -> Caller | None:
        """Whom clients call as who prove nothing: one who may ask that model, and nothing else; None: nobody may."""
        if not self.is_open:
            return None
        models = frozenset({ModelReference.parse(self.model).name})
        return Caller(f"contract:{self.name}", frozenset({Scope.PREDICT}), models, CallerKind.CONTRACT)


@dataclass(frozen=True, slots=True)
class Contract:
    """The routes of one system."""

    operations: tuple[Operation, ...] = ()
    """On paths that are nobody else's."""
    others: tuple[Alternative, ...] = ()
    """On paths of ours."""
    documents: tuple[str, ...] = ()
    """Further paths of the OpenAPI document."""
    redirects: Mapping[str, str] = field(default_factory=dict)
    """Where else a path leads."""


def json_of(body: bytes) -> Any:  # noqa: ANN401 - it is looked at
    """
    Read JSON of any kind.

    Raises:
        MalformedBodyError: it is none.
    """
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise MalformedBodyError("the body is not JSON in UTF-8") from None


def answered(services: Services, model: LoadedModel, *told: tuple[str, Prediction]) -> AnsweredInputs:
    """Tell metrics and the request log what was answered."""
    keeps_text = services.observation.keeps_text
    inputs = tuple(
        LoggedInput(one.intent, one.confidence, one.fallback, text if keeps_text else None) for text, one in told
    )
    return AnsweredInputs(model.name, model.version, inputs)


def answered_records(
    services: Services,
    model: LoadedModel,
    records: Sequence[Mapping[str, Any]],
    answers: Sequence[object],
    before: AnsweredInputs | None = None,
) -> AnsweredInputs:
    """Tell them of records, after those that were answered before."""
    told = [
        (text_of(record), answer.prediction)
        for record, answer in zip(records, answers, strict=True)
        if isinstance(answer, AnsweredRecord)
    ]
    now = answered(services, model, *told)
    return now if before is None else AnsweredInputs(now.model, now.version, (*before.inputs, *now.inputs))
