"""Somebody who guesses passwords."""

import pytest

from app.domain.errors import AuthenticationError
from tests.service.identity.conftest import Parts

HERE, THERE = "192.0.2.7", "198.51.100.9"


def refused(parts: Parts, user: str, password: str, address: str = HERE) -> int:
    """Try what is not right, and say how often a password was looked at."""
    before = parts.passwords.n_checks
    with pytest.raises(AuthenticationError):
        parts.identity.check_password(user, password, address)
    return parts.passwords.n_checks - before


def lock(parts: Parts, user: str, address: str = HERE) -> None:
    for number in range(5):
        refused(parts, user, f"guess {number}", address)
