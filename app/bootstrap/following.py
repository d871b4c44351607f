"""What keeps the models of a server as its registry has them, and tells which server has got how far."""

import hashlib
from pathlib import Path
from typing import Final

from ..registry.watch import RegistryWatch
from ..runtime.heap import give_back_memory
from ..service.loaded_models import LoadedModels
from ..service.registry_following import RegistryFollowing
from ..service.served_everywhere import ServedEverywhere
from ..settings import Settings
from ..storage.announcement_files import AnnouncementFiles
from .registry import wire_registry

_DIGITS: Final = 12


def wire_following(settings: Settings, models: LoadedModels) -> tuple[RegistryFollowing, ServedEverywhere]:
    """Put together what follows the registry, to be started in the process that serves, and what waits for all."""
    registry = wire_registry(settings)
    announcements = AnnouncementFiles(announcements_folder(settings))
    following = RegistryFollowing(models, RegistryWatch(registry.folder), announcements, give_back_memory)
    return following, ServedEverywhere(announcements, registry.aliases_signature)


def announcements_folder(settings: Settings) -> Path:
    """Name it after the registry, so that servers of another one in the same `var_dir` are not waited for."""
    place = hashlib.sha256(str(settings.models_dir.resolve()).encode(errors="surrogateescape")).hexdigest()[:_DIGITS]
    return settings.var_dir / "serving" / place
