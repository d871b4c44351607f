"""
The OAuth2 server of a process.

Authlib and joserfc are imported by whoever first needs them, not by the start of a server.
"""

from functools import cache
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from ..domain.identity import GrantType
from ..domain.outgoing_errors import MalformedReplyError
from ..outgoing.allow_list import AllowList
from ..service.identity.identity import Identity
from ..service.oauth.ledger import Ledger
from ..service.oauth.oauth import OAuth, OAuthSettings
from ..service.oauth.rights import Holders
from ..settings import Settings

if TYPE_CHECKING:
    from ..service.oauth.outside_issuer import OutsideIssuer
    from ..service.oauth.token_keys import TokenKeys
    from ..service.opened_once import OpenedOnce
    from ..storage.identity_stores import IdentityStores

_ASKED_WITHIN_S: Final = 3.0
_REPLY_AT_MOST: Final = 262_144
_OK: Final = 200


def wire_oauth(settings: Settings, identity: Identity, stores: "OpenedOnce[IdentityStores]") -> OAuth:
    """Put the server together over users and clients; nothing is connected before it is used."""
    ledger = Ledger(lambda: stores().oauth, identity.changes.increase)
    chosen = OAuthSettings(
        access_life_s=settings.token_life_s,
        refresh_life_s=settings.refresh_token_life_s,
        old_grants=frozenset(map(GrantType, settings.oauth_old_grants)),
        issuer=settings.public_url,
        is_https=settings.is_https,
        signs=settings.token_format == "jwt",  # noqa: S105 - a format
    )
    return OAuth(
        ledger,
        Holders(identity.users, identity.clients),
        chosen,
        keys=None if settings.public_url is None else cache(lambda: open_token_keys(settings)),
        outside=None if settings.oidc_issuer is None else cache(lambda: _outside(settings)),
    )


def open_token_keys(settings: Settings) -> "TokenKeys":
    """Give the keys that tokens are signed with; the first is made when it is needed."""
    from ..service.oauth.token_keys import TokenKeys  # noqa: PLC0415 - as above
    from ..storage.token_key_files import TokenKeyFiles  # noqa: PLC0415

    return TokenKeys(
        TokenKeyFiles(settings.var_dir / "token-keys"),
        issuer=settings.public_url or "",
        algorithm=settings.token_algorithm,
        life_s=settings.token_life_s,
    )


def _outside(settings: Settings) -> "OutsideIssuer":
    from ..outgoing.guarded_client import GuardedClient  # noqa: PLC0415 - as above
    from ..service.oauth.outside_issuer import OutsideIssuer, Trust  # noqa: PLC0415

    issuer, audience = settings.oidc_issuer or "", settings.oidc_audience or ""
    allowed = AllowList.parse(settings.oidc_allow or (urlsplit(issuer).netloc,), "oidc_allow")
    client = GuardedClient(allowed, within_s=_ASKED_WITHIN_S, reply_at_most=_REPLY_AT_MOST)

    def fetch(url: str) -> bytes:
        reply = client.get(url)
        if reply.status != _OK:
            raise MalformedReplyError("the OpenID provider", f"it answers with status {reply.status}")
        return reply.body

    return OutsideIssuer(Trust(issuer, audience, settings.oidc_scopes_claim), fetch)
