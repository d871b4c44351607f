"""Texts to send in a load test, each different from all others."""

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from ..data.reader import read_dataset
from ..domain.errors import ParleyError
from ..domain.example import inputs_of
from ..domain.training_errors import UnreadableDataError, UnusableDatasetError

_BUNDLED: Final = ("flights/train.tsv", "support/train.csv", "smalltalk/intents.json")
_WORDS: Final = range(8, 13)


def texts_of_file(path: Path) -> list[str]:
    """
    Read texts, one a line; each is kept once, and blank lines are none.

    Raises:
        DatasetError: it cannot be read, or there is no text in it.
    """
    try:
        content = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UnreadableDataError(str(path), [(None, error.strerror or "cannot be read")]) from None
    except UnicodeDecodeError:
        raise UnreadableDataError(str(path), [(None, "not UTF-8")]) from None
    texts = list(dict.fromkeys(line.strip() for line in content.splitlines() if line.strip()))
    if not texts:
        raise UnusableDatasetError(str(path), "no text in it")
    return texts


def bundled_texts(root: Path, n_texts: int) -> list[str]:
    """
    Give texts of eight to twelve words out of the bundled data: whole ones, then halves of two put together.

    Raises:
        ParleyError: the bundled data are not below `root`.
    """
    found = [root / "training_data" / name for name in _BUNDLED]
    if not any(path.exists() for path in found):
        raise ParleyError("the bundled texts are not here: run this in Parley's folder, or give --texts FILE")
    whole = [str(text) for path in found if path.exists() for text in inputs_of(read_dataset(path).examples)]
    return distinct(whole, n_texts)


def distinct(whole: Sequence[str], n_texts: int) -> list[str]:
    """
    Give as many texts as asked for: those of eight to twelve words, then pairs of their halves, the same each time.

    Raises:
        ValueError: so many cannot be made.
    """
    texts = dict.fromkeys(text for text in whole if len(text.split()) in _WORDS)
    words = [text.split() for text in texts]
    if n_texts > len(words) * len(words) // 4:
        raise ValueError(f"{n_texts:,} distinct texts cannot be made of {len(words):,}")
    choose = random.Random(1)  # noqa: S311 - any will do
    while len(texts) < n_texts:
        first, second = choose.choice(words), choose.choice(words)
        texts[" ".join(first[:5] + second[-5:])] = None
    return list(texts)[:n_texts]
