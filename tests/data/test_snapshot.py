import gzip

import pytest

from app.data.snapshot import from_bytes, to_bytes
from app.domain.example import Dataset, Example, Reply
from app.domain.training_errors import UnreadableDataError

DATASET = Dataset(
    (Example("hello", "greeting"), Example("büro\n", "office")),
    {"greeting": Reply(("hi", "hello"), "met")},
    "request",
    ("what is the weather",),
)


def test_what_was_written_is_read() -> None:
    assert from_bytes(to_bytes(DATASET)) == DATASET


def test_the_same_dataset_gives_the_same_bytes() -> None:
    assert to_bytes(DATASET) == to_bytes(DATASET)


@pytest.mark.parametrize("data", [b"", b"no", gzip.compress(b"{}", mtime=0), to_bytes(DATASET)[:-9]])
def test_anything_else_is_refused(data: bytes) -> None:
    with pytest.raises(UnreadableDataError, match="not a snapshot"):
        from_bytes(data)
