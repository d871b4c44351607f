"""`GET /models`: what is served, in which version, and what is wrong with what is not."""

from typing import Annotated

import msgspec
from msgspec import Meta

from ...domain.caller import Scope
from ...domain.errors import InvalidModelNameError, ModelNotFoundError, ModelNotReadyError
from ...domain.model_reference import check_model_name
from ...service.model_state import ModelState, ModelStatus
from ..operation import Answer, Call, Operation, Services


class ModelItem(msgspec.Struct, frozen=True, kw_only=True):
    """A model in short."""

    name: str
    version: Annotated[int | None, Meta(description="The version that answers; null where none does.")]
    state: ModelState
    family: str | None
    intents: Annotated[int | None, Meta(description="How many there are.")]
    error: Annotated[str | None, Meta(description="What is wrong; null where nothing is.")]


class ModelsReply(msgspec.Struct, frozen=True):
    """Every model of the registry that the caller may use."""

    models: list[ModelItem]


class ModelReply(msgspec.Struct, frozen=True, kw_only=True):
    """A model in full."""

    name: str
    version: int | None
    state: ModelState
    family: str | None
    error: str | None
    aliases: dict[str, int]
    intents: list[str]
    examples: Annotated[int | None, Meta(description="How many it was trained on.")]
    created_at: str | None
    min_confidence: float | None
    input_schema: Annotated[
        dict[str, str | dict[str, str]],
        Meta(description="What it takes: `type` is `text` or `record`, of a record `fields` has the type of each."),
    ]
    metrics: Annotated[
        dict[str, dict[str, float] | None],
        Meta(description="Accuracy and macro-F1 on validation and test examples."),
    ]


def list_models(services: Services, call: Call) -> Answer:
    """Give every model of the registry that the caller may see."""
    return Answer(ModelsReply([_item(status) for status in services.models.statuses() if call.may_use(status.name)]))


def get_model(services: Services, call: Call) -> Answer:
    """Give one model in full."""
    status = services.models.status(check_model_name(call.parameters["name"]))
    described = services.models.describe(status.name)
    facts = described.facts if described else None
    return Answer(
        ModelReply(
            name=status.name,
            version=status.version,
            state=status.state,
            family=facts.family if facts else None,
            error=status.problem,
            aliases=dict(status.aliases),
            intents=list(described.intents) if described else [],
            examples=facts.examples if facts else None,
            created_at=facts.created_at if facts else None,
            min_confidence=described.min_confidence if described else None,
            input_schema=facts.input_schema if facts else {},
            metrics=facts.metrics if facts else {},
        )
    )


def _item(status: ModelStatus) -> ModelItem:
    summary = status.summary
    return ModelItem(
        name=status.name,
        version=status.version,
        state=status.state,
        family=summary.family if summary else None,
        intents=summary.n_intents if summary else None,
        error=status.problem,
    )


OPERATIONS = (
    Operation(
        name="list_models",
        method="GET",
        path="/models",
        scope=Scope.PREDICT,
        tag="models",
        summary="Every model of the registry",
        description="Models that cannot be served are listed too, each with the sentence that says why. "
        "The first request for an `available` one loads it.",
        replies={200: (ModelsReply,)},
        handle=list_models,
    ),
    Operation(
        name="get_model",
        method="GET",
        path="/models/{name}",
        scope=Scope.PREDICT,
        tag="models",
        summary="One model in full",
        description="Its aliases, intents, and how well it did on its validation and test examples.",
        replies={200: (ModelReply,)},
        handle=get_model,
        errors=(InvalidModelNameError, ModelNotFoundError, ModelNotReadyError),
        parameters={"name": "The model's name, for example `smalltalk`."},
    ),
)
