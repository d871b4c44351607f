"""What names, labels, passwords and origins have to be like."""

import re
from typing import Final

from .errors import InvalidRequestError
from .identity import ADMIN
from .identity_errors import InvalidUserNameError, WeakPasswordError
from .quotation import shortened

LEAST_PASSWORD_CHARS: Final = 12
MOST_PASSWORD_CHARS: Final = 4_096
_MOST_LABEL_CHARS: Final = 200

_USER_NAME: Final = re.compile(r"[a-z][a-z0-9._-]{0,63}", re.ASCII)
_ORIGIN: Final = re.compile(r"[a-z][a-z0-9+.-]*://[^\s/@?#A-Z*]+")
_USUAL_PORTS: Final = {"http": ":80", "https": ":443"}

# Of what is long enough to be taken otherwise: what lists of passwords begin with, and what manuals show.
_WORST_IN_A_ROW: Final = (
    "password1234 password12345 password123456 passwordpassword password1password admin1234567 adminadminadmin "
    "administrator administrator1 admin123admin adminpassword admin-password changemechangeme changeme1234 change- "
    "me-please 123456789012 1234567890123 12345678901234 123456781234 012345678901 987654321098 1q2w3e4r5t6y "
    "1qaz2wsx3edc qwertyuiop12 qwertyuiop123 qwertyuiopasd qwerty123456 qwertyqwerty asdfghjkl123 iloveyou1234 "
    "iloveyouiloveyou letmeinletmein letmein12345 welcome12345 welcome123456 welcomewelcome "
    "correcthorsebatterystaple secretsecret secret123456 supersecret1 supersecret123 parleyparley parley123456 "
    "parley-admin parleyadmin1 parleypassword"
)
_WORST: Final = frozenset(_WORST_IN_A_ROW.split())


def is_user_name(name: str) -> bool:
    """Say whether a user can have this name."""
    return _USER_NAME.fullmatch(name) is not None


def check_user_name(name: str) -> str:
    """
    Give the name back where it is a user's name.

    Raises:
        InvalidUserNameError: it is not one.
    """
    if not is_user_name(name):
        raise InvalidUserNameError(name)
    return name


def check_password(password: str, user: str = ADMIN) -> str:
    """
    Give the password back where it is not easily guessed.

    Raises:
        WeakPasswordError: it is.
    """
    if not LEAST_PASSWORD_CHARS <= len(password) <= MOST_PASSWORD_CHARS:
        problem = f"has {len(password):,} characters; {LEAST_PASSWORD_CHARS} to {MOST_PASSWORD_CHARS:,} are right"
        raise WeakPasswordError(problem)
    if any("\ud800" <= character <= "\udfff" for character in password):
        raise WeakPasswordError("is not UTF-8")
    if any(character in "\0\r\n" for character in password):
        raise WeakPasswordError("has a character that ends a line, or the character 0")
    folded = password.casefold()
    if folded in _WORST or len(set(folded)) < 4:  # noqa: PLR2004 - as the sentence says
        raise WeakPasswordError(
            "is one of the first that everybody tries; take several words that have nothing in common"
        )
    if not folded.replace(user.casefold(), "").strip("0123456789.-_ !"):
        raise WeakPasswordError("is the user's name")
    return password


def check_label(text: str, field: str) -> str:
    """
    Give a text back that can stand in a list: of 1 to 200 printable characters.

    Raises:
        InvalidRequestError: it is no such text.
    """
    if not (0 < len(text) <= _MOST_LABEL_CHARS and text.isprintable() and text.strip()):
        raise InvalidRequestError(f"1 to {_MOST_LABEL_CHARS} printable characters", field=field)
    return text


def is_origin(text: str) -> bool:
    """Say whether this is an origin, as browsers write it."""
    usual = _USUAL_PORTS.get(text.partition(":")[0], "/")
    return _ORIGIN.fullmatch(text) is not None and not text.endswith(usual)


def check_origins(origins: frozenset[str]) -> frozenset[str]:
    """
    Give origins back where browsers write them like that: others would be without effect.

    Raises:
        InvalidRequestError: there is none, or one is no origin.
    """
    for origin in sorted(origins):
        if not is_origin(origin):
            expected = "https://bot.example or https://bot.example:8443, in small letters and nothing behind"
            raise InvalidRequestError(f"{shortened(origin)} is no origin; write {expected}", field="origins")
    if not origins:
        raise InvalidRequestError("at least one origin, or none named at all", field="origins")
    return origins
