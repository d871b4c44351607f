"""No regular expression of the product takes much longer for a text than the text is long."""

import ast
import importlib
import inspect
import re
import time
from collections import deque
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

APP = Path(__file__).resolve().parents[2] / "app"
ASKED = {"match", "fullmatch", "search", "sub", "subn", "split", "findall", "finditer"}
PIECES = [
    "a", "0", " ", "-", ".", "@", "a@", "a.", "0 ", "0-", "\t", "\n", "'", '"', "\\", "<", "{", "[", "(", "=", ";", ",",
    "/", "%", "%2", "_", "A", "a-", "a_", ":", "a:", "1.", "e+", "--", "..", "''", "\u00e9", "e\u0301", "\U0001f600",
    "object ", "Object contains unknown field `", "` - at `$", " - at `key in $", "http://", "1h",
    "1/1 ", "a\n", "  \n", '"a":"b",', '"a":1,', "a@b.", "\u00e9-", "+(", "1-", "()", "www.", "a.bc", "n't", "gonna ",
    "\r\n", "Aa-b:c\r\n", 'a="b";', ";;", "[ ", "{ ", ".5", "\r\ncontent-length: 1", "    <unknown>",
]  # fmt: skip
ENDS = ["", "!", "\n", "`", "x\u2028"]
BEGINNINGS = ["", "a", "{"]
N = 2_000


def _modules() -> Iterator[Any]:
    """Give the modules that compile expressions; what else there is imports much, TensorFlow among it."""
    for file in sorted(APP.rglob("*.py")):
        if "re.compile(" in file.read_text():
            yield importlib.import_module(".".join(file.relative_to(APP.parent).with_suffix("").parts))


def _written_where_they_are_used() -> Iterator[tuple[str, re.Pattern[Any], set[str]]]:
    for file in sorted(APP.rglob("*.py")):
        for call in ast.walk(ast.parse(file.read_text())):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in ASKED:
                of_re = isinstance(call.func.value, ast.Name) and call.func.value.id == "re"
                if of_re and isinstance(call.args[0], ast.Constant):
                    name = f"{file.relative_to(APP)}:{call.lineno}"
                    yield name, re.compile(call.args[0].value), {call.func.attr} & {"match", "fullmatch"} or {"search"}


@cache
def patterns() -> dict[str, tuple[re.Pattern[Any], set[str]]]:
    """Give every compiled expression of the product by where it stands, and how it is used there."""
    found = {name: (pattern, methods) for name, pattern, methods in _written_where_they_are_used()}
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


def _worst(pattern: re.Pattern[Any], methods: set[str], n: int) -> tuple[float, Callable[[int], str], Any]:
    """Give the worst text of that length, made of one piece again and again, and how it was looked for."""
    worst: tuple[float, Callable[[int], str], Any] = (0.0, str, str)
    for begin in BEGINNINGS:
        for piece in PIECES:
            for end in ENDS:
                for method in methods:
                    run, make = _runner(pattern, method), _maker(begin, piece, end)
                    text = make(n)
                    begun = time.process_time()
                    run(text)
                    worst = max(worst, (time.process_time() - begun, make, run), key=lambda one: one[0])
    return worst


def _maker(begin: str, piece: str, end: str) -> Callable[[int], str]:
    return lambda n: begin + (piece * n)[:n] + end


def _runner(pattern: re.Pattern[Any], method: str) -> Callable[[str], object]:
    look = getattr(pattern, method)
    if method == "search":  # to the end, as who finds all or replaces does

        def look(text: str | bytes) -> object:
            return deque(pattern.finditer(text), maxlen=0)

    if isinstance(pattern.pattern, bytes):
        return lambda text: look(text.encode())
    return look  # type: ignore[no-any-return]


def test_every_expression_is_found() -> None:
    assert len(patterns()) > 60
    for name in (
        "domain.model_reference._NAME",
        "text.tokenizer.TOKEN",
        "training.weights_file._NAME",
        "web/pages/form",
    ):
        assert any(found.startswith(name) for found in patterns()), name


@pytest.mark.parametrize("name", sorted(patterns()))
def test_what_it_takes_grows_no_faster_than_what_is_read(name: str) -> None:
    """
    What takes four times as long for four times as much is linear; with the square of it, sixteen times as long.

    Each is asked as it is asked where it stands: one that would begin again at each character if it searched, and is
    only matched, is none that anybody can reach in that way.
    """
    seconds, make, run = _worst(*patterns()[name], N)
    if seconds < 0.0015:  # of 2,000 characters; not worth to be looked at
        return
    short, long = (_seconds(run, make(n)) for n in (N, 4 * N))

    assert long < 9 * max(short, 1e-4), (name, make(5), short, long)


@pytest.mark.long
@pytest.mark.parametrize("name", sorted(patterns()))
def test_the_longest_text_that_is_let_in_takes_less_than_a_second(name: str) -> None:
    """10,000 characters, unless an operator lets longer ones in."""
    seconds, make, _ = _worst(*patterns()[name], 10_000)

    assert seconds < 1, (name, make(5), seconds)
