"""A folder with an architecture, its weights, the tokenizer's pickle and that of the labels."""

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

from ..domain.training_errors import UnimportableModelError
from ..families.imported import KERAS_FILTERS, ImportedFeaturesConfig
from .brought import Vocabulary, files_of
from .closed_unpickler import Inert, read_pickle
from .keras_architecture import Architecture, read_architecture
from .keras_network import network_of
from .keras_weights import architecture_within, read_weights

Matrix = Literal["count", "binary", "freq", "tfidf"]
_COUNTS: Final[Mapping[str, Literal["plain", "binary", "share", "sublinear"]]] = {
    "count": "plain", "binary": "binary", "freq": "share", "tfidf": "sublinear",
}  # fmt: skip
_FIRST_STEM: Final = 2  # 0 pads, 1 is an unknown one


class Reading(NamedTuple):
    """What of the old way to read texts stands in no file; the defaults are what the old systems did."""

    matrix: Matrix = "count"
    pads_before: bool = True
    cuts_before: bool = True
    answers_unknown: bool = True


def bring_keras(folder: Path, reading: Reading) -> dict[str, bytes]:
    """
    Bring a folder with `*.yaml` or `*.json`, `*.h5`, `*tok*.pkl` and `*enc*.pkl` along.

    Raises:
        UnimportableModelError: it cannot be brought; the sentence says why.
    """
    described = [path for ending in ("*.yaml", "*.yml", "*.json") for path in sorted(folder.glob(ending))]
    weights = _only(folder, "*.h5", "weights")
    if described:
        if len(described) > 1:
            raise UnimportableModelError(
                folder.name, f"several could be the architecture: {', '.join(p.name for p in described)}"
            )
        architecture = read_architecture(described[0].read_text(), described[0].name)
    elif (within := architecture_within(weights)) is not None:
        architecture = read_architecture(within, weights.name)
    else:
        raise UnimportableModelError(
            folder.name, "no architecture: neither a .yaml or .json file nor one in the .h5 file"
        )
    tokenizer = _of_kind(_only(folder, "*tok*.pkl", "tokenizer"), "Tokenizer")
    encoder = _of_kind(_only(folder, "*enc*.pkl", "label encoder"), "LabelEncoder")
    settings, vocabulary = _tokens(tokenizer, architecture, reading)
    labels = list(encoder.get("classes_", []))
    network = _network(architecture, weights, settings, len(labels))
    return files_of(folder.name, vocabulary.features(settings), labels, network)


def bring_stems(folder: Path) -> dict[str, bytes]:
    """
    Bring a whole saved network along that reads NLTK's tokens as Lancaster's stems, where its vocabulary came along.

    `vocabulary.json` maps stems to ids, `labels.json` lists the tags in the order of the scores.

    Raises:
        UnimportableModelError: it cannot be brought; the sentence says why.
    """
    weights = _only(folder, "*.h5", "weights")
    lacking = [name for name in ("vocabulary.json", "labels.json") if not (folder / name).is_file()]
    if lacking:
        raise UnimportableModelError(
            folder.name,
            f"{' and '.join(lacking)} did not come along with {weights.name}: which id a word had, and which score a "
            "tag, was dealt anew at each start and saved nowhere: without it the weights mean nothing. Train it anew: "
            "python train.py --model NAME --data intents.json",
        )
    within = architecture_within(weights)
    if within is None:
        raise UnimportableModelError(weights.name, "it carries no architecture: it holds weights only")
    architecture = read_architecture(within, weights.name)
    ids, labels = _json(folder / "vocabulary.json"), _json(folder / "labels.json")
    if not isinstance(ids, dict) or not all(type(n) is int and n >= _FIRST_STEM for n in ids.values()):
        raise UnimportableModelError("vocabulary.json", f"expected stems with ids of {_FIRST_STEM} or more")
    if not isinstance(labels, list) or not all(isinstance(label, str) for label in labels):
        raise UnimportableModelError("labels.json", "expected a list of tags")
    columns = max([*ids.values(), 1]) + 1
    settings = _sequence(ImportedFeaturesConfig(reads="stems", columns=columns), architecture, Reading())
    vocabulary = Vocabulary([str(stem) for stem in ids], list(ids.values()), unknown=1)
    network = _network(architecture, weights, settings, len(labels))
    return files_of(folder.name, vocabulary.features(settings), labels, network)


