"""
A pipeline to and from the bytes of its files.

Whoever holds the bytes has checked their digests; what is in them is checked here again, since a digest proves only
that a file is the one that was published.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any, Final, TypeVar

import msgspec
import yaml

from ..domain.damage_errors import (
    DamagedModelError,
    MissingFileError,
    UnknownFileError,
    UnreadableFileError,
)
from ..domain.errors import ConfigurationError
from ..domain.example import Reply
from ..entities.declaration import EntityConfig, entities_json, read_entities
from ..entities.finder import EntityFinder
from ..families.catalogue import family_named
from ..families.contract import Features, alone
from ..families.model_config import ModelConfig, resolve
from ..runtime.session import NetworkSession
from ..text.label_encoder import LabelEncoder
from ..text.plain_yaml import read_yaml
from .calibration import Calibration
from .intent_pipeline import IntentPipeline
from .plain_pickle import plain_pickle, read_plain_pickle

CONFIG: Final = "config.yaml"
TOKENIZER: Final = "tokenizer.pkl"
LABEL_ENCODER: Final = "label_encoder.pkl"
NETWORK: Final = "model.onnx"
CALIBRATION: Final = "calibration.json"
RESPONSES: Final = "responses.json"
ENTITIES: Final = "entities.json"
OPTIONAL_FILES: Final = frozenset({RESPONSES, ENTITIES})
SERVED_FILES: Final = OPTIONAL_FILES | {CONFIG, TOKENIZER, LABEL_ENCODER, NETWORK, CALIBRATION}
"""What `load_pipeline` reads."""
LABEL_FILES: Final = frozenset({LABEL_ENCODER, CALIBRATION})

KNOWN_FILES: Final = SERVED_FILES | {
    "dataset.jsonl.gz", "model.weights.h5", "model.weights.npz", "report.html", "report.json",
}  # fmt: skip
"""All that a version may be made of."""

_CONFIGS_KEPT: Final = 256


@dataclass(frozen=True, slots=True)
class PipelineParts:
    """What a pipeline is made of, apart from its network."""

    config: ModelConfig
    features: Features[Any]
    label_encoder: LabelEncoder
    calibration: Calibration
    replies: Mapping[str, Reply]

    def to_files(self) -> dict[str, bytes]:
        """Give the files by name; the same parts give the same bytes."""
        files = {
            CONFIG: config_yaml(self.config),
            TOKENIZER: plain_pickle(self.features.state()),
            LABEL_ENCODER: plain_pickle(list(self.label_encoder.intents)),
            CALIBRATION: _json(asdict(self.calibration)),
        }
        if self.replies:
            files[RESPONSES] = replies_json(self.replies)
        if self.config.entities:
            files[ENTITIES] = entities_json(self.config.entities)
        return files


def config_yaml(config: ModelConfig) -> bytes:
    """Write a configuration as its file has it; entities have a file of their own."""
    values = msgspec.to_builtins(config)
    del values["entities"]
    return yaml.safe_dump(values, sort_keys=False, allow_unicode=True).encode()


def replies_json(replies: Mapping[str, Reply]) -> bytes:
    """Write replies as their file has them; a context that none requires is not written."""
    content = {intent: asdict(replies[intent]) for intent in sorted(replies)}
    for reply in content.values():
        if not reply["context_filter"]:
            del reply["context_filter"]
    return _json(content)


def load_pipeline(name: str, folder: str, files: Mapping[str, bytes]) -> IntentPipeline:
    """
    Build the pipeline of model `name` from verified files; `folder` stands before file names in errors.

    Raises:
        MissingFileError: a file is not among them.
        UnreadableFileError: a file does not hold what it should.
        UnsafePickleError: a pickle names anything but plain values.
    """
    config = load_config(folder, files)
    features_type = family_named(config.family).features
    features = _load(
        folder,
        TOKENIZER,
        files,
        lambda data: features_type.restore(config, read_plain_pickle(f"{folder}/{TOKENIZER}", data)),
    )
    encoder, calibration = load_labels(folder, files)
    replies = load_replies(folder, files)
    session = _load(folder, NETWORK, files, lambda data: NetworkSession(data, f"{folder}/{NETWORK}"))
    n_scores, n_outputs = session.prove(alone(features.probe())), len(encoder) + calibration.knows_none
    if n_scores != n_outputs:
        raise UnreadableFileError(f"{folder}/{NETWORK}", f"it gives {n_scores} scores where {n_outputs} are needed")
    entities = None
    if declared := config.entities:
        entities = _load(folder, ENTITIES, files, lambda _: EntityFinder(declared, name))
        config = msgspec.structs.replace(config, entities={})  # they are in memory once
    return IntentPipeline(name, config, features, session, encoder, calibration, replies, entities)


def refuse_unknown_files(folder: str, names: Iterable[str]) -> None:
    """
    Look at the names of a version's files; nothing reads what has another name, and nobody is to think so.

    Raises:
        UnknownFileError: one is not known.
    """
    for name in sorted(set(names) - KNOWN_FILES):
        raise UnknownFileError(f"{folder}/{name}")


def load_labels(folder: str, files: Mapping[str, bytes]) -> tuple[LabelEncoder, Calibration]:
    """
    Read what a model answers and when it abstains, of verified files; `LABEL_FILES` is enough.

    Raises:
        What `load_pipeline` raises.
    """
    encoder = _load(
        folder, LABEL_ENCODER, files, lambda data: _read_labels(read_plain_pickle(f"{folder}/{LABEL_ENCODER}", data))
    )
    return encoder, _load(folder, CALIBRATION, files, _read_calibration)


def load_config(folder: str, files: Mapping[str, bytes]) -> ModelConfig:
    """
    Read a model's configuration, of verified files.

    Raises:
        What `load_pipeline` raises.
    """
    config, entities = _load(folder, CONFIG, files, _read_config), load_entities(folder, files)
    return msgspec.structs.replace(config, entities=entities) if entities else config


def load_entities(folder: str, files: Mapping[str, bytes]) -> dict[str, EntityConfig]:
    """
    Read what a model finds in texts, of verified files; nothing where there is no such file.

    Raises:
        What `load_pipeline` raises.
    """
    return _load(folder, ENTITIES, files, lambda data: read_entities(data, ENTITIES)) if ENTITIES in files else {}


def load_replies(folder: str, files: Mapping[str, bytes]) -> dict[str, Reply]:
    """
    Read a model's replies, of verified files; none where there is no such file.

    Raises:
        What `load_pipeline` raises.
    """
    return _load(folder, RESPONSES, files, _read_replies) if RESPONSES in files else {}


_T = TypeVar("_T")


def _load(folder: str, name: str, files: Mapping[str, bytes], read: Callable[[bytes], _T]) -> _T:
    if name not in files:
        raise MissingFileError(f"{folder}/{name}")
    try:
        return read(files[name])
    except DamagedModelError:
        raise
    except Exception as error:
        # whatever a reader stumbles over, the file is not what its name says; the reason names no content
        problem = str(error) if isinstance(error, ConfigurationError) else f"{type(error).__name__} while reading it"
        raise UnreadableFileError(f"{folder}/{name}", problem) from error


# Most models are trained with the configuration of others, and to read YAML takes half as long as all else of loading.
# (Its reader in C is quick, and ends the process on what is nested deeply enough.)
@lru_cache(maxsize=_CONFIGS_KEPT)
def _read_config(data: bytes) -> ModelConfig:
    given = read_yaml(data)
    return resolve(family_named(given["family"]).config, given, CONFIG)


def _read_labels(intents: object) -> LabelEncoder:
    if not isinstance(intents, list) or not all(isinstance(intent, str) for intent in intents):
        raise ValueError("not a list of intents")
    if len(set(intents)) != len(intents):
        raise ValueError("an intent stands twice")
    return LabelEncoder(intents)


def _read_calibration(data: bytes) -> Calibration:
    return msgspec.json.decode(data, type=Calibration)


def _read_replies(data: bytes) -> dict[str, Reply]:
    return msgspec.json.decode(data, type=dict[str, Reply])


def _json(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()
