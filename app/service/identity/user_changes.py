"""How changes of users are asked for and told, and what others look up of users."""

from collections.abc import Callable
from enum import Enum
from typing import Final

from ...domain.audit import AuditEntry, Deed, new_entry
from ...domain.errors import AuthenticationError
from ...domain.identity import ADMIN, User


class Unchanged(Enum):
    """What stays as it is, where None means something."""

    UNCHANGED = "unchanged"


UNCHANGED: Final = Unchanged.UNCHANGED


def active_or_refused(name: str, kept: User | None, admin: Callable[[], User]) -> User:
    """
    Give the user whom a proof stands for, found with it in the database; the administrator has no row there.

    Raises:
        AuthenticationError: there is none any more, or they are disabled.
    """
    user = admin() if name == ADMIN else kept
    if user is None or user.is_disabled:
        raise AuthenticationError
    return user


def rights_of(user: User) -> dict[str, object]:
    """Give what a user may do, for the audit log."""
    return {"scopes": sorted(user.scopes), "models": None if user.models is None else sorted(user.models)}


def user_entry(by: str, deed: Deed, name: str, details: dict[str, object] | None = None) -> AuditEntry:
    """Make the entry of a deed that was done to a user."""
    return new_entry(by, deed, details={"user": name, **(details or {})})
