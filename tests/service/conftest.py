"""A registry that a test may write to."""

import shutil
from pathlib import Path

import pytest


@pytest.fixture
def registry(tiny_models: Path, tmp_path: Path) -> Path:
    """A registry of one's own: `tiny` in versions 1 and 2, and `tinyseq`."""
    return Path(shutil.copytree(tiny_models, tmp_path / "models", ignore=shutil.ignore_patterns(".*")))
