"""
One definition of each route: where it is, who may call it, what goes in and comes out, and what it does.

Flask serves operations, authentication reads their scope, and the OpenAPI document is made from their types: nothing
about a route is said twice.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from ..domain.caller import Caller, Scope
from ..domain.errors import ParleyError
from ..domain.logged_request import AnsweredInputs
from ..service.audit import Audit
from ..service.drafts import Drafts
from ..service.identity import Identity
from ..service.loaded_models import LoadedModels
from ..service.observation import Observation
from ..service.predict import Predict


@dataclass(frozen=True, slots=True)
class Services:
    """The use cases that operations call."""

    models: LoadedModels
    predict: Predict
    identity: Identity
    observation: Observation
    stopping: threading.Event = field(default_factory=threading.Event)
    """Set when the server is about to stop."""
    audit: Audit | None = None
    drafts: Drafts | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """One request that was authenticated, decoded and validated."""

    request_id: str
    body: Any
    parameters: Mapping[str, str]
    caller: Caller | None
    may_wait: bool = True
    """Whether the answer may take long; where not, `MustWaitError` says that it would."""
    query: Mapping[str, str] = field(default_factory=dict)
    """Of those that the operation knows, which were given."""
    header: Callable[[str], str | None] = lambda _: None
    """Gives a header by its name in small letters, or None."""

    @property
    def caller_name(self) -> str:
        """Who is to be told for it."""
        return self.caller.name if self.caller else "nobody"


@dataclass(frozen=True, slots=True)
class PlainText:
    """What goes back as it is."""

    content: bytes
    content_type: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back: a status and a structure to be written as JSON, or a text."""

    body: msgspec.Struct | PlainText
    status: int = 200
    answered: AnsweredInputs | None = None
    """What metrics and the request log are told, where a model was asked."""
    headers: tuple[tuple[str, str], ...] = ()
    """Beside those that every reply has."""


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
    replies: Mapping[int, tuple[type[msgspec.Struct | str], ...]]
    """The types that the body may be of, by status; `str` is plain text."""
    handle: Callable[[Services, Call], Answer]
    body: type[msgspec.Struct] | None = None
    """The type of the request's body, or None."""
    errors: tuple[type[ParleyError], ...] = ()
    """What can go wrong beside a missing proof and a body that cannot be decoded."""
    parameters: Mapping[str, str] = field(default_factory=dict)
    """Path parameters and what they mean."""
    query: Mapping[str, str] = field(default_factory=dict)
    """Query parameters and what they mean; none of them has to be given. Without any, queries are not looked at."""
    examples: tuple[Example, ...] = ()
    files: tuple[str, ...] = ("text/plain",)
    """The media types that a reply of plain text may be of."""
    is_limited: bool = True
    """Whether rate limits count its requests; what watches the server must not be refused for asking often."""
    brief: bool = False
    """Whether a small request takes well under a millisecond, unless it must wait."""
    urgent: bool = False
    """Whether it is answered at once, whoever else waits."""
