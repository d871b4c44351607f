"""The source of the product, as the lint of attacks reads it."""

from pathlib import Path


def texts_of(root: Path) -> dict[str, str]:
    """Give each module's text by its path."""
    return {str(path.relative_to(root)): path.read_text() for path in sorted((root / "app").rglob("*.py"))}
