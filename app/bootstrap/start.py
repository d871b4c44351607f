"""What is settled once before a server's workers start, or start anew."""

from ..settings import Settings
from .password import settle_password
from .tls import wire_tls


def settle(settings: Settings) -> str:
    """
    Insist on a certificate that can be used, where there is to be one, and settle the administrator's password.

    Returns:
        Its hash.

    Raises:
        InvalidValueError: the certificate or its key cannot be used, or what was kept of a password is no hash.
        OSError: the password cannot be read or kept.
    """
    wire_tls(settings)  # workers do so again: a server that says what is wrong is better than one that starts none
    return settle_password(settings)
