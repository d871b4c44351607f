"""No secret that can be guessed is taken (S26)."""

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

WEAK = {
    "an empty password": ("PARLEY_ADMIN_PASSWORD", ""),
    "a short password": ("PARLEY_ADMIN_PASSWORD", "elevenchars"),
    "the password of a manual": ("PARLEY_ADMIN_PASSWORD", "password1234"),
    "the user's name": ("PARLEY_ADMIN_PASSWORD", "adminadminadmin"),
    "a short secret of callbacks": ("PARLEY_CALLBACK_SECRET", "short"),
    "a short key of signatures": ("PARLEY_SIGNING_KEY", "short"),
    "a short key of the queue": ("PARLEY_QUEUE_KEY", "short"),
}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param(*setting, id=case, marks=[pytest.mark.controls("strong-passwords")] if "12" in setting[1] else [])
        for case, setting in WEAK.items()
    ],
)
def test_a_server_with_a_weak_secret_does_not_start_and_does_not_repeat_it(
    python: Callable[..., Any], tmp_path: Path, name: str, value: str
) -> None:
    """S26."""
    reading = (
        f"from pathlib import Path; from app.settings import load_settings; load_settings(Path({str(tmp_path)!r}))"
    )

    done = python("-c", reading, environment={name: value})

    assert done.returncode != 0
    assert name.removeprefix("PARLEY_").lower() in done.stderr
    assert not value or value not in done.stderr


GUESSES = [
    "admin:admin",
    "admin:",
    "admin:password",
    "admin:password1234",
    ":",
    "username:password",
    "root:root",
    "a:b",
]


@pytest.mark.parametrize("guess", GUESSES)
@pytest.mark.parametrize(("method", "path"), [("POST", "/predict"), ("POST", "/train"), ("GET", "/models")])
def test_no_usual_password_is_right_and_who_fails_is_told_so(server: Any, guess: str, method: str, path: str) -> None:
    """S26. A public server answers 200 to who failed to sign in; here that is 401."""
    proof = "Basic " + base64.b64encode(guess.encode()).decode()

    reply = server.request(method, path, b"{}", {"Authorization": proof, "Content-Type": "application/json"})

    assert reply.status in {401, 429}
    assert list(reply.json()) == ["error"]


def test_nothing_is_trained_by_following_a_link(server: Any) -> None:
    """S26. A training asked for with GET would be one that a page of somebody else can ask for."""
    for path in ("/train", "/train?model=tiny", "/api/train"):
        assert server.get(path).status in {404, 405}
        assert server.get(path, Authorization="").status in {401, 404, 405}
