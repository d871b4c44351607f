"""
The drafts of all models.

SQLAlchemy is imported where the store is opened, which is when a draft is used first.
"""

from typing import TYPE_CHECKING

from ..service.drafts import Drafts
from ..settings import Settings
from .registry import wire_registry
from .version_dataset import reading_active_datasets

if TYPE_CHECKING:
    from ..storage.draft_store import DraftStore


def wire_drafts(settings: Settings) -> Drafts:
    """Put drafts together; nothing is connected before they are used."""
    return Drafts(
        lambda: open_draft_store(settings),
        reading_active_datasets(wire_registry(settings)),
        max_examples=settings.max_examples,
    )


def open_draft_store(settings: Settings) -> "DraftStore":
    """
    Open the store; nothing is connected before it is used.

    Raises:
        InvalidValueError: the URL of the database cannot be used.
    """
    from ..storage.draft_store import DraftStore  # noqa: PLC0415
    from ..storage.engine import open_engine  # noqa: PLC0415 - heavy, see above

    return DraftStore(open_engine(settings.database))
