"""Where cheap trainers publish."""

from pathlib import Path

import pytest


@pytest.fixture
def registry(tmp_path: Path) -> Path:
    (tmp_path / "registry").mkdir()
    return tmp_path / "registry"
