"""What forms show is of their session alone, and tells nothing of it."""

import secrets

import pytest

from app.service.identity.csrf import csrf_token, is_csrf_token


def test_a_token_is_that_of_its_session_every_time() -> None:
    session = secrets.token_urlsafe(32)

    assert csrf_token(session) == csrf_token(session)
    assert is_csrf_token(session, csrf_token(session))


def test_a_token_of_another_session_is_none() -> None:
    assert not is_csrf_token(secrets.token_urlsafe(32), csrf_token(secrets.token_urlsafe(32)))


@pytest.mark.parametrize("shown", ["", "é", "\ud800", "x" * 10_000], ids=range(4))
def test_what_cannot_be_a_token_is_none(shown: str) -> None:
    assert not is_csrf_token("session", shown)


def test_the_session_does_not_stand_in_the_token() -> None:
    session = secrets.token_urlsafe(32)

    assert session not in csrf_token(session)
    assert csrf_token(session) not in session
