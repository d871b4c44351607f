"""What most people would try first, as contenders: linear models on TF-IDF, and fastText."""

import importlib.util
import pickle
import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from .contract import Contender, Train, Trained, digest_of
from .sets import Row

SVM: Final = "svm"
LOGISTIC: Final = "logistic"
FASTTEXT: Final = "fasttext"
NAMES: Final = (SVM, LOGISTIC, FASTTEXT)

_TFIDF: Final[dict[str, dict[str, Any]]] = {
    "words": {"ngram_range": (1, 2), "sublinear_tf": True},
    "characters": {"analyzer": "char_wb", "ngram_range": (2, 5), "sublinear_tf": True},
}
# module, class, and arguments
_CLASSIFIERS: Final[dict[str, tuple[str, str, dict[str, Any]]]] = {
    SVM: ("sklearn.svm", "LinearSVC", {}),
    LOGISTIC: ("sklearn.linear_model", "LogisticRegression", {"C": 10, "max_iter": 1000}),
}
# Chosen by cross-validation on training data: its own defaults learn next to nothing from sets of a few examples.
_FASTTEXT: Final[dict[str, Any]] = {
    "lr": 1.0,
    "epoch": 100,
    "dim": 100,
    "wordNgrams": 2,
    "minn": 2,
    "maxn": 5,
    "bucket": 200_000,
    "loss": "softmax",
}
_LABEL: Final = "__label__"
_TOKEN: Final = re.compile(r"\w+|[^\w\s]")


def contender(name: str) -> Contender:
    """Give a reference by name."""
    return {
        SVM: Contender(SVM, "TF-IDF, linear SVM", _digest(_TFIDF, _CLASSIFIERS[SVM]), lambda: _linear(SVM)),
        LOGISTIC: Contender(
            LOGISTIC,
            "TF-IDF, logistic regression",
            _digest(_TFIDF, _CLASSIFIERS[LOGISTIC]),
            lambda: _linear(LOGISTIC),
            seeded=False,
        ),
        FASTTEXT: Contender(
            FASTTEXT,
            "fastText",
            _digest(_FASTTEXT),
            _fasttext,
            available=importlib.util.find_spec("fasttext") is not None,
        ),
    }[name]


def _digest(*settings: object) -> str:
    return digest_of(*(repr(each).encode() for each in settings))


def _linear(name: str) -> Train:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_pipeline, make_union

    module, kind, settings = _CLASSIFIERS[name]
    classifier = getattr(importlib.import_module(module), kind)

    def train(rows: Sequence[Row], seed: int) -> Trained:
        terms = make_union(*(TfidfVectorizer(**of_terms) for of_terms in _TFIDF.values()))
        model = make_pipeline(terms, classifier(**settings, random_state=seed))
        model.fit([row.text for row in rows], [row.intent for row in rows])
        return _TrainedLinear(model)

    return train


@dataclass(frozen=True, slots=True)
class _TrainedLinear:
    model: Any
    note: str = ""

    def intents(self, texts: Sequence[str]) -> list[str | None]:
        return list(map(str, self.model.predict(list(texts))))

    def answer(self, text: str) -> object:
        return self.model.predict([text])

    def served_bytes(self) -> int:
        return len(pickle.dumps(self.model))


def _fasttext() -> Train:
    fasttext = importlib.import_module("fasttext")

    def train(rows: Sequence[Row], seed: int) -> Trained:
        intents = sorted({row.intent for row in rows})
        numbers = {intent: number for number, intent in enumerate(intents)}
        lines = [f"{_LABEL}{numbers[row.intent]} {_spaced(row.text)}\n" for row in rows]
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "train.txt"
            path.write_text("".join(lines), encoding="utf-8")
            # one thread: several give another result each time
            model = fasttext.train_supervised(input=str(path), seed=seed, thread=1, verbose=0, **_FASTTEXT)
        return _TrainedFastText(model, intents)

    return train


@dataclass(frozen=True, slots=True)
class _TrainedFastText:
    model: Any
    names: Sequence[str]
    note: str = ""

    def intents(self, texts: Sequence[str]) -> list[str | None]:
        return [self._best(text) for text in texts]

    def answer(self, text: str) -> object:
        return self._best(text)

    def served_bytes(self) -> int:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "model.bin"
            self.model.save_model(str(path))
            return path.stat().st_size

    def _best(self, text: str) -> str | None:
        # not `model.predict`, which asks numpy 2 for a copy that it no longer makes
        found = self.model.f.predict(f"{_spaced(text)}\n", 1, 0.0, "strict")
        return self.names[int(found[0][1].removeprefix(_LABEL))] if found else None


def _spaced(text: str) -> str:
    return " ".join(_TOKEN.findall(text.lower()))
