"""
The request log of a server, and its store for those who read.

SQLAlchemy is imported where a store is opened, which a server leaves to the thread that writes: it starts as fast as
without a log, and answers without a database.
"""

from typing import TYPE_CHECKING

from ..service.redaction import Redaction
from ..service.request_log import LogPolicy, RequestLog
from ..service.retention import Retention
from ..settings import Settings

if TYPE_CHECKING:
    from ..storage.request_store import RequestStore


def wire_request_log(settings: Settings) -> RequestLog | None:
    """Put the log together where one is wanted; `start` it in the process that serves."""
    if not settings.request_log:
        return None
    return RequestLog(
        lambda: open_request_store(settings),
        LogPolicy(
            keeps_text=settings.log_text,
            max_queued=settings.request_log_queue,
            batch_size=settings.request_log_batch,
            interval_s=settings.request_log_interval_s,
        ),
        Redaction(settings.redact),
        Retention(settings.retention_days, settings.text_retention_days),
    )


def open_request_store(settings: Settings) -> "RequestStore":
    """
    Open the store; nothing is connected before it is used.

    Raises:
        InvalidValueError: the URL of the database cannot be used.
    """
    from ..storage.engine import open_engine  # noqa: PLC0415 - heavy, see above
    from ..storage.request_store import RequestStore  # noqa: PLC0415

    return RequestStore(open_engine(settings.database))
