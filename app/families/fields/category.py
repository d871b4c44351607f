"""One value out of several, such as a country; case and blanks around it do not matter."""

from typing import Final

from .contract import FieldReader, Presence, Reading

_LONGEST: Final = 200
"""Of what is told apart; two values that begin with so many characters alike are one."""


def _read(text: str) -> Reading:
    return Reading(Presence.HELD, ((" ".join(text.split()).casefold()[:_LONGEST],),))


READER: Final = FieldReader((), _read)