def _network(architecture: Architecture, path: Path, settings: ImportedFeaturesConfig, n_labels: int) -> bytes:
    return network_of(architecture, read_weights(path, architecture.layers), settings.columns, n_labels)


def _tokens(
    tokenizer: Inert, architecture: Architecture, reading: Reading
) -> tuple[ImportedFeaturesConfig, Vocabulary]:
    words = tokenizer.get("word_index")
    if not isinstance(words, dict) or not all(
        isinstance(w, str) and type(n) is int and n > 0 for w, n in words.items()
    ):
        raise UnimportableModelError(tokenizer.origin, "it holds no `word_index` of words with numbers")
    limit = tokenizer.get("num_words")
    columns = int(limit) if limit else max(words.values(), default=0) + 1
    kept = {str(word): number for word, number in words.items() if number < columns}
    out_of_vocabulary = tokenizer.get("oov_token")
    unknown = kept.get(out_of_vocabulary) if out_of_vocabulary is not None else None
    settings = ImportedFeaturesConfig(
        reads="keras_characters" if tokenizer.get("char_level") else "keras_words",
        lower=bool(tokenizer.get("lower", True)),
        filters=str(tokenizer.get("filters", KERAS_FILTERS)),
        split=str(tokenizer.get("split", " ")),
        columns=columns,
        answers_unknown=reading.answers_unknown,
    )
    rarity: list[float] = []
    if architecture.layers[0].kind == "Embedding":
        settings = _sequence(settings, architecture, reading)
    else:
        settings = _replaced(settings, counts=_COUNTS[reading.matrix])
        if reading.matrix == "tfidf":
            n_texts, found = tokenizer.get("document_count", 0), tokenizer.get("index_docs", {})
            rarity = [math.log(1 + n_texts / (1 + found.get(number, 0))) for number in range(columns)]
    return settings, Vocabulary(list(kept), list(kept.values()), rarity, unknown=unknown)


def _sequence(settings: ImportedFeaturesConfig, architecture: Architecture, reading: Reading) -> ImportedFeaturesConfig:
    """Say how ids are cut and filled up; a network that masks 0 is given them without."""
    first, *rest = architecture.layers
    is_masked = bool(first.settings.get("mask_zero"))
    if is_masked and any(layer.kind == "Flatten" for layer in rest):
        raise UnimportableModelError(first.name, "mask_zero with a Flatten layer behind it cannot be brought along")
    return _replaced(
        settings,
        gives="ids",
        length=architecture.input_length,
        pads=not is_masked and architecture.input_length is not None,
        pads_before=reading.pads_before,
        cuts_before=reading.cuts_before,
    )


def _replaced(settings: ImportedFeaturesConfig, **changes: Any) -> ImportedFeaturesConfig:  # noqa: ANN401 - its own values
    return ImportedFeaturesConfig(**{**{key: getattr(settings, key) for key in settings.__struct_fields__}, **changes})


def _only(folder: Path, pattern: str, what: str) -> Path:
    found = sorted(folder.glob(pattern))
    if len(found) != 1:
        names = ", ".join(path.name for path in found) or "there is none"
        raise UnimportableModelError(folder.name, f"expected one {pattern} with the {what}: {names}")
    return found[0]


def _of_kind(path: Path, kind: str) -> Inert:
    content = read_pickle(path)
    if not isinstance(content, Inert) or content.kind != kind:
        raise UnimportableModelError(path.name, f"expected the pickle of a {kind}")
    return content


def _json(path: Path) -> Any:  # noqa: ANN401 - any JSON value
    try:
        return json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        raise UnimportableModelError(path.name, "not JSON that can be read") from None
