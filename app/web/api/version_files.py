"""What there is to read of a version: its report, an archive of it, and where it answers otherwise than another."""

import io
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from ...domain.caller import Scope
from ...domain.errors import (
    AliasNotFoundError,
    InvalidModelReferenceError,
    InvalidRequestError,
    VersionNotFoundError,
)
from ...domain.prediction import Prediction
from ...domain.quotation import shortened
from ...domain.served import NotServedError
from ...domain.storage_errors import StorageUnavailableError
from ...domain.version_errors import (
    ArchiveTooLargeError,
    GateRefusedError,
    ReportNotFoundError,
    UnservableVersionError,
    UnusableArchiveError,
)
from ...evaluation.difference import Difference
from ...evaluation.report import Report
from ..operation import Answer, Call, Operation, PlainText, Services
from ..security_headers import REPORT_HEADERS
from .versions import NAME, OF_A_CHANGE, OF_A_MODEL, VERSION, caller_of, version_of

ZIP = "application/zip"
_JSON = "application/json"
_SHOWN = 100
_SHOWN_AT_MOST = 1_000
_OF_A_VERSION = (
    *OF_A_MODEL,
    InvalidModelReferenceError,
    VersionNotFoundError,
    AliasNotFoundError,
    UnservableVersionError,
)


class AnswerItem(msgspec.Struct, frozen=True):
    """What one version answers."""

    intent: str | None
    confidence: float


class DifferenceItem(msgspec.Struct, frozen=True, kw_only=True):
    """A text that the two versions do not answer by the same intent."""

    text: str
    origin: Annotated[Literal["test", "live"], Meta(description="The test set, or what was asked lately.")]
    expected: Annotated[str | None, Meta(description="The right intent, where it is known.")]
    before: AnswerItem
    after: AnswerItem


class DiffReply(msgspec.Struct, frozen=True, kw_only=True):
    """Where two versions of a model answer differently."""

    name: str
    before: int
    after: int
    asked: Annotated[int, Meta(description="Texts that both were asked.")]
    different: Annotated[int, Meta(description="Texts that they do not answer by the same intent.")]
    differences: list[DifferenceItem]


class ImportReply(msgspec.Struct, frozen=True, kw_only=True):
    """A version that was taken in."""

    name: str
    version: int
    aliases: dict[str, int]


def report(services: Services, call: Call) -> Answer:
    """Give the report of a version for programs."""
    found = services.versions.report(call.parameters["name"], version_of(services, call), "report.json")
    return Answer(PlainText(found, _JSON))


def report_page(services: Services, call: Call) -> Answer:
    """Give the report of a version for people."""
    found = services.versions.report(call.parameters["name"], version_of(services, call), "report.html")
    return Answer(PlainText(found, "text/html; charset=utf-8", REPORT_HEADERS))


def diff(services: Services, call: Call) -> Answer:
    """Ask two versions the same texts."""
    name = call.parameters["name"]
    before, after = (
        services.versions.number(name, call.query.get(key, usual))
        for key, usual in (("from", "previous"), ("to", "active"))
    )
    limit = _limit(call.query.get("limit", str(_SHOWN)))
    found = services.versions.diff(name, before, after)
    return Answer(
        DiffReply(
            name=name,
            before=before,
            after=after,
            asked=found.n_asked,
            different=len(found.differences),
            differences=[_item(one) for one in found.differences[:limit]],
        )
    )


def export(services: Services, call: Call) -> Answer:
    """Give a version as one archive."""
    name, version = call.parameters["name"], version_of(services, call)
    archive = io.BytesIO()
    services.versions.export(name, version, caller_of(call), archive)
    return Answer(PlainText(archive.getvalue(), ZIP))


def import_(services: Services, call: Call) -> Answer:
    """Publish the version that an archive holds."""
    activate = _truth("activate", call.query.get("activate"))
    name = call.parameters["name"]
    archive = call.upload.file if call.upload else io.BytesIO()
    manifest, aliases = services.versions.import_(name, archive, caller_of(call), activate=activate)
    return Answer(ImportReply(name=name, version=manifest.version, aliases=aliases), status=201)


