"""The dataset that the active version of a model was trained on, for drafts to begin with."""

from collections.abc import Callable
from typing import Any, Final

import msgspec
from msgspec import UNSET, UnsetType

from ..data.compressed import gunzipped
from ..domain.damage_errors import UnreadableFileError
from ..domain.errors import AliasNotFoundError
from ..domain.example import Dataset, Example, Input, text_of
from ..domain.model_reference import ModelReference
from ..registry.model_registry import ModelRegistry
from ..registry.verified_files import read_verified

DATASET: Final = "dataset.jsonl.gz"


class _Line(msgspec.Struct):
    intent: str | None
    text: str | UnsetType = UNSET
    record: dict[str, Any] | UnsetType = UNSET

    @property
    def input(self) -> Input:
        if self.record is not UNSET:
            return self.record
        if self.text is UNSET:
            raise msgspec.ValidationError("neither a text nor a record")
        return self.text


def reading_active_datasets(registry: ModelRegistry) -> Callable[[str], tuple[int, Dataset] | None]:
    """Give what finds the active version of a model and reads the dataset it has kept; None where it kept none."""

    def read(model: str) -> tuple[int, Dataset] | None:
        """
        Read it.

        Raises:
            ModelNotFoundError: there is no such model.
            DamagedModelError: it cannot be trusted.
        """
        try:
            version = registry.resolve(ModelReference(model))
        except AliasNotFoundError:
            return None
        for entry in registry.manifest(model, version).files.values():
            if entry.path == DATASET:
                path = f"{model}/{version}/{DATASET}"
                return version, _dataset(read_verified(registry.folder, path, entry.n_bytes, entry.sha256), path)
        return None

    return read


def _dataset(data: bytes, path: str) -> Dataset:
    try:
        lines = msgspec.json.Decoder(_Line).decode_lines(gunzipped(data))
    except (ValueError, msgspec.MsgspecError) as error:
        raise UnreadableFileError(path, f"it is no dataset: {error}") from None
    examples = tuple([Example(line.input, line.intent) for line in lines if line.intent is not None])
    outside = tuple([text_of(line.input) for line in lines if line.intent is None])
    return Dataset(examples, source=path, out_of_scope=outside)
