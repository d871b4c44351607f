"""YAML is read as plain values, and what would be too much is counted before it is made."""

import pytest

from app.domain.configuration_errors import NotYamlError
from app.text.plain_yaml import read_yaml


def test_what_configurations_hold_is_read() -> None:
    text = "base: &b {x: 1, y: [1.5, true, null, 'a']}\nother:\n  <<: *b\n  x: 2\n"

    assert read_yaml(text)["other"] == {"x": 2, "y": [1.5, True, None, "a"]}
    assert read_yaml(b"a: \xc3\xa9") == {"a": "é"}
    assert read_yaml("") is None


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("password: *sesame", "line 1, column 11"),
        ("!!python/object/apply:os.system [ls]", "line 1, column 1"),
        ("!!python/name:os.system", "line 1"),
        ("[" * 100 + "]" * 100, "nested more than 32 deep"),
        ("a: &a [*a]", "an alias stands within"),
        ("a: &a x\nb: [" + "*a, " * 40 + "]", "more than 32 aliases"),
        ("a: &a [" + "x, " * 900 + "]\nb: [" + "*a, " * 20 + "]", "more than 10,000 values"),
        ("x" * 70_000, "longer than 65,536 bytes"),
        ("1" * 5_000, "a number of more than 400 digits"),
        ("1" + ":1" * 600, "a number of more than 400 digits"),
        ("2001-99-99", "a value that cannot be read"),
        (b"\xff", "a character that no text has"),
        ("a: 1\n---\nb: 2", "line 2"),
    ],
)
def test_what_is_not_plain_or_too_much_is_refused_without_being_quoted(text: str | bytes, problem: str) -> None:
    with pytest.raises(NotYamlError, match=problem) as refused:
        read_yaml(text)

    assert "sesame" not in str(refused.value)
    assert "os" not in str(refused.value).split()
