"""What figures depend on besides data and code."""

import importlib.metadata
import os
import platform
from typing import Final

_LIBRARIES: Final = ("tensorflow", "keras", "numpy", "onnxruntime", "scikit-learn", "fasttext-wheel", "fasttext")


def description() -> str:
    """Name cores, Python and the libraries that take part, without anything that tells one machine's owner."""
    cores = os.cpu_count()
    python = f"Python {platform.python_version()}"
    return ", ".join([f"{cores} cores ({platform.machine()}, {platform.system()})", python, *_versions()])


def _versions() -> list[str]:
    found = []
    for library in _LIBRARIES:
        try:
            found.append(f"{library} {importlib.metadata.version(library)}")
        except importlib.metadata.PackageNotFoundError:
            continue
    return found
