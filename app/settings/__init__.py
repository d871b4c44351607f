"""What the operator chose: read once, checked, then handed on as values."""

from .sources import SERVICE_FILE, load_settings
from .values import Settings, as_path

__all__ = ["SERVICE_FILE", "Settings", "as_path", "load_settings"]
