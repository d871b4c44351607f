"""
Callbacks: a server that a client has named is told of the end of a job.

Whoever receives one can tell that it comes from here, and when: it is signed with a secret that both know. What goes
wrong is told to the log of the job; the job is what it was.
"""

import hashlib
import hmac
import logging
import time
from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol
from uuid import UUID, uuid5

import msgspec

from ..domain.errors import InvalidValueError
from ..domain.job import Job, TrainingOrder
from ..domain.outgoing_errors import InvalidCallbackError, OutgoingError, RefusedUrlError

_log = logging.getLogger(__name__)

PAUSES_S: Final = (1.0, 5.0)
"""Before the second try, and before the third."""

_DELIVERIES: Final = UUID("6f0f2a54-54c1-4f3e-9d55-0b6f6c1f7d3e")
_SECRET_AT_LEAST: Final = 16
_GOOD: Final = range(200, 300)


class Reply(Protocol):
    """What a server answered."""

    @property
    def status(self) -> int: ...  # noqa: D102


class Client(Protocol):
    """The way out."""

    def check(self, url: str) -> None: ...  # noqa: D102
    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Reply: ...  # noqa: D102


def content_of(job: Job) -> dict[str, Any]:
    """Say of a job what its receiver needs; its address may be secret, and its log is long."""
    return {
        "id": job.id,
        "state": job.state,
        "model": job.order.model,
        "kind": job.order.kind,
        "mode": job.training.mode,
        "caller": job.caller,
        "created_at": job.created_at,
        "started_at": job.started_at,
        "ended_at": job.ended_at,
        "attempts": job.attempts,
        "outcome": job.outcome,
        "problem": job.problem,
        "code": job.code,
        "warnings": job.warnings,
    }


class Callbacks:
    """Sends callbacks; safe to share between threads."""

    def __init__(
        self,
        client: Client,
        secret: str | None,
        *,
        content: Callable[[Job], Mapping[str, Any]] = content_of,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        """
        Take the way out.

        Args:
            client: sends, to servers that are allowed.
            secret: signs; without one nothing is sent.
            content: says of a job what its receiver needs.
            wait: lets so many seconds pass between two tries.
        """
        self._client, self._secret, self._content, self._wait = client, secret, content, wait

    def check(self, url: str) -> None:
        """
        Look whether a callback could be sent there.

        Raises:
            InvalidCallbackError: this server would not send it.
        """
        if self._secret is None:
            raise InvalidCallbackError("this server sends no callbacks: `callback_secret` is not set")
        try:
            self._client.check(url)
        except OutgoingError as error:
            raise InvalidCallbackError(error.problem) from None

    def send(self, job: Job, tell: Callable[[str], object] = lambda _: None) -> bool:
        """
        Tell the server that a job names of its end, where it names one; up to three times, until it answers with 2xx.

        Args:
            job: as it has ended.
            tell: takes a line for the log of the job, for each try that failed.

        Returns:
            Whether there was nobody to tell, or he was told. Never raises for what is wrong with the other server.
        """
        url = job.order.callback_url if isinstance(job.order, TrainingOrder) else None
        if url is None:
            return True
        if self._secret is None:
            self._say(job, "callback not sent: `callback_secret` is not set", tell)
            return False
        body = msgspec.json.encode({"job": self._content(job)})
        tries = (0.0, *PAUSES_S)
        for number, pause_s in enumerate(tries, 1):
            if pause_s:
                self._wait(pause_s)
            try:
                status = self._client.post(url, body, self._headers(job, body, self._secret)).status
            except RefusedUrlError as error:  # the next try would be refused as well
                self._say(job, f"callback refused: {error}", tell)
                return False
            except OutgoingError as error:
                problem = str(error)
            else:
                if status in _GOOD:
                    return True
                problem = f"answered with {status}{', and redirects are not followed' * (300 <= status < 400)}"  # noqa: PLR2004
            self._say(job, f"callback failed, try {number} of {len(tries)}: {problem}", tell)
        return False

    def _say(self, job: Job, line: str, tell: Callable[[str], object]) -> None:
        _log.warning("job %s: %s", job.id, line)
        tell(line)

    def _headers(self, job: Job, body: bytes, secret: str) -> dict[str, str]:
        now = int(time.time())
        return {
            "Content-Type": "application/json",
            "User-Agent": "Parley",
            "X-Parley-Event": f"job.{job.state}",
            "X-Parley-Delivery": str(uuid5(_DELIVERIES, f"{job.id} {job.state}")),  # the same for each try
            "X-Parley-Signature": f"t={now},v1={signature(secret, now, body)}",
        }


def check_secret(secret: str) -> None:
    """
    Refuse a secret that is soon guessed, or that clients would write in different bytes, without quoting it.

    Raises:
        InvalidValueError: it is one.
    """
    if len(secret) < _SECRET_AT_LEAST or not (secret.isascii() and secret.isprintable()):
        raise InvalidValueError("callback_secret", f"expected {_SECRET_AT_LEAST} or more characters of ASCII")


def signature(secret: str, time_s: int, body: bytes) -> str:
    """Sign a body as it is sent at a time, in seconds since the epoch."""
    return hmac.new(secret.encode(), f"{time_s}.".encode() + body, hashlib.sha256).hexdigest()
