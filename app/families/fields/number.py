"""A number; its size counts in orders of magnitude, so that none is too large."""

import math
import re
from typing import Final

from .contract import FieldReader, Presence, Reading, malformed, quoted

_NUMBER: Final = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,4})?", re.ASCII)


def _read_number(number: float) -> Reading:
    return Reading(Presence.HELD, (), (math.copysign(math.log1p(abs(number)), number), float(number == 0)))


def _read(text: str) -> Reading:
    text = text.strip()
    number = float(text) if _NUMBER.fullmatch(text) else math.nan
    return _read_number(number) if math.isfinite(number) else malformed(f"not a number: {quoted(text)}")


READER: Final = FieldReader(("size", "is zero"), _read, _read_number)
