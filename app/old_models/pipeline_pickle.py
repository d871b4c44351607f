"""A pickled pipeline of scikit-learn: a vectorizer, perhaps tf-idf, and a classifier of the closed list."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Literal

import numpy as np

from ..domain.training_errors import UnimportableModelError
from ..families.imported import ImportedFeaturesConfig
from .brought import Vocabulary, files_of
from .classifiers import classifier_network
from .closed_unpickler import Inert, read_pickle
from .keras_folder import Reading

_NORMS: Final[dict[str, Literal["none", "l1", "l2"]]] = {"none": "none", "l1": "l1", "l2": "l2"}
_PATTERNS: Final[dict[str, Literal[1, 2]]] = {r"\b\w\w+\b": 2, r"\b\w+\b": 1}


def bring_pipeline(path: Path, reading: Reading) -> dict[str, bytes]:
    """
    Bring one along.

    Raises:
        UnimportableModelError: it cannot be brought; the sentence says why.
    """
    pipeline = read_pickle(path)
    if not isinstance(pipeline, Inert) or pipeline.kind != "Pipeline":
        raise UnimportableModelError(path.name, "expected the pickle of a scikit-learn Pipeline")
    steps = [step for _, step in pipeline.get("steps", []) if isinstance(step, Inert)]
    kinds = [step.kind for step in steps]
    if kinds[:2] == ["CountVectorizer", "TfidfTransformer"] and len(steps) == 3:  # noqa: PLR2004
        vectorizer, weights, classifier = steps[0], steps[1], steps[2]
    elif kinds[:1] == ["TfidfVectorizer"] and len(steps) == 2 and isinstance(steps[0].get("_tfidf"), Inert):  # noqa: PLR2004
        vectorizer, weights, classifier = steps[0], steps[0].get("_tfidf"), steps[1]
    elif kinds[:1] == ["CountVectorizer"] and len(steps) == 2:  # noqa: PLR2004
        vectorizer, weights, classifier = steps[0], None, steps[1]
    else:
        raise UnimportableModelError(
            path.name, f"expected a vectorizer and a classifier, not {', '.join(kinds) or 'nothing'}"
        )
    columns, vocabulary = _terms(vectorizer)
    settings = _settings(vectorizer, weights, columns, reading)
    rarity = _rarity(weights, columns) if weights is not None else ()
    made = Vocabulary(list(vocabulary), list(vocabulary.values()), rarity, _stop_words(vectorizer, settings))
    network = classifier_network(classifier, columns)
    return files_of(path.name, made.features(settings), list(classifier.get("classes_", [])), network)


def _terms(vectorizer: Inert) -> tuple[int, dict[str, int]]:
    held = vectorizer.get("vocabulary_")
    if not isinstance(held, dict) or not held:
        raise UnimportableModelError(vectorizer.origin, "it holds no vocabulary: it was never fitted")
    vocabulary = {str(term): int(place) for term, place in held.items()}
    return max(vocabulary.values()) + 1, vocabulary


def _settings(vectorizer: Inert, weights: Inert | None, columns: int, reading: Reading) -> ImportedFeaturesConfig:
    for key, wanted in (("analyzer", "word"), ("strip_accents", None), ("preprocessor", None), ("tokenizer", None)):
        if vectorizer.get(key, wanted) != wanted:
            raise UnimportableModelError(vectorizer.origin, f"{key}={vectorizer.get(key)!r} cannot be brought along")
    pattern = str(vectorizer.get("token_pattern")).removeprefix("(?u)")
    if pattern not in _PATTERNS:
        raise UnimportableModelError(
            vectorizer.origin, f"token_pattern={pattern!r} is not one of {', '.join(_PATTERNS)}"
        )
    shortest, longest = vectorizer.get("ngram_range", (1, 1))
    counts: Literal["plain", "binary", "sublinear"] = "plain"
    if vectorizer.get("binary"):
        counts = "binary"  # also before a logarithm, which adds nothing to 1
    elif weights is not None and weights.get("sublinear_tf"):
        counts = "sublinear"
    held = (weights.get("norm", "l2") if weights is not None else None) or "none"
    if held not in _NORMS:
        raise UnimportableModelError(vectorizer.origin, f"norm={held!r} cannot be brought along")
    return ImportedFeaturesConfig(
        reads="words",
        lower=bool(vectorizer.get("lowercase", True)),
        shortest_word=_PATTERNS[pattern],
        shortest_run=int(shortest),
        longest_run=int(longest),
        columns=columns,
        counts=counts,
        norm=_NORMS[held],
        answers_unknown=reading.answers_unknown,
    )


def _rarity(weights: Inert, columns: int) -> Sequence[float]:
    if not weights.get("use_idf", True):
        return ()
    found = weights.get("idf_")
    if found is None and isinstance(weights.get("_idf_diag"), Inert):  # as versions before 1.5 kept it
        found = weights.get("_idf_diag").get("data")
    rarity = np.asarray(found if found is not None else [], dtype=np.float64).ravel()
    if len(rarity) != columns:
        raise UnimportableModelError(weights.origin, f"it holds {len(rarity)} weights for {columns} terms")
    return [float(value) for value in rarity]


def _stop_words(vectorizer: Inert, settings: ImportedFeaturesConfig) -> Sequence[str]:
    """Give them where they matter: between the words of a run; alone they are in no vocabulary."""
    held = vectorizer.get("stop_words")
    if held is None or settings.longest_run == 1:
        return ()
    if isinstance(held, str):
        raise UnimportableModelError(
            vectorizer.origin, f"stop_words={held!r} with runs of words cannot be brought along"
        )
    return sorted({str(word) for word in held if re.fullmatch(r"\w+", str(word))})
