"""
Callbacks of a process that takes orders for jobs or runs them.

What TLS needs is imported where a callback is checked or sent first.
"""

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from ..outgoing.allow_list import AllowList
from ..service.callbacks import Callbacks
from ..settings import Settings

if TYPE_CHECKING:
    from ..outgoing.guarded_client import GuardedClient, OutgoingReply


def wire_callbacks(settings: Settings) -> Callbacks:
    """Put callbacks together."""
    return Callbacks(_Client(AllowList.parse(settings.callback_allow)), settings.callback_secret)


class _Client:
    """The guarded client, made when it is needed first."""

    def __init__(self, allowed: AllowList) -> None:
        self._allowed = allowed

    def check(self, url: str) -> None:
        self._client.check(url)

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> "OutgoingReply":
        return self._client.post(url, body, headers)

    @cached_property
    def _client(self) -> "GuardedClient":
        from ..outgoing.guarded_client import GuardedClient  # noqa: PLC0415 - see above

        return GuardedClient(self._allowed)
