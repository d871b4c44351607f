"""A dataset as one piece of bytes: what a job learns from, wherever it runs."""

import gzip
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from ..domain.entity import Annotation
from ..domain.example import Dataset, Example, Reply, text_of
from ..domain.training_errors import UnreadableDataError
from .compressed import gunzipped

_LEVEL: Final = 6


class _Snapshot(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    source: str
    examples: list[tuple[str, str]]
    out_of_scope: list[str]
    replies: dict[str, Reply]
    annotations: dict[int, tuple[Annotation, ...]] = {}
    """Of examples, by their places."""
    entities: dict[str, Any] = {}
    """What the model is to find in texts, where it declares any."""


def to_bytes(dataset: Dataset, entities: Mapping[str, Any] | None = None) -> bytes:
    """Write a dataset, records as their JSON, and what is to be found in texts; the same ones give the same bytes."""
    snapshot = _Snapshot(
        dataset.source,
        [(text_of(example.input), example.intent) for example in dataset.examples],
        list(dataset.out_of_scope),
        dict(dataset.replies),
        {place: one.entities for place, one in enumerate(dataset.examples) if one.entities is not None},
        dict(entities or {}),
    )
    return gzip.compress(msgspec.json.encode(snapshot), _LEVEL, mtime=0)


def from_bytes(data: bytes) -> Dataset:
    """
    Read the dataset that `to_bytes` wrote.

    Raises:
        UnreadableDataError: it did not.
    """
    snapshot = _read(data)
    marked = snapshot.annotations
    return Dataset(
        tuple([Example(one, intent, entities=marked.get(n)) for n, (one, intent) in enumerate(snapshot.examples)]),
        snapshot.replies,
        snapshot.source,
        tuple(snapshot.out_of_scope),
    )


def entities_in(data: bytes) -> dict[str, Any]:
    """
    Read what is to be found in texts, out of what `to_bytes` wrote.

    Raises:
        UnreadableDataError: it did not.
    """
    return _read(data).entities


def _read(data: bytes) -> _Snapshot:
    try:
        return msgspec.json.decode(gunzipped(data), type=_Snapshot)
    except (ValueError, RecursionError, msgspec.MsgspecError) as error:
        raise UnreadableDataError("snapshot", [(None, f"not a snapshot: {error}")]) from None
