"""
Models of other systems, brought along: a text becomes the numbers that it became there.

How words are found and counted is what the Keras tokenizer and scikit-learn's vectorizers do, written anew; which of it
a model does stands in its configuration, as the importer found it. Nothing is learned here: such a model is served, and
trained anew by another family.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, Final, Literal, Self

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from ..domain.example import Input
from ..domain.training_errors import UntrainableOrderError
from ..text.stemmer import build_stemmer
from ..text.tokenizer import tokenize
from .contract import Encoding, Family, Features, State
from .model_config import ModelConfig, Probability

KERAS_FILTERS: Final = '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n'
_WORD: Final = {1: re.compile(r"\b\w+\b"), 2: re.compile(r"\b\w\w+\b")}


class ImportedFeaturesConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How the old model read a text."""

    reads: Literal["keras_words", "keras_characters", "words", "stems"] = "keras_words"
    """As the Keras tokenizer does; runs of letters, as scikit-learn does; or NLTK's tokens and Lancaster's stems."""
    lower: bool = True
    filters: str = KERAS_FILTERS
    """Of the Keras tokenizer: characters that it takes for `split`."""
    split: Annotated[str, Meta(min_length=1, max_length=8)] = " "
    shortest_word: Literal[1, 2] = 2
    """Of `words`."""
    shortest_run: Annotated[int, Meta(ge=1, le=10)] = 1
    longest_run: Annotated[int, Meta(ge=1, le=10)] = 1
    """Runs of words that count as one term; of `words`."""
    gives: Literal["bag", "ids"] = "bag"
    """A number for each term there is, or the terms in order."""
    columns: Annotated[int, Meta(ge=1, le=5_000_000)] = 1
    """Numbers of a bag, or ids that there are."""
    counts: Literal["plain", "binary", "share", "sublinear"] = "plain"
    norm: Literal["none", "l1", "l2"] = "none"
    length: Annotated[int, Meta(ge=1, le=10_000)] | None = None
    """Of ids: so many are kept, at the most."""
    pads: bool = False
    """Whether fewer are filled up with 0; a network that masks 0 needs none."""
    pads_before: bool = True
    cuts_before: bool = True
    answers_unknown: bool = True
    """Whether a text of which nothing is known is answered all the same, as the old system did."""


class ImportedConfig(ModelConfig, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Configuration of an `imported` model."""

    family: str = "imported"
    features: ImportedFeaturesConfig = ImportedFeaturesConfig()
    min_confidence: Probability = 0.0
    """The old systems answer always."""
    keep_dataset: bool = False


class ImportedFeatures(Features[ImportedConfig]):
    """A text as `bag` of shape (columns,), or as `ids` of shape (words,)."""

    def __init__(self, config: ImportedConfig, state: Mapping[str, Any]) -> None:
        """Take what `state` gives: `terms` with the place of each, their `rarity`, `stop_words`, the `unknown` id."""
        self.config, settings = config, config.features
        self._state = {key: state[key] for key in ("terms", "places", "rarity", "stop_words", "unknown")}
        terms, places = state["terms"], state["places"]
        if not all(isinstance(term, str) for term in terms) or len(terms) != len(places):
            raise ValueError(f"{len(terms)} terms with {len(places)} places")
        self._places: dict[str, int] = dict(zip(terms, places, strict=True))
        self._unknown: int | None = state["unknown"]
        known = [*places, *([] if self._unknown is None else [self._unknown])]
        if not all(isinstance(place, int) and 0 <= place < settings.columns for place in known):
            raise ValueError(f"a place beyond {settings.columns}")
        self._rarity = np.frombuffer(state["rarity"], dtype="<f8") if state["rarity"] else None
        if self._rarity is not None and len(self._rarity) != settings.columns:
            raise ValueError(f"{settings.columns} columns with {len(self._rarity)} weights")
        self._stop_words = frozenset(state["stop_words"])
        self._separated = str.maketrans(dict.fromkeys(settings.filters, settings.split))
        self._stem = build_stemmer("lancaster") if settings.reads == "stems" else None

    @classmethod
    def learn(cls, config: ImportedConfig, inputs: Sequence[Input]) -> Self:  # noqa: ARG003 - the contract's
        """
        Refuse.

        Raises:
            UntrainableOrderError: always.
        """
        raise UntrainableOrderError("an imported model is served as it is; train one of another family", "family")

    @classmethod
    def restore(cls, config: ImportedConfig, state: Mapping[str, Any]) -> Self:
        """Come back from a saved state."""
        return cls(config, state)

    def state(self) -> State:
        """Give what it was made from."""
        return dict(self._state)

    def encode(self, model_input: Input) -> Encoding | None:
        """Give what the old model was given."""
        terms = self._terms(str(model_input))
        find, unknown = self._places.get, self._unknown
        places = [place for term in terms if (place := find(term, unknown)) is not None]
        if not places and (not self.config.features.answers_unknown or self._needs_one):
            return None
        return self._bag(places) if self.config.features.gives == "bag" else self._ids(places)

    def probe(self) -> Encoding:
        """Give a bag of everything, or the last id there is."""
        settings = self.config.features
        if settings.gives == "bag":
            return {"bag": np.ones(settings.columns, dtype=np.float32)}
        length = settings.length if settings.pads and settings.length else 1
        return {"ids": np.full(length, settings.columns - 1, dtype=np.int32)}

    @property
    def remembered_bytes(self) -> int:
        """Count the stems."""
        return self._stem.remembered_bytes if self._stem else 0

    @property
    def _needs_one(self) -> bool:
        return self.config.features.gives == "ids" and not self.config.features.pads

    def _terms(self, text: str) -> Iterable[str]:
        settings = self.config.features
        if settings.lower:
            text = text.lower()
        if settings.reads == "keras_characters":
            return text
        if settings.reads == "keras_words":
            return [word for word in text.translate(self._separated).split(settings.split) if word]
        if settings.reads == "stems":
            assert self._stem is not None  # noqa: S101 - made for this
            return [self._stem(token) for token in tokenize(text)]
        words = [word for word in _WORD[settings.shortest_word].findall(text) if word not in self._stop_words]
        return [
            " ".join(words[start : start + n])
            for n in range(settings.shortest_run, settings.longest_run + 1)
            for start in range(len(words) - n + 1)
        ]

    def _bag(self, places: Sequence[int]) -> Encoding:
        settings = self.config.features
        found = Counter(places)
        at = np.fromiter(found, dtype=np.int64, count=len(found))
        values: NDArray[np.float64] = np.fromiter(found.values(), dtype=np.float64, count=len(found))
        if settings.counts == "binary":
            values = np.ones(len(values))
        elif settings.counts == "share":
            values /= max(1, len(places))
        elif settings.counts == "sublinear":
            values = 1 + np.log(values)
        if self._rarity is not None:
            values *= self._rarity[at]
        if settings.norm != "none" and len(values):
            values /= (math.sqrt(values @ values) if settings.norm == "l2" else np.abs(values).sum()) or 1.0
        bag = np.zeros(settings.columns, dtype=np.float32)
        bag[at] = values
        return {"bag": bag}

    def _ids(self, places: Sequence[int]) -> Encoding:
        settings = self.config.features
        ids = np.array(places, dtype=np.int32)
        if settings.length is None:
            return {"ids": ids}
        ids = ids[-settings.length :] if settings.cuts_before else ids[: settings.length]
        if settings.pads:
            missing = settings.length - len(ids)
            ids = np.pad(ids, (missing, 0) if settings.pads_before else (0, missing))
        return {"ids": ids}


FAMILY = Family("imported", ImportedConfig, ImportedFeatures)
