"""What is refused for coming too often: a branch of the tree in `errors.py`."""

from .errors import ParleyError
from .rate_limit import Allowance


class RateLimitedError(ParleyError):
    """More requests of one caller than a limit allows."""

    def __init__(self, allowance: Allowance, retry_after_s: int, message: str | None = None) -> None:
        self.allowance, self.retry_after_s = allowance, retry_after_s
        super().__init__(
            message or f"no more than {allowance.limit} requests are answered; ask again in {retry_after_s} s"
        )


class TooManyGuessesError(RateLimitedError):
    """More proofs from one address that were wrong than are looked at."""

    def __init__(self, allowance: Allowance, retry_after_s: int) -> None:
        message = f"too many proofs from your address were wrong; the next is looked at in {retry_after_s} s"
        super().__init__(allowance, retry_after_s, message)
