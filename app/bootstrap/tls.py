"""
TLS, where the server speaks it itself: certificate and key, read anew by each worker that starts.

The library is imported where there is a certificate: most servers, and every supervisor of them, can do without.
"""

from typing import TYPE_CHECKING

from ..domain.errors import InvalidValueError
from ..settings import Settings

if TYPE_CHECKING:
    import ssl


def wire_tls(settings: Settings) -> "ssl.SSLContext | None":
    """
    Read the certificate and its key; None where the server speaks HTTP.

    Raises:
        InvalidValueError: they cannot be read, or do not belong together.
    """
    if settings.tls_certificate is None or settings.tls_key is None:
        return None
    import ssl  # noqa: PLC0415 - see above

    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    for key, path in (("tls_certificate", settings.tls_certificate), ("tls_key", settings.tls_key)):
        try:
            path.open("rb").close()
        except OSError as error:
            raise InvalidValueError(key, f"{path} cannot be read: {error.strerror}") from None
    try:
        context.load_cert_chain(settings.tls_certificate, settings.tls_key, password=_no_password)
    except (ssl.SSLError, ValueError) as error:
        problem = "is no PEM file with a private key that belongs to tls_certificate and needs no password"
        raise InvalidValueError("tls_key", f"{settings.tls_key} {problem} ({_reason(error)})") from None
    return context


def _no_password() -> str:
    """Refuse: without this, whoever starts the server is asked at the terminal."""
    raise ValueError("it has a password")


def _reason(error: Exception) -> str:
    return (getattr(error, "reason", None) or str(error)).replace("_", " ").lower()
