"""What names, passwords and origins have to be like."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.identity_errors import WeakPasswordError
from app.domain.identity_rules import check_password, is_origin, is_user_name


@settings(max_examples=50)
@given(st.from_regex(r"[a-z][a-z0-9._-]{0,63}", fullmatch=True))
def test_every_name_of_the_rule_can_be_had_and_none_with_anything_before_or_behind(name: str) -> None:
    assert is_user_name(name)
    assert not any(map(is_user_name, [name + "\n", " " + name, name + ":", name.upper() + "É", name + "\0"]))


@settings(max_examples=50)
@given(st.text(max_size=80))
def test_no_name_has_what_callers_are_told_apart_by(name: str) -> None:
    if is_user_name(name):
        assert name.isascii()
        assert not set(name) & set(":/\\ \t\n\0@%")


@pytest.mark.parametrize("password", ["changeme1234", "ChangeMe1234", "admin_admin_12", "111111111111", "abcabcabcabc"])
def test_what_everybody_tries_is_refused(password: str) -> None:
    with pytest.raises(WeakPasswordError):
        check_password(password)


@pytest.mark.parametrize(
    "password", ["naïve:pass wörd", "пароль: 🗝 и ещё", "x7" * 6 + "administrator", "a b c d e f " * 80]
)
def test_what_is_long_and_not_known_is_taken(password: str) -> None:
    assert check_password(password) == password


def test_origins_are_written_as_browsers_do() -> None:
    assert all(map(is_origin, ["https://bot.example", "http://localhost:3000", "app://bot"]))
    assert not any(map(is_origin, ["https://bot.example/", "https://Bot.example", "bot.example", "https://a:443", "*"]))
