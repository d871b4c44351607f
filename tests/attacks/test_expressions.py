"""No regular expression of the product takes much longer for a text than the text is long."""

import importlib
import inspect
import pkgutil
import re
import time
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest

import app

READS_WHAT_IS_SENT = (
    "data", "domain", "logging_setup", "outgoing", "registry", "service", "settings", "storage", "text", "web",
)  # fmt: skip
"""Packages; the others import much and read nothing that somebody sent by an expression."""
PIECES = [
    "a", "0", " ", "-", ".", "@", "a@", "a.", "0 ", "0-", "\t", "\n", "'", '"', "\\", "<", "{", "[", "(", "=", ";", ",",
    "/", "%", "%2", "_", "A", "a-", "a_", ":", "a:", "1.", "e+", "--", "..", "''", "\u00e9", "e\u0301", "\U0001f600",
    "object ", "Object contains unknown field `", "` - at `$", " - at `key in $", "http://", "1h",
    "1/1 ", "a\n", "  \n",
]  # fmt: skip
ENDS = ["", "!", "\0", "\n", "`", "x\u2028"]
N = 800


def _modules() -> Iterator[Any]:
    for found in pkgutil.walk_packages(app.__path__, "app."):
        if found.name.split(".")[1] in READS_WHAT_IS_SENT and "migrations" not in found.name:
            yield importlib.import_module(found.name)


@cache
def patterns() -> dict[str, tuple[re.Pattern[Any], set[str]]]:
    """Give every compiled expression of the product by where it stands, and how it is used there."""
    found = {}
    for module in _modules():
        for name, value in vars(module).items():
            for key, one in _within(value):
                if one.__class__ is re.Pattern:
                    found[f"{module.__name__.removeprefix('app.')}.{name}{key}"] = one, _methods(module, name)
    return found


def _methods(module: Any, name: str) -> set[str]:
    """Give how an expression is asked; what finds all, or replaces, searches."""
    used = set(re.findall(rf"\b{name}\.(\w+)", inspect.getsource(module)))
    exact = used & {"match", "fullmatch"}
    return exact | ({"search"} if used - exact or not used else set())


def _within(value: object) -> Iterator[tuple[str, object]]:
    yield "", value
    if isinstance(value, tuple | list):
        yield from ((f"[{place}]", one) for place, one in enumerate(value))
    if isinstance(value, dict):
        yield from ((f"[{key!r}]", one) for key, one in value.items())


def _seconds(run: Callable[[str], object], text: str) -> float:
    """Give the processor time of the quickest of three runs."""
    best = float("inf")
    for _ in range(3):
        begun = time.process_time()
        run(text)
        best = min(best, time.process_time() - begun)
    return best


def _worst(pattern: re.Pattern[Any], methods: set[str], n: int) -> tuple[float, str, Callable[[str], object]]:
    """Give the worst text of that length, made of one piece again and again, and how it was looked for."""
    worst: tuple[float, str, Callable[[str], object]] = (0.0, "", str)
    for piece in PIECES:
        for end in ENDS:
            for method in methods:
                run = _runner(pattern, method)
                text = (piece * n)[:n] + end
                begun = time.process_time()
                run(text)
                worst = max(worst, (time.process_time() - begun, piece + "…" + end, run), key=lambda one: one[0])
    return worst


def _runner(pattern: re.Pattern[Any], method: str) -> Callable[[str], object]:
    look = getattr(pattern, method)
    if isinstance(pattern.pattern, bytes):
        return lambda text: look(text.encode())
    return look  # type: ignore[no-any-return]


def test_every_expression_is_found() -> None:
    assert len(patterns()) > 20
    assert any(name.startswith("domain.model_reference._NAME") for name in patterns())
    assert any(name.startswith("text.") for name in patterns())


@pytest.mark.parametrize("name", sorted(patterns()))
def test_what_it_takes_grows_no_faster_than_what_is_read(name: str) -> None:
    """
    What takes four times as long for four times as much is linear, and sixteen times as long is not yet blown up.

    Expressions that look for something anywhere begin again at each character, so that some grow with the square; they
    read what is bounded. Nothing may grow faster than that, and nothing that is bounded takes more than a blink.
    """
    seconds, text, run = _worst(*patterns()[name], N)
    if seconds < 0.001:  # of 800 characters; not worth to be looked at
        return
    piece, _, end = text.partition("…")
    short, long = (_seconds(run, (piece * n)[:n] + end) for n in (N // 4, N))

    assert long < 40 * max(short, 1e-4), (name, text, short, long)
    assert long < 0.05, (name, text, long)


@pytest.mark.long
@pytest.mark.parametrize("name", sorted(patterns()))
def test_the_longest_text_that_is_let_in_takes_less_than_a_second(name: str) -> None:
    """10,000 characters, unless an operator lets longer ones in."""
    seconds, text, _ = _worst(*patterns()[name], 10_000)

    assert seconds < 1, (name, text, seconds)
