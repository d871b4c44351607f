"""`/models/{name}/versions` and what is done to them: activate, roll back, name, delete."""

from typing import Annotated

import msgspec
from msgspec import Meta

from ...domain.caller import Scope
from ...domain.errors import (
    AliasNotFoundError,
    InvalidModelNameError,
    InvalidRequestError,
    MissingScopeError,
    ModelNotFoundError,
    ModelUnavailableError,
    ParleyError,
    UnwritableRegistryError,
    VersionNotFoundError,
)
from ...domain.model_reference import is_version_number
from ...domain.quotation import shortened
from ...domain.served import NotServedError
from ...domain.storage_errors import StorageUnavailableError
from ...domain.version_errors import (
    AliasesMovedError,
    GateRefusedError,
    InvalidAliasError,
    NoPreviousVersionError,
    UnservableVersionError,
    VersionInUseError,
)
from ...service.versions import VersionSummary
from ..operation import Answer, Call, Example, Operation, Services

NAME = {"name": "The model's name, for example `smalltalk`."}
VERSION = {**NAME, "version": "The number of a version, or an alias."}
OF_A_MODEL: tuple[type[ParleyError], ...] = (InvalidModelNameError, ModelNotFoundError, ModelUnavailableError)
OF_A_CHANGE: tuple[type[ParleyError], ...] = (*OF_A_MODEL, UnwritableRegistryError)

_Number = Annotated[int, Meta(ge=1, le=999_999_999)]


class VersionItem(msgspec.Struct, frozen=True, kw_only=True):
    """A version in short; what is not known of a damaged one is null."""

    version: int
    aliases: list[str]
    family: str | None
    intents: Annotated[int | None, Meta(description="How many there are.")]
    examples: Annotated[int | None, Meta(description="How many it was trained on.")]
    created_at: str | None
    job: Annotated[str | None, Meta(description="The job that trained it.")]
    parent: Annotated[int | None, Meta(description="The version that its training continued from.")]
    metrics: Annotated[
        dict[str, dict[str, float] | None], Meta(description="Accuracy and macro-F1 on validation and test examples.")
    ]
    error: Annotated[str | None, Meta(description="What is wrong with it; null where nothing is known to be.")]


class VersionsReply(msgspec.Struct, frozen=True, kw_only=True):
    """Every version of a model, the newest first."""

    name: str
    aliases: dict[str, int]
    versions: list[VersionItem]


class AliasesReply(msgspec.Struct, frozen=True, kw_only=True):
    """What each alias of a model means now."""

    name: str
    aliases: dict[str, int]


class ActivateRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The version that is to answer."""

    version: _Number
    force: Annotated[bool, Meta(description="Whatever the gate finds; for administrators, and audited.")] = False


class AliasRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The version that an alias is to mean."""

    version: _Number


def caller_of(call: Call) -> str:
    """Name who calls."""
    return call.caller.name if call.caller else ""


def version_of(services: Services, call: Call, field: str = "version") -> int:
    """Give the version that a path names, by number or alias."""
    return services.versions.number(call.parameters["name"], call.parameters[field])


def list_versions(services: Services, call: Call) -> Answer:
    """Give every version of a model."""
    name = call.parameters["name"]
    found = services.versions.versions_of(name)
    return Answer(
        VersionsReply(
            name=name, aliases=services.versions.aliases(name), versions=[_item(one) for one in reversed(found)]
        )
    )


def activate(services: Services, call: Call) -> Answer:
    """Let a version answer."""
    name, body = call.parameters["name"], call.body
    if body.force and call.caller is not None:
        call.caller.require(Scope.ADMIN)
    return _aliases(name, services.versions.activate(name, body.version, caller_of(call), force=body.force))


def roll_back(services: Services, call: Call) -> Answer:
    """Let the version answer that did before."""
    name = call.parameters["name"]
    return _aliases(name, services.versions.roll_back(name, caller_of(call)))


def set_alias(services: Services, call: Call) -> Answer:
    """Let an alias mean a version."""
    name, alias = call.parameters["name"], call.parameters["alias"]
    return _aliases(name, services.versions.set_alias(name, alias, call.body.version, caller_of(call)))


def remove_alias(services: Services, call: Call) -> Answer:
    """Let an alias mean nothing."""
    name, alias = call.parameters["name"], call.parameters["alias"]
    return _aliases(name, services.versions.remove_alias(name, alias, caller_of(call)))


