"""What types and ranges cannot say about the settings of the OAuth2 server."""

import re
from typing import Final
from urllib.parse import urlsplit

from ..domain.errors import InvalidValueError
from ..domain.identity import GrantType
from ..outgoing.allow_list import AllowList
from .values import Settings

_URL: Final = re.compile(r"https?://[a-z0-9.\[\]:_-]+", re.ASCII)
_PROVIDER: Final = re.compile(r"https?://[!-~]+", re.ASCII)
_OLD: Final = (GrantType.PASSWORD, GrantType.IMPLICIT)


def check_tokens(settings: Settings) -> None:
    """
    Look whether these settings make sense together.

    Raises:
        InvalidValueError: one does not.
    """
    url = settings.public_url
    if url is not None and not _URL.fullmatch(url):
        raise InvalidValueError(
            "public_url", f"{url!r} is not https://parley.example, in small letters, nothing behind"
        )
    if settings.token_format == "jwt" and url is None:  # noqa: S105 - a format
        raise InvalidValueError("token_format", "signed tokens say who made them: set public_url too")
    for grant in settings.oauth_old_grants:
        if grant not in _OLD:
            raise InvalidValueError("oauth_old_grants", f"{grant!r} is not {' or '.join(_OLD)}")
    _check_provider(settings)


def _check_provider(settings: Settings) -> None:
    issuer = settings.oidc_issuer
    AllowList.parse(settings.oidc_allow, "oidc_allow")
    if issuer is None:
        return
    if not _PROVIDER.fullmatch(issuer) or "?" in issuer or "#" in issuer or not urlsplit(issuer).hostname:
        raise InvalidValueError("oidc_issuer", f"{issuer!r} is not an address such as https://id.example/realms/shop")
    if issuer.startswith("http://") and not settings.oidc_allow:
        raise InvalidValueError(
            "oidc_issuer", "it has no TLS; `oidc_allow` has to name its host with http:// before it"
        )
    if not settings.oidc_audience:
        raise InvalidValueError("oidc_audience", "a provider's tokens for others must not be good here: set it too")
