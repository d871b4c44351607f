"""What is refused because of how much there is to do, or how long it takes; part of the tree in errors.py."""

from .errors import ParleyError


class OverloadedError(ParleyError):
    """More requests than can be answered soon: this one was not begun."""

    def __init__(self) -> None:
        super().__init__("there is too much to do at the moment; this request was not begun, send it again")


class NoRoomError(ParleyError):
    """An upload for which there is no room on the disk."""

    def __init__(self) -> None:
        super().__init__("there is no room for what was sent; nothing of it was kept")


class DeadlineExceededError(ParleyError):
    """An answer that took too long to be waited for."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        super().__init__(f"there was no answer within {seconds:g} s")


class SlowRequestError(ParleyError):
    """A request that was begun and did not come to its end in time."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        super().__init__(f"nothing more of this request came for {seconds:g} s")
