"""
One definition of each route: where it is, who may call it, what goes in and comes out, and what it does.

Flask serves operations, authentication reads their scope, and the OpenAPI document is made from their types: nothing
about a route is said twice.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, BinaryIO, NamedTuple

import msgspec

from ..domain.caller import Caller, Scope
from ..domain.errors import ParleyError
from ..domain.logged_request import AnsweredInputs
from ..service.audit import Audit
from ..service.batches import Batches
from ..service.drafts import Drafts
from ..service.guesses import Guesses
from ..service.identity.identity import Identity
from ..service.jobs import Jobs
from ..service.loaded_models import LoadedModels
from ..service.oauth.oauth import OAuth
from ..service.observation import Observation
from ..service.predict import Predict
from ..service.queued_predictions import QueuedPredictions
from ..service.train import Train
from ..service.versions import Versions


def _no_header(_: str) -> str | None:
    return None


@dataclass(frozen=True, slots=True)
class Services:
    """The use cases that operations call."""

    models: LoadedModels
    predict: Predict
    identity: Identity
    oauth: OAuth
    observation: Observation
    jobs: Jobs
    batches: Batches
    train: Train
    audit: Audit
    drafts: Drafts
    versions: Versions
    guesses: Guesses
    """For operations that look at proofs themselves."""
    queue: QueuedPredictions
    stopping: threading.Event = field(default_factory=threading.Event)
    """Set when the server is about to stop."""


class Upload(NamedTuple):
    """A body that was put on disk, in a file that nobody else sees and that ends with the request."""

    file: BinaryIO
    content_type: str
    """As it was sent, with its parameters."""
    n_bytes: int


class Call(NamedTuple):
    """One request that was authenticated, decoded and validated."""

    request_id: str
    body: Any
    """None where something was uploaded instead."""
    parameters: Mapping[str, str]
    caller: Caller | None
    may_wait: bool = True
    """Whether the answer may take long; where not, `MustWaitError` says that it would."""
    query: Mapping[str, str] = MappingProxyType({})
    """What stood behind the path; only what the operation knows, each at most once."""
    upload: Upload | None = None
    header: Callable[[str], str | None] = _no_header
    """Gives a header of the request by its name in small letters, for what no scheme describes."""
    address: str = ""
    """Where the request comes from; only of operations without a scope, which may have to count it."""

    def may_use(self, model: str) -> bool:
        """Say whether a model is one of those that the caller may use and see."""
        return self.caller is None or self.caller.may_use(model)

    def require_model(self, model: str) -> None:
        """
        Insist on a model that only the operation itself can see; what others name was looked at.

        Raises:
            ForbiddenModelError: it is none of the caller's.
        """
        if self.caller is not None:
            self.caller.require_model(model)

    @property
    def models(self) -> frozenset[str] | None:
        """The models that the caller may use and see; None: all."""
        return self.caller.models if self.caller else None

    @property
    def caller_name(self) -> str:
        """Who is to be told for it."""
        return self.caller.name if self.caller else "nobody"


@dataclass(frozen=True, slots=True)
class PlainText:
    """What goes back as it is."""

    content: bytes
    content_type: str
    headers: Sequence[tuple[str, str]] = ()
    """In place of those of JSON, where there are any."""


class Held(NamedTuple):
    """An answer that is not there yet: it is asked for now and then, and no thread waits."""

    ask: Callable[[bool], "Answer | None"]
    """Gives the answer once it is there, or, where it is told that nobody waits any longer, what there is to say."""


class Part(NamedTuple):
    """What a stream has to send; it may be nothing."""

    content: bytes
    is_last: bool
    has_more: bool = False
    """Whether the next is there already: a whole is sent, which must not look whole where it is cut off."""


class Stream(NamedTuple):
    """What goes back piece by piece, for as long as there are any."""

    content_type: str
    next: Callable[[], Part]
    """Gives what has come about since; it is asked now and then, and no thread waits."""


class Answer(NamedTuple):
    """What goes back: a status and a structure to be written as JSON, a text, or what comes later."""

    body: "msgspec.Struct | PlainText | Held | Stream"
    status: int = 200
    headers: Sequence[tuple[str, str]] = ()
    """Beside those of every reply."""
    answered: AnsweredInputs | None = None
    """What metrics and the request log are told, where a model was asked."""


class Refusals(NamedTuple):
    """How a route writes what it refuses, where it is not ours to say: a standard or another system has its own way."""

    kind: type[msgspec.Struct | str]
    """`str` where it is a text."""
    of: Callable[[ParleyError, str], msgspec.Struct | PlainText]
    """Writes an error; beside it, the id of the request."""
    forbids: bool = False
    """Whether a wrong proof is 403 there, without a challenge."""


class Sent(NamedTuple):
    """A request as it came, for who has to find out what it means."""

    content_type: str
    """Without parameters."""
    body: bytes
    query: str


class Alternative(NamedTuple):
    """What else a request can mean on the method and path of an operation that refuses its body."""

    operation: "Operation"
    takes: Callable[[Sent], bool]
    """Says whether a request that is not of the operation's own shape means this one."""


