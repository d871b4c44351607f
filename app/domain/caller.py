"""Who calls, and what they may do, however they proved who they are."""

from dataclasses import dataclass
from enum import StrEnum

from .errors import MissingScopeError
from .identity_errors import ForbiddenModelError


class Scope(StrEnum):
    """What a caller may be allowed to do."""

    PREDICT = "predict"
    TRAIN = "train"
    REVIEW = "review"
    ADMIN = "admin"


class CallerKind(StrEnum):
    """What a caller is."""

    USER = "user"
    CLIENT = "client"
    KEY = "key"
    CONTRACT = "contract"
    """Clients of another system who prove nothing, where the operator lets them."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody whose proof was accepted."""

    name: str
    """As logs have it: `ada`, `client:<id>`, `key:<prefix>`, `contract:<name>`; users have no colon."""
    scopes: frozenset[Scope]
    models: frozenset[str] | None = None
    """The models that they may use and see; None: all."""
    kind: CallerKind = CallerKind.USER
    user: str | None = None
    """The user behind a client or a key that acts for one; of a user, their own name."""
    origins: frozenset[str] | None = None
    """Origins of the pages that may send the proof, as a browser tells; None: it need not come from a browser."""

    def require(self, scope: Scope) -> None:
        """
        Insist on a scope; `admin` holds all of them.

        Raises:
            MissingScopeError: the caller does not hold it.
        """
        if scope not in self.scopes and Scope.ADMIN not in self.scopes:
            raise MissingScopeError(self.name, scope)

    def may_use(self, model: str) -> bool:
        """Say whether a model is one of those that the caller may use and see."""
        return self.models is None or model in self.models

    def require_model(self, model: str) -> None:
        """
        Insist on a model.

        Raises:
            ForbiddenModelError: it is none of the caller's, whether or not there is such a model.
        """
        if not self.may_use(model):
            raise ForbiddenModelError(self.name, model)