def delete_version(services: Services, call: Call) -> Answer:
    """Delete a version; an alias is no way to name one here."""
    name, given = call.parameters["name"], call.parameters["version"]
    if not is_version_number(given):
        raise InvalidRequestError(f"{shortened(given)} is not the number of a version", field="version")
    return _aliases(name, services.versions.delete(name, int(given), caller_of(call)))


def _aliases(name: str, aliases: dict[str, int]) -> Answer:
    return Answer(AliasesReply(name=name, aliases=aliases))


def _item(summary: VersionSummary) -> VersionItem:
    facts = summary.facts
    return VersionItem(
        version=summary.version,
        aliases=list(summary.aliases),
        family=facts.family if facts else None,
        intents=facts.intents if facts else None,
        examples=facts.examples if facts else None,
        created_at=facts.created_at if facts else None,
        job=facts.job if facts else None,
        parent=facts.parent if facts else None,
        metrics=facts.metrics if facts else {},
        error=summary.problem,
    )


OPERATIONS = (
    Operation(
        name="list_versions",
        method="GET",
        path="/models/{name}/versions",
        scope=Scope.PREDICT,
        tag="versions",
        summary="Every version of a model",
        description="The newest first, with its aliases and how well it did. Each answers requests for `name@number`.",
        replies={200: (VersionsReply,)},
        handle=list_versions,
        errors=OF_A_MODEL,
        parameters=NAME,
    ),
    Operation(
        name="activate",
        method="POST",
        path="/models/{name}/activate",
        scope=Scope.TRAIN,
        tag="versions",
        summary="Let a version answer",
        description="It is loaded and held against the model's checks first; where it does worse than the active "
        "version by more than is allowed, it is refused with what is worse. What was active becomes `previous`. "
        "Answered when every worker of this server serves it.",
        replies={200: (AliasesReply,)},
        handle=activate,
        body=ActivateRequest,
        errors=(
            InvalidRequestError,
            *OF_A_CHANGE,
            VersionNotFoundError,
            GateRefusedError,
            UnservableVersionError,
            AliasesMovedError,
            NotServedError,
            StorageUnavailableError,
            MissingScopeError,
        ),
        parameters=NAME,
        examples=(
            Example("A version that is good enough", {"version": 1}),
            Example("Against the gate", {"version": 1, "force": True}),
        ),
    ),
    Operation(
        name="roll_back",
        method="POST",
        path="/models/{name}/rollback",
        scope=Scope.TRAIN,
        tag="versions",
        summary="Let the version answer that did before",
        description="`active` and `previous` change places, without the gate. Answered when every worker serves it.",
        replies={200: (AliasesReply,)},
        handle=roll_back,
        errors=(*OF_A_CHANGE, NoPreviousVersionError, UnservableVersionError, AliasesMovedError, NotServedError),
        parameters=NAME,
    ),
    Operation(
        name="set_alias",
        method="PUT",
        path="/models/{name}/aliases/{alias}",
        scope=Scope.TRAIN,
        tag="versions",
        summary="Let an alias mean a version",
        description="One of your own, such as `staging`: the version then answers requests for `name@staging`. "
        "`active`, `previous` and `original` are moved by activating and rolling back alone.",
        replies={200: (AliasesReply,)},
        handle=set_alias,
        body=AliasRequest,
        errors=(InvalidRequestError, *OF_A_CHANGE, InvalidAliasError, VersionNotFoundError),
        parameters={**NAME, "alias": "1 to 32 small letters, digits, dashes and underscores."},
        examples=(Example("A version to be tried", {"version": 1}),),
    ),
    Operation(
        name="remove_alias",
        method="DELETE",
        path="/models/{name}/aliases/{alias}",
        scope=Scope.TRAIN,
        tag="versions",
        summary="Let an alias mean nothing any more",
        description="The version stays.",
        replies={200: (AliasesReply,)},
        handle=remove_alias,
        errors=(*OF_A_CHANGE, InvalidAliasError, AliasNotFoundError),
        parameters={**NAME, "alias": "One of your own."},
    ),
    Operation(
        name="delete_version",
        method="DELETE",
        path="/models/{name}/versions/{version}",
        scope=Scope.TRAIN,
        tag="versions",
        summary="Delete a version",
        description="For good. Refused where an alias means it; no other version ever gets its number.",
        replies={200: (AliasesReply,)},
        handle=delete_version,
        errors=(InvalidRequestError, *OF_A_CHANGE, VersionNotFoundError, VersionInUseError),
        parameters={**NAME, "version": "The number of a version."},
    ),
)
