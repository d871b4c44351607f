"""The users: whom somebody with the scope `admin` lets in, beside the administrator, who is always there."""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from ...domain.audit import Deed
from ...domain.caller import Scope
from ...domain.grants import check_rights
from ...domain.identity import ADMIN, KeptUser, User
from ...domain.identity_errors import BuiltInUserError, NameTakenError, UnknownIdentityError
from ...domain.identity_rules import check_password, check_user_name, is_user_name
from .admin_password import AdminPassword
from .lockout import Lockout
from .password_check import PasswordCheck
from .passwords import Passwords
from .stores import Changes, OpenStores
from .user_changes import UNCHANGED, Unchanged, rights_of, user_entry

_NOBODY: Final = "nobody"
"""Stands in the audit log for who proved nothing."""


class Users:
    """
    All users; safe to share between threads.

    Every method that needs the database raises StorageUnavailableError where it cannot be used. `by` is who is told in
    the audit log.
    """

    def __init__(  # noqa: PLR0913 - its parts
        self,
        stores: OpenStores,
        changes: Changes,
        admin: AdminPassword,
        passwords: Passwords,
        lockout: Lockout,
        *,
        now: Callable[[], datetime] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._now = now or (lambda: datetime.now(UTC))
        self._stores, self._changes, self._admin = stores, changes, admin
        self._passwords, self._lockout = passwords, lockout
        self._password_check = PasswordCheck(passwords, lockout, clock=clock)

    def check(self, name: str, password: str, address: str) -> User:
        """
        Give the user whose name and password these are.

        Raises:
            AuthenticationError: they are not right, or not believed from this address now; which is not told.
            OverloadedError: too many passwords are looked at already; this one was not.
        """
        return self._password_check.check(name, password, address, lambda: self._kept(name))

    def active(self, name: str) -> User | None:
        """Give a user who may do something now; None: there is none of that name, or they are disabled."""
        if name == ADMIN:
            return self._admin.user()
        kept = self._kept(name)
        return None if kept is None or kept.user.is_disabled else kept.user

    def get(self, name: str) -> User:
        """
        Give a user.

        Raises:
            UnknownIdentityError: there is none.
        """
        if name == ADMIN:
            return self._admin.user()
        kept = self._kept(name)
        if kept is None:
            raise UnknownIdentityError("user", name)
        return kept.user

    def page(self, *, limit: int = 100, after: str | None = None) -> list[User]:
        """Give the first users by name, the administrator among them, or the first behind a name."""
        users = self._stores().users.page(limit=limit, after=after)
        if after is None or after < ADMIN:
            users.append(self._admin.user())
        return sorted(users, key=lambda user: user.name)[:limit]

    def create(
        self, name: str, password: str, scopes: frozenset[Scope], models: frozenset[str] | None, by: str
    ) -> User:
        """
        Let somebody in from now on.

        Raises:
            InvalidUserNameError: nobody can be called so.
            NameTakenError: somebody is.
            WeakPasswordError: the password is easily guessed.
            InvalidRequestError: there is no scope, or a model has a name that no model can have.
        """
        if check_user_name(name) in {ADMIN, _NOBODY}:
            raise NameTakenError("user", name)
        check_rights(scopes, models)
        now = self._now()
        user = User(name, scopes, models, now, now)
        password_hash = self._passwords.hash(check_password(password, name))
        self._stores().users.add(user, password_hash, user_entry(by, Deed.CREATE_USER, name, rights_of(user)))
        self._changes.increase()
        return user

    def change(
        self,
        name: str,
        *,
        scopes: frozenset[Scope] | None = None,
        models: frozenset[str] | Unchanged | None = UNCHANGED,
        is_disabled: bool | None = None,
        by: str,
    ) -> User:
        """
        Give a user other rights, or take all of them away for a while; what is not named stays.

        Who is enabled again is believed again at once, whatever failed before.

        Raises:
            UnknownIdentityError: there is none.
            BuiltInUserError: it is the administrator.
            InvalidRequestError: there is no scope, or a model has a name that no model can have.
        """
        _check_not_built_in(name)

        def changed(user: User) -> User:
            return replace(
                user,
                scopes=user.scopes if scopes is None else scopes,
                models=user.models if models is UNCHANGED else models,
                is_disabled=user.is_disabled if is_disabled is None else is_disabled,
            )

        after = changed(self.get(name))
        check_rights(after.scopes, after.models)
        entry = user_entry(by, Deed.CHANGE_USER, name, {**rights_of(after), "is_disabled": after.is_disabled})
        user = self._stores().users.change(name, changed, entry)
        if user is None:
            raise UnknownIdentityError("user", name)
        self._changes.increase()
        if is_disabled is False:
            self._lockout.forget(name)
        return user

    def change_password(self, name: str, old: str, new: str, address: str) -> None:
        """
        Let a user have another password, who proves to know the one before; all their sessions end.

        Raises:
            AuthenticationError, OverloadedError: as `check` does.
            WeakPasswordError: the new one is easily guessed.
            PasswordGivenError: it is the administrator's, and the settings give it.
        """
        self.check(name, old, address)
        self.set_password(name, new, name)

    def set_password(self, name: str, new: str, by: str) -> None:
        """
        Let a user have another password; all their sessions end, and what failed before is forgotten.

        Raises:
            UnknownIdentityError: there is no such user.
            WeakPasswordError: the new one is easily guessed.
            PasswordGivenError: it is the administrator's, and the settings give it.
        """
        entry = user_entry(by, Deed.CHANGE_PASSWORD, name)
        if name == ADMIN:
            self._admin.check_changeable()
        password_hash = self._passwords.hash(check_password(new, name))
        users = self._stores().users
        if name == ADMIN:
            users.settle_elsewhere(name, self._admin.writing(password_hash), entry)
        elif not users.set_password(name, password_hash, self._now(), entry):
            raise UnknownIdentityError("user", name)
        self._changes.increase()
        self._lockout.forget(name)

    def delete(self, name: str, by: str) -> None:
        """
        Delete a user with all that is theirs: keys, clients, tokens and sessions.

        Raises:
            UnknownIdentityError: there is none.
            BuiltInUserError: it is the administrator.
        """
        _check_not_built_in(name)
        if not self._stores().users.delete(name, user_entry(by, Deed.DELETE_USER, name)):
            raise UnknownIdentityError("user", name)
        self._changes.increase()

    def _kept(self, name: str) -> KeptUser | None:
        if name == ADMIN:
            password_hash = self._admin.hash()
            return None if password_hash is None else KeptUser(self._admin.user(), password_hash)
        return self._stores().users.find(name) if is_user_name(name) else None


def _check_not_built_in(name: str) -> None:
    if name == ADMIN:
        raise BuiltInUserError(name)
