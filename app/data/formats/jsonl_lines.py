"""What both kinds of JSON Lines share: an object a line, blank lines are none, each fault has its number."""

import json
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from ...domain.example import Dataset, Example
from ...domain.training_errors import UnreadableDataError
from ..bounds import LINE_AT_MOST, PROBLEMS_AT_MOST

RowT = TypeVar("RowT", bound=msgspec.Struct)


def read_lines(
    text: str, source: str, row_type: type[RowT], shape: str, example_of: Callable[[RowT, int], Example | str]
) -> Dataset:
    """
    Read examples, and what no intent is meant for.

    Args:
        text: of the file.
        source: names it.
        row_type: what a line has to be.
        shape: the same in words, for errors.
        example_of: gives the example of a row and its line, or the text that is out of scope; a ValueError says what is
            wrong with it.

    Raises:
        UnreadableDataError: lines that are neither, each with its number.
    """
    examples: list[Example] = []
    out_of_scope: list[str] = []
    problems: list[tuple[int | None, str]] = []
    decoder = msgspec.json.Decoder(row_type)
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        if len(problems) == PROBLEMS_AT_MOST:
            break
        try:
            row = decoder.decode(line)
        except (msgspec.DecodeError, RecursionError, UnicodeEncodeError) as error:
            problems.append((number, f"not {shape}: {error}"))
            continue
        try:
            found = example_of(row, number)
        except ValueError as error:
            problems.append((number, str(error)))
            continue
        if isinstance(found, Example):
            examples.append(found)
        else:
            out_of_scope.append(found)
    if problems:
        raise UnreadableDataError(source, problems)
    return Dataset(tuple(examples), source=source, out_of_scope=tuple(out_of_scope))


def begins(text: str, beginnings: tuple[str, ...], is_such: Callable[[dict[str, Any], str], bool]) -> bool:
    """
    Say whether a text that begins with a bracket is JSON Lines of some kind.

    Args:
        text: of the file, or how it begins.
        beginnings: of the second line, where the first is wrong and others may not be.
        is_such: is asked of the first line, an object, and what follows it.
    """
    first, _, rest = text.lstrip().partition("\n")
    if len(first) > LINE_AT_MOST:  # it may be a whole document, which is not read to find that out
        return False
    rest = rest.lstrip()
    try:
        content = json.loads(first)
    except (ValueError, RecursionError):
        return rest.startswith(beginnings)
    return isinstance(content, dict) and is_such(content, rest)
