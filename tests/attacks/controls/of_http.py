"""Controls of what comes in over HTTP: rows S19-S28, S31-S35, S37."""

from collections.abc import Mapping
from typing import Final

from .control import Control

CONTROLS: Final[Mapping[str, Control]] = {}