def _item(difference: Difference) -> DifferenceItem:
    asked = difference.asked
    return DifferenceItem(
        text=asked.text,
        origin=asked.origin,
        expected=asked.intent,
        before=_answer(difference.before),
        after=_answer(difference.after),
    )


def _answer(prediction: Prediction) -> AnswerItem:
    return AnswerItem(prediction.intent, prediction.confidence)


def _limit(given: str) -> int:
    if not (given.isascii() and given.isdigit() and len(given) <= len(str(_SHOWN_AT_MOST)) and int(given) > 0):
        raise InvalidRequestError(f"{shortened(given)} is not a number from 1 to {_SHOWN_AT_MOST:,}", field="limit")
    return min(int(given), _SHOWN_AT_MOST)


def _truth(field: str, given: str | None) -> bool | None:
    if given not in {None, "true", "false"}:
        raise InvalidRequestError(f"{shortened(given or '')} is neither true nor false", field=field)
    return None if given is None else given == "true"


OPERATIONS = (
    Operation(
        name="get_report",
        method="GET",
        path="/models/{name}/versions/{version}/report",
        scope=Scope.PREDICT,
        tag="versions",
        summary="How well a version did",
        description="The `report.json` that it was published with. `report.html` beside it is the same to look at.",
        replies={200: (Report,)},
        handle=report,
        errors=(*_OF_A_VERSION, ReportNotFoundError),
        parameters=VERSION,
    ),
    Operation(
        name="get_report_page",
        method="GET",
        path="/models/{name}/versions/{version}/report.html",
        scope=Scope.PREDICT,
        tag="versions",
        summary="How well a version did, to look at",
        description="One page that loads nothing.",
        replies={200: (str,)},
        gives=("text/html",),
        handle=report_page,
        errors=(*_OF_A_VERSION, ReportNotFoundError),
        parameters=VERSION,
    ),
    Operation(
        name="diff",
        method="GET",
        path="/models/{name}/diff",
        scope=Scope.TRAIN,
        tag="versions",
        summary="Where two versions answer differently",
        description="Both are asked the test set and, where the request log keeps texts, what was asked lately.",
        replies={200: (DiffReply,)},
        handle=diff,
        errors=(*_OF_A_VERSION, StorageUnavailableError),
        parameters=NAME,
        query={
            "from": "A version's number or an alias; absent: `previous`.",
            "to": "The other; absent: `active`.",
            "limit": "Differences that are told, 1 to 1,000; absent: 100.",
        },
    ),
    Operation(
        name="export_version",
        method="GET",
        path="/models/{name}/versions/{version}/archive",
        scope=Scope.TRAIN,
        tag="versions",
        summary="A version as one archive",
        description="A zip file to be imported elsewhere. The examples that it was trained on are in it where they "
        "are kept with it.",
        replies={200: (bytes,)},
        gives=(ZIP,),
        handle=export,
        errors=_OF_A_VERSION,
        parameters=VERSION,
    ),
    Operation(
        name="import_version",
        method="POST",
        path="/models/{name}/archive",
        scope=Scope.TRAIN,
        tag="versions",
        summary="A version from an archive",
        description="It becomes the next version of the model, new or not, and answers as it did where it was "
        "exported. Every file is compared with its digest, and the version loaded, before anything is published.",
        replies={201: (ImportReply,)},
        uploads={ZIP: "The archive of a version, as it was exported."},
        handle=import_,
        errors=(
            *OF_A_CHANGE,
            UnusableArchiveError,
            ArchiveTooLargeError,
            GateRefusedError,
            UnservableVersionError,
            NotServedError,
        ),
        parameters=NAME,
        query={"activate": "`true` or `false`; absent: only where no version of the model is active."},
    ),
)