@dataclass(frozen=True, slots=True)
class Example:
    """A request as somebody would send it; "Try it out" begins with the first."""

    summary: str
    value: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Operation:
    """A route."""

    name: str
    method: str
    path: str
    """With parameters as `{name}`."""
    scope: Scope | None
    """What a caller must be allowed to do; None: anybody may call."""
    tag: str
    summary: str
    description: str
    replies: Mapping[int, tuple[type[msgspec.Struct | str | bytes], ...]]
    """The types that the body may be of, by status; `str` is a text and `bytes` a file."""
    handle: Callable[[Services, Call], Answer]
    body: type[msgspec.Struct] | None = None
    """The type of the request's JSON body, or None."""
    raw: Mapping[str, str] = field(default_factory=dict)
    """Media types of a body that it reads itself, and what they hold; whatever comes is given to it as bytes."""
    fields: Mapping[str, str] = field(default_factory=dict)
    """Of a body that is `application/x-www-form-urlencoded`, and what they mean; others in it mean nothing."""
    uploads: Mapping[str, str] = field(default_factory=dict)
    """Media types that a body may be of instead, and what they hold: it is put on disk, not in memory."""
    errors: tuple[type[ParleyError], ...] = ()
    """What can go wrong beside a missing proof and a body that cannot be decoded."""
    refusals: Refusals | None = None
    """How it says so; None: as all routes of ours."""
    parameters: Mapping[str, str] = field(default_factory=dict)
    """Path parameters and what they mean."""
    query: Mapping[str, str] = field(default_factory=dict)
    """What may stand behind the path, and what it means; where nothing may, it is not looked at."""
    ignores_unknown: bool = False
    """Whether other things may stand there, too, and mean nothing."""
    form: Mapping[str, str] = field(default_factory=dict)
    """Where `multipart/form-data` is among the uploads, its fields and what they mean; `file` is the file."""
    gives: tuple[str, ...] = ("text/plain",)
    """The media types of replies that are `str` or `bytes`."""
    examples: tuple[Example, ...] = ()
    is_limited: bool = True
    """Whether rate limits count its requests; what watches the server must not be refused for asking often."""
    brief: bool = False
    """Whether a small request takes well under a millisecond, unless it must wait."""
    urgent: bool = False
    """Whether it is answered at once, whoever else waits."""
    or_scope: Scope | None = None
    """What is enough in the place of the scope: the operation itself looks at what of it such a caller may see."""
    streams: bool = False
    """Whether it may answer with a `Stream`."""
    proof_among: Callable[[Sent, Callable[[str], str | None]], Callable[[str], str | None]] | None = None
    """Finds a proof elsewhere than in headers, and gives the headers as if it stood there."""
    open_as: Caller | None = None
    """Whom those call as who prove nothing, where that is enough."""
    of_any_origin: bool = False
    """Whether pages of all origins may ask and read its replies."""
    others: tuple[Alternative, ...] = ()
    """What a request may mean instead whose body it refuses."""
