"""
The OAuth2 server of a process.

Authlib is imported when somebody asks for something first: a server that nobody asks stays small.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from ...domain.caller import Scope
from ...domain.identity import ClientAuthentication, GrantType, User
from ...domain.oauth import PROFILE
from ...domain.oauth_errors import OAuthError
from ..identity.made_secrets import make_secret
from .access_tokens import GivenTokens
from .ledger import Ledger
from .messages import Consent, ProtocolReply, ProtocolRequest, SentBack
from .rights import Holders

if TYPE_CHECKING:
    from .outside_issuer import OutsideIssuer
    from .protocol import Protocol
    from .token_keys import TokenKeys

OLD_GRANTS: Final = frozenset({GrantType.PASSWORD, GrantType.IMPLICIT})
"""Given only where the operator allows them."""

_USUAL_GRANTS: Final = (GrantType.CLIENT_CREDENTIALS, GrantType.AUTHORIZATION_CODE, GrantType.REFRESH_TOKEN)


@dataclass(frozen=True, slots=True)
class OAuthSettings:
    """What an operator can choose."""

    access_life_s: int = 3_600
    refresh_life_s: int = 2_592_000
    old_grants: frozenset[GrantType] = field(default_factory=frozenset)
    issuer: str | None = None
    """What this server is called; None: as whoever asks calls it."""
    is_https: bool = False
    signs: bool = False
    """Whether access tokens are signed."""


class OAuth:
    """Gives, ends and tells of tokens; safe to share between threads."""

    def __init__(
        self,
        ledger: Ledger,
        holders: Holders,
        settings: OAuthSettings,
        *,
        keys: "Callable[[], TokenKeys] | None" = None,
        outside: "Callable[[], OutsideIssuer] | None" = None,
    ) -> None:
        """
        Put it together; nothing heavy is imported yet.

        Args:
            ledger: where what is given out is kept.
            holders: who may do what.
            settings: what the operator chose.
            keys: gives the keys that tokens are signed with; None: none ever are.
            outside: gives the provider whose tokens are accepted too.
        """
        self._ledger, self._holders, self.settings, self._keys = ledger, holders, settings, keys
        self.access_tokens = GivenTokens(ledger, holders, keys, outside)

    def token(self, request: ProtocolRequest) -> ProtocolReply:
        """
        Give tokens.

        Raises:
            OAuthError: there are none for this request; of a client that proved nothing, ClientProofError.
            StorageUnavailableError: the database cannot be used.
        """
        from .protocol import Request  # noqa: PLC0415 - heavy, see above

        if not request.fields.get("grant_type"):
            raise OAuthError("invalid_request", "the field 'grant_type' is missing")
        reply: ProtocolReply = self._protocol.create_token_response(Request(request, "POST"))
        return reply

    def revoke(self, request: ProtocolRequest) -> None:
        """
        End a token of the client that asks; one that is not there is ended already.

        Raises:
            as `token`.
        """
        self._at_endpoint("revocation", request)

    def introspect(self, request: ProtocolRequest) -> Mapping[str, Any]:
        """
        Tell a client of a token.

        Raises:
            as `token`.
        """
        return self._at_endpoint("introspection", request).body

    def begin_consent(self, request: ProtocolRequest, user: User) -> Consent | SentBack:
        """
        Say what a person is to be asked.

        Returns:
            The question; or where the browser goes, where there is none to be asked.

        Raises:
            UntrustedRedirectError: the client is not known, or the address is not its own.
            StorageUnavailableError: the database cannot be used.
        """
        from .consents import begin  # noqa: PLC0415 - heavy, see above

        return begin(self._protocol, request, user)

    def end_consent(self, request: ProtocolRequest, user: User, *, is_given: bool) -> SentBack:
        """
        Take the answer, and say where the browser goes on; the request is looked at as if it came for the first time.

        Raises:
            as `begin_consent`.
        """
        from .consents import end  # noqa: PLC0415 - as above

        return end(self._protocol, request, user, is_given=is_given)

    def metadata(self, issuer: str) -> dict[str, Any]:
        """Describe the server, as RFC 8414 has it."""
        has_implicit = GrantType.IMPLICIT in self.settings.old_grants
        ways = [way.value for way in ClientAuthentication]
        with_secret = [way for way in ways if way != ClientAuthentication.NONE]
        return {
            "issuer": issuer,
            "authorization_endpoint": f"{issuer}/oauth/authorize",
            "token_endpoint": f"{issuer}/oauth/token",
            "revocation_endpoint": f"{issuer}/oauth/revoke",
            "introspection_endpoint": f"{issuer}/oauth/introspect",
            "jwks_uri": f"{issuer}/.well-known/jwks.json",
            "scopes_supported": [*Scope, PROFILE],
            "response_types_supported": ["code", *["token"] * has_implicit],
            "response_modes_supported": ["query", *["fragment"] * has_implicit],
            "grant_types_supported": [*_USUAL_GRANTS, *sorted(self.settings.old_grants)],
            "token_endpoint_auth_methods_supported": ways,
            "revocation_endpoint_auth_methods_supported": ways,
            "introspection_endpoint_auth_methods_supported": with_secret,
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True,
        }

    def public_keys(self) -> list[dict[str, Any]]:
        """Give the public halves of the keys that tokens are signed with."""
        return self._keys().public() if self._keys is not None else []

    def _at_endpoint(self, name: str, request: ProtocolRequest) -> ProtocolReply:
        from .protocol import Request  # noqa: PLC0415 - as above

        reply: ProtocolReply = self._protocol.create_endpoint_response(name, Request(request, "POST"))
        return reply

    @cached_property
    def _protocol(self) -> "Protocol":
        from .endpoints import register_endpoints  # noqa: PLC0415 - as above
        from .grants import register_grants  # noqa: PLC0415
        from .protocol import Lives, Protocol  # noqa: PLC0415

        settings = self.settings
        lives = Lives(settings.access_life_s, settings.refresh_life_s)
        protocol = Protocol(self._holders, self._ledger, lives, self._new_access_token)
        register_grants(protocol, settings.old_grants)
        register_endpoints(protocol)
        return protocol

    def _new_access_token(self, stands_for: str, client: str, scope: str, life_s: int) -> str:
        if self.settings.signs and self._keys is not None:
            return self._keys().sign(stands_for, client, scope, life_s)
        return make_secret()
