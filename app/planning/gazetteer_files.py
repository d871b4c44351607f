"""
Gazetteers that a model's file leaves to other files: a value a line, its synonyms after it, with tabs between them.

Only what an operator wrote names files; whoever trains over HTTP sends values.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..data.text_file import read_text
from ..domain.errors import InvalidValueError
from ..domain.training_errors import UnreadableDataError


def with_gazetteers_read(given: Mapping[str, Any], root: Path, where: str) -> dict[str, Any]:
    """
    Put the values of files in their place; what else is wrong is left for whoever checks it.

    Args:
        given: a model's configuration, as it stands.
        root: what relative paths start from.
        where: names the configuration in errors.

    Raises:
        InvalidValueError: a file cannot be read, or names a value twice.
    """
    entities = given.get("entities")
    if not isinstance(entities, Mapping):
        return dict(given)
    return {
        **given,
        "entities": {name: _read(one, root, f"{where}: entities.{name}") for name, one in entities.items()},
    }


def _read(declared: Any, root: Path, where: str) -> Any:  # noqa: ANN401 - any YAML value
    if not isinstance(declared, Mapping) or not isinstance(path := declared.get("gazetteer"), str):
        return declared
    try:
        lines = read_text(root / path).splitlines()
    except (UnreadableDataError, ValueError) as error:
        raise InvalidValueError(f"{where}.gazetteer", str(error)) from None
    values: dict[str, list[str]] = {}
    for number, line in enumerate(lines, 1):
        cells = [cell.strip() for cell in line.split("\t")]
        if not any(cells):
            continue
        if not cells[0] or cells[0] in values:
            problem = "stands in it already" if cells[0] else "is missing before its synonyms"
            raise InvalidValueError(f"{where}.gazetteer", f"{path}:{number}: the value {cells[0]!r:.50} {problem}")
        values[cells[0]] = [cell for cell in cells[1:] if cell]
    return {**declared, "gazetteer": values}
