"""Who calls, and what they may do, however they proved who they are."""

from dataclasses import dataclass
from enum import StrEnum

from .errors import MissingScopeError


class Scope(StrEnum):
    """What a caller may be allowed to do."""

    PREDICT = "predict"
    TRAIN = "train"
    REVIEW = "review"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody whose proof was accepted."""

    name: str
    scopes: frozenset[Scope]

    def require(self, scope: Scope) -> None:
        """
        Insist on a scope; `admin` holds all of them.

        Raises:
            MissingScopeError: the caller does not hold it.
        """
        if scope not in self.scopes and Scope.ADMIN not in self.scopes:
            raise MissingScopeError(self.name, scope)
