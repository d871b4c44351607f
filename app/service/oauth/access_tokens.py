"""Whose access token it is."""

import re
from typing import TYPE_CHECKING, Final

from ...domain.caller import Caller
from ...domain.errors import AuthenticationError
from ...domain.oauth import TokenKind
from .ledger import Ledger
from .rights import Holders

if TYPE_CHECKING:
    from collections.abc import Callable

    from .outside_issuer import OutsideIssuer
    from .token_keys import TokenKeys

_OPAQUE: Final = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
_DOTS: Final = 2


class GivenTokens:
    """Accepts access tokens that were given out here, and those of a provider; safe to share between threads."""

    def __init__(
        self,
        ledger: Ledger,
        holders: Holders,
        keys: "Callable[[], TokenKeys] | None",
        outside: "Callable[[], OutsideIssuer] | None",
    ) -> None:
        """`keys` and `outside` are made when a signed token comes first; None: there are none."""
        self._ledger, self._holders, self._keys, self._outside = ledger, holders, keys, outside

    def check(self, token: str) -> Caller:
        """
        Say whom an access token calls as.

        A signed one has to be in the ledger too: so it can be revoked as any other.

        Raises:
            AuthenticationError: it is not good.
            StorageUnavailableError: that cannot be found out now.
        """
        if token.count(".") == _DOTS:
            if self._outside is not None and (outside := self._outside()).has_made(token):
                return outside.check(token)
            if self._keys is None:
                raise AuthenticationError
            self._keys().check(token)
        elif not _OPAQUE.fullmatch(token):
            raise AuthenticationError
        kept = self._ledger.find(token)
        if kept is None or kept.kind is not TokenKind.ACCESS or not kept.is_good_at(self._ledger.now()):
            raise AuthenticationError
        return self._holders.caller(kept)
