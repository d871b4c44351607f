"""What changes which version answers, for a server and for commands."""

import logging
from collections.abc import Callable, Sequence
from contextlib import closing

from ..domain.errors import ParleyError
from ..domain.logged_request import LogFilter
from ..service.audit import AuditLog
from ..service.gatekeeper import LoadVersion
from ..service.model_loader import ModelLoader
from ..service.served_everywhere import ServedEverywhere
from ..service.versions import Versions
from ..settings import Settings
from ..storage.announcement_files import AnnouncementFiles
from .audit import wire_audit
from .following import announcements_folder
from .registry import wire_registry
from .request_log import open_request_store

_log = logging.getLogger(__name__)


def wire_versions(
    settings: Settings,
    *,
    load: LoadVersion | None = None,
    everywhere: ServedEverywhere | None = None,
    audit: AuditLog | None = None,
) -> Versions:
    """
    Put together what changes which version answers.

    Args:
        settings: what the operator chose.
        load: how versions are brought into memory; a command takes no thought for other models there.
        everywhere: what waits for the workers of this machine; without it one of its own.
        audit: what is told of every deed; without it one of its own.
    """
    registry = wire_registry(settings)
    announcements = AnnouncementFiles(announcements_folder(settings))
    return Versions(
        registry,
        load or ModelLoader(registry, lambda _: None).load,
        audit or wire_audit(settings),
        everywhere=everywhere or ServedEverywhere(announcements, registry.aliases_signature),
        recent_texts=_recent_texts(settings),
        max_archive_bytes=settings.max_archive_mb << 20,
    )


def _recent_texts(settings: Settings) -> Callable[[str, int], Sequence[str]]:
    """Give what reads texts from the request log; where it keeps none, or cannot be read, there are none."""

    def read(name: str, limit: int) -> list[str]:
        if not (settings.request_log and settings.log_text):
            return []
        try:
            with closing(open_request_store(settings)) as store:
                entries = store.page(LogFilter(model=name), limit=limit)
        except ParleyError as error:
            _log.warning("no texts that were asked lately: %s", error)
            return []
        return [one.text for entry in entries for one in entry.request.inputs if one.text][:limit]

    return read
