"""The code of an error, as replies and jobs carry it."""

import re

from .errors import ParleyError


def code_of(error: type[ParleyError]) -> str:
    """Give the code of an error: its name in snake case, without `Error`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", error.__name__.removesuffix("Error")).lower()
