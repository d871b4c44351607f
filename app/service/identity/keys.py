"""API keys: for programs of a user, with no more rights than that user holds at the time."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from ...domain.audit import AuditEntry, Deed, new_entry
from ...domain.caller import Caller, CallerKind, Scope
from ...domain.errors import AuthenticationError, InvalidRequestError
from ...domain.grants import check_grant, common_models, common_scopes
from ...domain.identity import Key
from ...domain.identity_errors import UnknownIdentityError
from ...domain.identity_rules import check_label, check_origins
from ...domain.time_ids import new_time_id
from .key_uses import KeyUses
from .made_secrets import digest_of, is_key, make_key
from .stores import Changes, OpenStores
from .user_changes import active_or_refused
from .users import Users


class Keys:
    """
    All keys; safe to share between threads.

    Every method raises StorageUnavailableError where the database cannot be used. `by` is who is told in the audit log;
    a key that is not of `user`, where one is named, is not there.
    """

    def __init__(
        self, stores: OpenStores, changes: Changes, users: Users, *, now: Callable[[], datetime] | None = None
    ) -> None:
        self._stores, self._changes, self._users = stores, changes, users
        self._now = now or (lambda: datetime.now(UTC))
        self.uses = KeyUses(stores)

    def create(  # noqa: PLR0913, PLR0917 - what a key is
        self,
        user: str,
        label: str,
        scopes: frozenset[Scope],
        models: frozenset[str] | None,
        origins: frozenset[str] | None,
        expires_at: datetime | None,
        by: str,
    ) -> tuple[Key, str]:
        """
        Make a key, and give it with its secret, which is kept nowhere.

        Raises:
            UnknownIdentityError: there is no such user.
            ExcessiveGrantError: the user does not hold all of the rights.
            InvalidRequestError: the label, an origin, a model or the time is none; a key of a browser would do
                more than predict.
        """
        now = self._now()
        check_label(label, "label")
        check_grant(self._users.get(user), scopes, models)
        if origins is not None and check_origins(origins) and scopes != {Scope.PREDICT}:
            raise InvalidRequestError("a key that pages may send holds the scope predict alone", field="scopes")
        if expires_at is not None and expires_at <= now:
            raise InvalidRequestError("a time that is still to come", field="expires_at")
        made = make_key()
        key = Key(new_time_id(now), made.prefix, label, user, scopes, models, origins, now, expires_at)
        details = {
            "label": label,
            "scopes": sorted(scopes),
            "models": None if models is None else sorted(models),
            "origins": None if origins is None else sorted(origins),
            "expires_at": None if expires_at is None else expires_at.isoformat(),
        }
        self._stores().keys.add(key, digest_of(made.secret), _entry(by, Deed.CREATE_KEY, key, details))
        self._changes.increase()
        return key, made.secret

    def of(self, user: str) -> list[Key]:
        """Give the keys of a user, in the order they were made."""
        return self._stores().keys.of(user)

    def all(self) -> list[Key]:
        """Give everybody's keys, in the order they were made."""
        return self._stores().keys.of(None)

    def rotate(self, id: UUID, by: str, user: str | None = None) -> tuple[Key, str]:  # noqa: A002 - it is one
        """
        Let a key have another secret from now on, and give it.

        Raises:
            UnknownIdentityError: there is no such key, or it is revoked.
        """
        key, made = self._own(id, user), make_key()
        entry = _entry(by, Deed.ROTATE_KEY, key, {"new_prefix": made.prefix})
        if not self._stores().keys.rotate(id, made.prefix, digest_of(made.secret), entry):
            raise UnknownIdentityError("key", str(id))
        self._changes.increase()
        return self._own(id, user), made.secret

    def revoke(self, id: UUID, by: str, user: str | None = None) -> None:  # noqa: A002 - it is one
        """
        Let a key be of no use from now on.

        Raises:
            UnknownIdentityError: there is no such key, or it is revoked.
        """
        key = self._own(id, user)
        if not self._stores().keys.revoke(id, self._now(), _entry(by, Deed.REVOKE_KEY, key)):
            raise UnknownIdentityError("key", str(id))
        self._changes.increase()

    def check(self, secret: str) -> Caller:
        """
        Give whom a key stands for.

        Raises:
            AuthenticationError: it is none, or expired, or revoked, or its user may do nothing.
        """
        kept = self._stores().keys.find(digest_of(secret)) if is_key(secret) else None
        if kept is None:
            raise AuthenticationError
        key, now = kept.key, self._now()
        if key.revoked_at is not None or (key.expires_at is not None and key.expires_at <= now):
            raise AuthenticationError
        user = active_or_refused(key.user, kept.user, lambda: self._users.get(key.user))
        self.uses.note(key, now)
        scopes, models = common_scopes(key.scopes, user.scopes), common_models(key.models, user.models)
        return Caller(f"key:{key.prefix}", scopes, models, CallerKind.KEY, key.user, key.origins)

    def browser_origins(self) -> frozenset[str]:
        """Give the origins of all keys that pages may send and that are of use."""
        return self._stores().keys.origins(self._now())

    def _own(self, id: UUID, user: str | None) -> Key:  # noqa: A002 - it is one
        key = self._stores().keys.get(id)
        if key is None or (user is not None and key.user != user):
            raise UnknownIdentityError("key", str(id))
        return key


def _entry(by: str, deed: Deed, key: Key, details: dict[str, Any] | None = None) -> AuditEntry:
    return new_entry(by, deed, details={"user": key.user, "key": str(key.id), "prefix": key.prefix, **(details or {})})
