"""Which of the old systems left a folder, told by what lies in it."""

from enum import StrEnum
from pathlib import Path
from typing import Final

from ..domain.training_errors import UnimportableModelError

_TORCH: Final = ("*.pth", "*.pt")


class OldModel(StrEnum):
    """What can be brought along, each in its own way."""

    KERAS = "keras"
    """Architecture, weights, the pickles of tokenizer and labels: becomes a version."""
    STEMS = "stems"
    """A whole saved network beside `intents.json`: becomes a version where its vocabulary came along."""
    PIPELINE = "pipeline"
    """A pickled pipeline of scikit-learn: becomes a version."""
    JSON_CONFIG = "json-config"
    """Sizes of a network in JSON, and data: becomes a configuration to train from."""
    DATA = "data"
    """Training data alone: the same."""


def recognised(path: Path) -> OldModel:
    """
    Say what lies there.

    Raises:
        UnimportableModelError: nothing that can be brought along; the sentence says why.
    """
    if path.is_file() and path.suffix == ".pkl":
        return OldModel.PIPELINE
    if not path.is_dir():
        raise UnimportableModelError(path.name, "expected a folder, or one .pkl file")
    pickles = sorted(path.glob("*.pkl"))
    if any(path.glob("*.h5")):
        if any(path.glob("*tok*.pkl")) or any(path.glob("*enc*.pkl")) or any(path.glob("*.y*ml")):
            return OldModel.KERAS
        return OldModel.STEMS
    if len(pickles) == 1:
        return OldModel.PIPELINE
    if sized_config(path) is not None:
        return OldModel.JSON_CONFIG
    if data_files(path):
        return OldModel.DATA
    if any(file for pattern in _TORCH for file in path.glob(pattern)):
        raise UnimportableModelError(
            path.name,
            "weights of PyTorch without their configuration and data; bring the JSON configuration and the TSV files, "
            "and train it anew",
        )
    if pickles:
        raise UnimportableModelError(
            path.name, f"{len(pickles)} pickles and no weights: name the one that is a pipeline"
        )
    raise UnimportableModelError(path.name, "nothing in it is a model or data of a system that is known here")


def sized_config(folder: Path) -> Path | None:
    """Give the JSON file that holds sizes of a network, or None where there is none."""
    for path in sorted(folder.glob("*.json")):
        if b'"embedding_dim"' in path.read_bytes()[:65_536]:
            return path
    return None


def data_files(folder: Path) -> list[Path]:
    """Give the files of examples, sorted."""
    return sorted(path for ending in ("csv", "tsv", "json", "jsonl") for path in folder.glob(f"*.{ending}"))
