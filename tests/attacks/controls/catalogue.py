"""All controls, by name."""

from collections.abc import Mapping
from typing import Final

from . import of_files, of_http, of_identity
from .control import Control

CONTROLS: Final[Mapping[str, Control]] = {**of_files.CONTROLS, **of_http.CONTROLS, **of_identity.CONTROLS}
