"""The administrator's password, settled once for a server however many processes it has."""

import sys

from ..service.identity.admin_password import settle_admin_password
from ..settings import Settings
from ..storage.credential_file import CredentialFile


def settle_password(settings: Settings) -> str:
    """
    Decide which password holds, and show a new one where one was made.

    Returns:
        Its hash.

    Raises:
        InvalidValueError: what was kept is no hash.
        OSError: it cannot be read or kept.
    """
    credentials = CredentialFile(settings.var_dir / "admin-password.argon2")
    password_hash, new_password = settle_admin_password(credentials, settings.admin_password)
    if new_password is not None:
        # written once, to whoever started this: never to a log
        print(f"\nNew password of the user admin: {new_password}\n", file=sys.stderr, flush=True)  # noqa: T201
    return password_hash
