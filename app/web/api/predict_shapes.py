"""What `POST /predict` takes, and what it answers."""

from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from ...domain.prediction import FallbackReason
from ..errors import ItemError


class PredictRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What to classify: `text`, `texts`, `record` or `records`, one of them."""

    text: Annotated[str, Meta(description="One text, up to 10,000 characters.")] | UnsetType = UNSET
    texts: Annotated[list[str], Meta(description="Up to 1,024 texts, answered in order.")] | UnsetType = UNSET
    record: (
        Annotated[
            dict[str, Any],
            Meta(description="One record, for a model that takes records: its fields stand in `GET /models/{name}`."),
        ]
        | UnsetType
    ) = UNSET
    records: Annotated[list[Any], Meta(description="Up to 1,024 records, answered in order.")] | UnsetType = UNSET
    model: Annotated[str, Meta(description="`name`, `name@7` or `name@alias`; absent: the default model.")] | None = (
        None
    )
    top_k: Annotated[int, Meta(ge=1, le=1000, description="Places of the ranking, at the most.")] = 3
    intents: (
        Annotated[list[str], Meta(min_length=1, max_length=1000, description="Only these take part in the ranking.")]
        | None
    ) = None


class Place(msgspec.Struct, frozen=True):
    """One place of a ranking."""

    intent: str
    confidence: Annotated[float, Meta(ge=0, le=1)]


_Intent = Annotated[str | None, Meta(description="null where the model is not sure enough.")]
_Confidence = Annotated[float, Meta(ge=0, le=1, description="Calibrated probability of the first place.")]
_Fallback = Annotated[FallbackReason | None, Meta(description="Why no intent is named; null where one is.")]
_Response = Annotated[str, Meta(description="One of the intent's replies, where its data have any.")]


class FoundEntity(msgspec.Struct, frozen=True):
    """Something named in a text."""

    entity: Annotated[str, Meta(description="The name it is declared by.")]
    value: Annotated[
        str | int | float,
        Meta(description="The value of a gazetteer, a date as ISO 8601, a number, or what a pattern matched."),
    ]
    text: str
    start: Annotated[int, Meta(description="Its first character in the text as sent: Unicode code points, from 0.")]
    end: Annotated[int, Meta(description="The character after its last.")]


_Entities = Annotated[
    list[FoundEntity], Meta(description="In the order of their places; absent where the model declares none.")
]
_EntitiesComplete = Annotated[
    bool, Meta(description="`false` where not all of the text was searched, or not in time; absent where it was.")
]


class PredictReply(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to one text, by which version of which model."""

    model: str
    version: int
    request_id: str
    text: str
    intent: _Intent
    confidence: _Confidence
    fallback: _Fallback
    ranking: list[Place]
    response: _Response | UnsetType = UNSET
    entities: _Entities | UnsetType = UNSET
    entities_complete: _EntitiesComplete | UnsetType = UNSET


class BatchItem(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to one text of a batch, or nothing but `error` where that text alone could not be answered."""

    text: str | UnsetType = UNSET
    intent: _Intent | UnsetType = UNSET
    confidence: _Confidence | UnsetType = UNSET
    fallback: _Fallback | UnsetType = UNSET
    ranking: list[Place] | UnsetType = UNSET
    response: _Response | UnsetType = UNSET
    entities: _Entities | UnsetType = UNSET
    entities_complete: _EntitiesComplete | UnsetType = UNSET
    error: ItemError | UnsetType = UNSET


class BatchReply(msgspec.Struct, frozen=True, kw_only=True):
    """The answers to many texts, in their order."""

    model: str
    version: int
    request_id: str
    predictions: list[BatchItem]


class FieldWarning(msgspec.Struct, frozen=True):
    """What of a record could not be read; it was answered all the same."""

    field: str
    message: str


_Warnings = Annotated[
    list[FieldWarning], Meta(description="Fields that are malformed or none of the model's; the rest was answered by.")
]


class RecordReply(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to one record, by which version of which model."""

    model: str
    version: int
    request_id: str
    intent: _Intent
    confidence: _Confidence
    fallback: _Fallback
    ranking: list[Place]
    warnings: _Warnings
    response: _Response | UnsetType = UNSET


class RecordBatchItem(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to one record of a batch, or nothing but `error` where that record alone could not be answered."""

    intent: _Intent | UnsetType = UNSET
    confidence: _Confidence | UnsetType = UNSET
    fallback: _Fallback | UnsetType = UNSET
    ranking: list[Place] | UnsetType = UNSET
    warnings: _Warnings | UnsetType = UNSET
    response: _Response | UnsetType = UNSET
    error: ItemError | UnsetType = UNSET


class RecordBatchReply(msgspec.Struct, frozen=True, kw_only=True):
    """The answers to many records, in their order."""

    model: str
    version: int
    request_id: str
    predictions: list[RecordBatchItem]
