"""A dataset as one piece of bytes: what a job learns from, wherever it runs."""

import gzip
from typing import Final

import msgspec

from ..domain.example import Dataset, Example, Reply, text_of
from ..domain.training_errors import UnreadableDataError
from .compressed import gunzipped

_LEVEL: Final = 6


class _Snapshot(msgspec.Struct, forbid_unknown_fields=True):
    source: str
    examples: list[tuple[str, str]]
    out_of_scope: list[str]
    replies: dict[str, Reply]


def to_bytes(dataset: Dataset) -> bytes:
    """Write a dataset, records as their JSON; the same one gives the same bytes."""
    snapshot = _Snapshot(
        dataset.source,
        [(text_of(example.input), example.intent) for example in dataset.examples],
        list(dataset.out_of_scope),
        dict(dataset.replies),
    )
    return gzip.compress(msgspec.json.encode(snapshot), _LEVEL, mtime=0)


def from_bytes(data: bytes) -> Dataset:
    """
    Read what `to_bytes` wrote.

    Raises:
        UnreadableDataError: it did not.
    """
    try:
        snapshot = msgspec.json.decode(gunzipped(data), type=_Snapshot)
    except (ValueError, RecursionError, msgspec.MsgspecError) as error:
        raise UnreadableDataError("snapshot", [(None, f"not a snapshot: {error}")]) from None
    return Dataset(
        tuple([Example(text, intent) for text, intent in snapshot.examples]),
        snapshot.replies,
        snapshot.source,
        tuple(snapshot.out_of_scope),
    )
