"""What goes wrong where Parley calls another server: a branch of the tree in `errors.py`."""

from .errors import InvalidRequestError, ParleyError


class InvalidCallbackError(InvalidRequestError):
    """An address that this server does not call."""

    def __init__(self, problem: str) -> None:
        self.problem = problem
        super().__init__(f"callback_url: {problem}", field="callback_url")


class OutgoingError(ParleyError):
    """A call of another server that came to nothing; of the address only the host is told, the rest may be secret."""

    def __init__(self, place: str, problem: str) -> None:
        self.place, self.problem = place, problem
        super().__init__(f"{place}: {problem}")


class RefusedUrlError(OutgoingError):
    """An address that must not be called; no connection was made."""


class UnresolvedHostError(OutgoingError):
    """A host that has no address now; later it may have one."""


class UnreachableHostError(OutgoingError):
    """A server that cannot be connected to, or that breaks off."""


class UntrustedHostError(OutgoingError):
    """A server whose certificate is not that of the host; nothing was sent."""


class OutgoingTimeoutError(OutgoingError):
    """A server that took longer than it was given."""


class MalformedReplyError(OutgoingError):
    """A server that does not answer by HTTP."""
