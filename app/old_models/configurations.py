"""Old configurations and data as a model's configuration: what the old system set, where it means the same here."""

import json
from pathlib import Path
from typing import Any, Final

from ..data.reader import read_dataset
from ..data.texts import read_texts
from ..domain.training_errors import UnimportableModelError, UnreadableDataError
from .recognised import data_files, sized_config

_SIZES: Final = frozenset({"vocab_size", "embedding_dim", "hidden_dim", "output_dim", "dropout_rate"})
_OF_TESTS: Final = ("test", "eval")
_OUT_OF_SCOPE: Final = ("ood", "out_of_scope", "oos")


def bring_configuration(folder: Path) -> tuple[dict[str, Any], list[Path], list[str]]:
    """
    Give the keys of a model's configuration, the files of data that it names, and what there is to say.

    Raises:
        UnimportableModelError: there is no training data, or sizes that make no sense.
    """
    sizes = sized_config(folder)
    given, notes = _sized(sizes) if sizes else ({"family": "bow"}, [])
    named: dict[str, Path] = {}
    for path in data_files(folder):
        if path == sizes:
            continue
        role = _role(path)
        if role in named:
            raise UnimportableModelError(folder.name, f"{named[role].name} and {path.name} could each be `{role}`")
        _check(path, role)
        named[role] = path
    if "data" not in named:
        raise UnimportableModelError(
            folder.name, "no training data lie beside it, and the weights alone cannot be served"
        )
    return {**given, **{role: path.name for role, path in named.items()}}, list(named.values()), notes


def _sized(path: Path) -> tuple[dict[str, Any], list[str]]:
    try:
        content = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        raise UnimportableModelError(path.name, "not JSON that can be read") from None
    if not isinstance(content, dict) or (unknown := set(content) - _SIZES):
        named = f": {min(unknown)!r} means nothing" if isinstance(content, dict) else ""
        raise UnimportableModelError(path.name, f"expected sizes of a network{named}")
    try:
        network = {
            "embedding_size": int(content["embedding_dim"]),
            "lstm_size": int(content["hidden_dim"]),
            "dropout": float(content.get("dropout_rate", 0.5)),
        }
    except (KeyError, TypeError, ValueError):
        raise UnimportableModelError(path.name, "embedding_dim and hidden_dim are numbers") from None
    family = "lstm_attention" if "attention" in path.stem.casefold() else "lstm"
    notes = [
        f"family {family}, told by the name {path.stem}; it reads both ways and pools: not the same network",
        "vocab_size and output_dim are what the data have",
    ]
    return {"family": family, "network": network}, notes


def _role(path: Path) -> str:
    name = path.stem.casefold()
    is_test = any(part in name for part in _OF_TESTS)
    if any(part in name for part in _OUT_OF_SCOPE):
        return "out_of_scope_test" if is_test else "out_of_scope"
    return "test" if is_test else "data"


def _check(path: Path, role: str) -> None:
    try:
        if role.startswith("out_of_scope"):
            read_texts(path)
        else:
            read_dataset(path)
    except UnreadableDataError as error:
        raise UnimportableModelError(path.name, str(error)) from error
