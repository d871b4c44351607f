"""
The configuration of a model: every hyper-parameter, with its default, range and meaning.

What all families share stands here; a family adds its `features` and `network` and may change defaults.
"""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, Literal, TypeVar

import msgspec
from msgspec import Meta

from ..domain.configuration_errors import UnknownKeyError
from ..domain.errors import InvalidValueError
from ..entities.declaration import EntityConfig, settled
from ..text.analyzer import TextConfig

Probability = Annotated[float, Meta(ge=0.0, le=1.0)]
Fraction = Annotated[float, Meta(ge=0.0, lt=1.0)]


class TrainingConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How a network is fitted."""

    seed: Annotated[int, Meta(ge=0, le=2**31 - 1)] = 7
    epochs: Annotated[int, Meta(ge=1, le=10_000)] | None = None
    """At the most; absent: as many as make 1,000 steps, from 12 to 40, and 100 steps at least."""
    patience: Annotated[int, Meta(ge=1, le=10_000)] | None = None
    """Training stops this many epochs after the last better validation loss; absent: a quarter of all, 8 or more."""
    batch_size: Annotated[int, Meta(ge=1, le=4_096)] | None = None
    """Examples of a step; absent: about a hundredth of all, from 32 to 128."""
    learning_rate: Annotated[float, Meta(gt=0.0, le=1.0)] = 0.005
    """Its peak: it rises over the first twentieth of the steps, then falls to 0 along a cosine."""
    validation_fraction: Annotated[float, Meta(ge=0.0, le=0.5)] = 0.15
    """Of the examples, held out by intent; an intent with one example keeps it for training."""
    refit: bool = True
    """Whether, once the best number of epochs is known, the network is trained that long on all examples."""
    class_weights: Literal["balanced", "softened", "none"] = "softened"
    """Weight of an intent's examples: as 1/count, as 1/sqrt(count), or all alike."""
    label_smoothing: Fraction = 0.0


class ModelConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What every family's configuration has; each family adds `features` and `network`."""

    family: str
    text: TextConfig = TextConfig()
    training: TrainingConfig = TrainingConfig()
    min_confidence: Probability = 0.3
    """Below this calibrated probability the answer is a fallback."""
    keep_dataset: bool = True
    """Whether a version keeps the examples it was trained on."""
    entities: dict[str, EntityConfig] = {}
    """What is found in texts, by name; a version keeps it in a file of its own."""


ConfigT = TypeVar("ConfigT", bound=msgspec.Struct)


def resolve(config: type[ConfigT], given: Mapping[str, Any], where: str) -> ConfigT:
    """
    Complete what was given with defaults and check it; `where` names the file or flag in errors.

    Raises:
        UnknownKeyError: a key means nothing.
        InvalidValueError: a value is of the wrong type or out of its range.
    """
    merged = _merged(msgspec.to_builtins(config()), given, where)
    if merged.get("entities"):
        merged["entities"] = settled(merged["entities"], where)
    try:
        # Not strict: YAML 1.1 reads `1e-3` as text, and flags are text.
        return msgspec.convert(merged, config, strict=False)
    except InvalidValueError as error:
        raise InvalidValueError(where, str(error)) from None
    except msgspec.ValidationError as error:
        raise InvalidValueError(where, str(error)) from None


def refuse_unknown_keys(given: Iterable[str], known: Sequence[str], where: str) -> None:
    """
    Look for keys that mean nothing.

    Raises:
        UnknownKeyError: there is one; the error names the known one most like it.
    """
    for key in given:
        if key not in known:
            nearest = difflib.get_close_matches(str(key), known, n=1, cutoff=0.5)
            raise UnknownKeyError(str(key), where, nearest[0] if nearest else None, known)


def _merged(defaults: Mapping[str, Any], given: Mapping[str, Any], where: str) -> dict[str, Any]:
    refuse_unknown_keys(given, list(defaults), where)
    merged = dict(defaults)
    for key, value in given.items():
        if isinstance(defaults[key], Mapping) and defaults[key]:  # one without keys of its own takes any
            if not isinstance(value, Mapping):
                raise InvalidValueError(f"{where}: {key}", f"expected keys and values, got {value!r}")
            merged[key] = _merged(defaults[key], value, f"{where}: {key}")
        else:
            merged[key] = value
    return merged
