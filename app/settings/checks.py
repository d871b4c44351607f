"""What types and ranges cannot say about settings."""

import stat
from ipaddress import ip_network
from pathlib import Path

from ..domain.errors import InvalidRequestError, InvalidValueError
from ..domain.identity_errors import WeakPasswordError
from ..domain.identity_rules import check_password, is_origin
from ..domain.model_reference import ModelReference
from ..domain.operator_keys import LEAST_KEY_BYTES, key_bytes
from ..domain.rate_limit import parse_rate_limits
from ..domain.service_urls import check_database_url, check_redis_url
from ..outgoing.allow_list import AllowList
from ..service.callbacks import check_secret
from ..service.preload import Preload
from ..service.redaction import Redaction
from .contract_terms import check_contracts
from .token_checks import check_tokens
from .values import Settings


def check(settings: Settings) -> None:
    """
    Look whether settings make sense together.

    Raises:
        InvalidValueError: one does not.
    """
    password = settings.admin_password
    if password is not None:
        _check_admin_password(password)
    if not settings.host:
        raise InvalidValueError("host", "it is empty; 127.0.0.1 for this machine alone, 0.0.0.0 for all addresses")
    if settings.log_level not in ("debug", "info", "warning", "error"):
        raise InvalidValueError("log_level", f"{settings.log_level!r} is not debug, info, warning or error")
    if settings.log_format not in ("text", "json"):
        raise InvalidValueError("log_format", f"{settings.log_format!r} is not text or json")
    try:
        ModelReference.parse(settings.default_model)
    except InvalidRequestError as error:
        raise InvalidValueError("default_model", str(error)) from None
    if settings.database_url is not None:
        check_database_url(settings.database_url)
    if settings.redis_url is not None:
        check_redis_url(settings.redis_url)
    if (settings.tls_certificate is None) is not (settings.tls_key is None):
        missing = "tls_key" if settings.tls_key is None else "tls_certificate"
        raise InvalidValueError(missing, "a certificate and its key belong together; give both, or neither")
    _check_keys(settings)
    _check_limits(settings)
    _check_origins(settings.cors_origins)
    Redaction(settings.redact)
    AllowList.parse(settings.callback_allow)
    if settings.callback_secret is not None:
        check_secret(settings.callback_secret)
    Preload.parse(settings.preload)
    check_tokens(settings)
    check_contracts(settings.contracts)


def _check_admin_password(password: str) -> None:
    try:
        check_password(password)
    except WeakPasswordError as error:
        raise InvalidValueError("admin_password", f"{error}; without one a good one is made and shown once") from None


def check_folders(settings: Settings) -> None:
    """
    Look who can write to the folders that a server trusts, as far as they are there.

    Raises:
        InvalidValueError: everybody can.
    """
    for key in ("models_dir", "var_dir"):
        folder: Path = getattr(settings, key)
        try:
            mode = folder.stat().st_mode
        except OSError:  # not there yet, or whoever uses it says what is wrong
            continue
        if mode & stat.S_IWOTH:
            told = f"every user of this machine can write to {folder} (mode {stat.S_IMODE(mode):03o}); chmod o-w it"
            raise InvalidValueError(key, told)


def _check_keys(settings: Settings) -> None:
    for name, key in (("signing_key", settings.signing_key), ("queue_key", settings.queue_key)):
        if key is not None and len(key_bytes(key)) < LEAST_KEY_BYTES:
            raise InvalidValueError(name, f"it has fewer than {LEAST_KEY_BYTES} bytes; `openssl rand -hex 32`")
    if settings.require_signed_models and settings.signing_key is None:
        raise InvalidValueError("require_signed_models", "there is no `signing_key` to tell signatures by")


def _check_limits(settings: Settings) -> None:
    try:
        if settings.rate_limit is not None:
            parse_rate_limits(settings.rate_limit)
    except ValueError as error:
        raise InvalidValueError("rate_limit", str(error)) from None
    for proxy in settings.trusted_proxies:
        try:
            ip_network(proxy)
        except ValueError as error:
            raise InvalidValueError("trusted_proxies", str(error)) from None


def _check_origins(origins: tuple[str, ...]) -> None:
    """Refuse origins that no browser writes like that, and which would therefore be without effect."""
    for origin in origins:
        if origin != "*" and not is_origin(origin):
            expected = "https://bot.example or https://bot.example:8443, in small letters and nothing behind, or *"
            raise InvalidValueError("cors_origins", f"{origin!r} is no origin; write {expected}")
    if "*" in origins and len(origins) > 1:
        raise InvalidValueError("cors_origins", "* is all origins; others beside it mean nothing")
