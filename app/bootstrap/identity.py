"""
Who callers are, in a process that serves or at a terminal.

SQLAlchemy is imported where the stores are opened, which is when somebody is looked up first.
"""

from typing import TYPE_CHECKING

from ..service.identity.admin_password import AdminPassword
from ..service.identity.clients import Clients
from ..service.identity.identity import Identity
from ..service.identity.keys import Keys
from ..service.identity.lockout import Lockout
from ..service.identity.passwords import Passwords
from ..service.identity.sessions import Sessions
from ..service.identity.users import Users
from ..service.opened_once import OpenedOnce
from ..settings import Settings
from ..storage.change_counter import ChangeCounter
from ..storage.credential_file import CredentialFile

if TYPE_CHECKING:
    from ..storage.identity_stores import IdentityStores


def wire_identity(
    settings: Settings,
    password_hash: str | None = None,
    *,
    is_password_given: bool | None = None,
    stores: "OpenedOnce[IdentityStores] | None" = None,
) -> Identity:
    """
    Put identity together; nothing is connected before it is used.

    Args:
        settings: what the operator chose.
        password_hash: of the administrator's password, as it was settled at the start.
        is_password_given: whether the settings gave that password; without it, whether these do.
        stores: where they are shared with somebody.
    """
    is_given = settings.admin_password is not None if is_password_given is None else is_password_given
    stores = stores or wire_stores(settings)
    changes = ChangeCounter(settings.var_dir / "identity-changes")
    credentials = CredentialFile(settings.var_dir / "admin-password.argon2")
    admin = AdminPassword(credentials, password_hash, is_given=is_given)
    users = Users(stores, changes, admin, Passwords(), Lockout(stores))
    return Identity(
        users,
        Keys(stores, changes, users),
        Clients(stores, changes, users),
        Sessions(stores, changes, users),
        changes,
        close=stores.close,
    )


def wire_stores(settings: Settings) -> "OpenedOnce[IdentityStores]":
    """Give what opens the stores when somebody needs them first."""
    return OpenedOnce(lambda: open_identity_stores(settings))


def open_identity_stores(settings: Settings) -> "IdentityStores":
    """
    Open the stores; nothing is connected before they are used.

    Raises:
        InvalidValueError: the URL of the database cannot be used.
    """
    from ..storage.engine import open_engine  # noqa: PLC0415 - heavy, see above
    from ..storage.identity_stores import IdentityStores  # noqa: PLC0415

    return IdentityStores(open_engine(settings.database))
