"""Folders as the old systems left them, made here: networks of our own, words of our own."""

import pickle
import sys
from collections import OrderedDict, defaultdict
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import yaml

TEXTS = {
    "action > order": ["one tea please", "two coffees to go", "a tea and a bun please", "please bring me a coffee"],
    "action > bill": ["the bill please", "can i pay now", "how much is the tea", "pay by card please"],
    "Others": ["it is cold in here", "nice window", "the window is nice and cold", "here it is"],
    "others": ["who won", "sing a song", "who sings here", "a song of the sea"],
}
ASKED = [
    *(text for texts in TEXTS.values() for text in texts),
    "Please: a COFFEE, and the bill!",
    "tea tea tea (and tea)",
    "never-seen words only",
    "",
    "  who?won ",
]
KERAS_FILTERS = '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n'


class Tokenizer:
    """Holds what that of Keras holds, and turns texts into numbers as its documentation says."""

    def __init__(self, num_words: int | None = None, oov_token: str | None = None) -> None:
        self.num_words, self.oov_token = num_words, oov_token
        self.filters, self.lower, self.split, self.char_level = KERAS_FILTERS, True, " ", False
        self.document_count = 0
        self.word_counts: OrderedDict[str, int] = OrderedDict()
        self.word_index: dict[str, int] = {}
        self.index_docs: defaultdict[int, int] = defaultdict(int)

    def words(self, text: str) -> list[str]:
        for character in self.filters:
            text = text.replace(character, self.split)
        return [word for word in text.lower().split(self.split) if word]

    def fit(self, texts: Sequence[str]) -> "Tokenizer":
        for text in texts:
            self.document_count += 1
            for word in self.words(text):
                self.word_counts[word] = self.word_counts.get(word, 0) + 1
        ranked = sorted(self.word_counts, key=lambda word: -self.word_counts[word])
        ranked = [self.oov_token, *ranked] if self.oov_token else ranked
        self.word_index = {word: number for number, word in enumerate(ranked, 1)}
        for text in texts:
            for word in set(self.words(text)):
                self.index_docs[self.word_index[word]] += 1
        return self

    def ids(self, text: str) -> list[int]:
        found = []
        for word in self.words(text):
            number = self.word_index.get(word)
            if number is None or (self.num_words and number >= self.num_words):
                number = self.word_index.get(self.oov_token) if self.oov_token else None
            if number is not None:
                found.append(number)
        return found

    def matrix(self, texts: Sequence[str], mode: str = "count") -> np.ndarray:
        columns = self.num_words or len(self.word_index) + 1
        rows = np.zeros((len(texts), columns))
        for row, text in zip(rows, texts, strict=True):
            ids = self.ids(text)
            for number in set(ids):
                count = ids.count(number)
                idf = np.log(1 + self.document_count / (1 + self.index_docs.get(number, 0)))
                row[number] = {
                    "count": count,
                    "binary": 1,
                    "freq": count / len(ids),
                    "tfidf": (1 + np.log(count)) * idf,
                }[mode]
        return rows

    def padded(self, texts: Sequence[str], length: int, side: str = "pre") -> np.ndarray:
        rows = np.zeros((len(texts), length), dtype=np.int32)
        for row, text in zip(rows, texts, strict=True):
            if ids := self.ids(text)[-length:] if side == "pre" else self.ids(text)[:length]:
                row[slice(-len(ids), None) if side == "pre" else slice(0, len(ids))] = ids
        return rows


def dumped(value: object, module: str, protocol: int = 2) -> bytes:
    """Pickle a value under the module that the old system had it from."""
    kind, home = type(value), type(value).__module__
    made = {}
    for depth in range(1, module.count(".") + 2):
        name = ".".join(module.split(".")[:depth])
        if name not in sys.modules:
            made[name] = sys.modules[name] = ModuleType(name)
    setattr(sys.modules[module], kind.__name__, kind)
    try:
        kind.__module__ = module
        return pickle.dumps(value, protocol=protocol)
    finally:
        kind.__module__ = home
        if made:
            for name in made:
                del sys.modules[name]
        else:
            delattr(sys.modules[module], kind.__name__)


def keras_2_yaml(layers: Sequence[tuple[str, dict[str, Any]]], shape: str) -> str:
    """Write an architecture as `to_yaml` of Keras 2 did, tuples and all."""
    written = [{"class_name": kind, "config": config} for kind, config in layers]
    content = {
        "backend": "tensorflow",
        "class_name": "Sequential",
        "config": {"layers": written, "name": "sequential_1"},
        "keras_version": "2.3.1",
    }
    text = yaml.safe_dump(content, default_flow_style=False)
    return text.replace("SHAPE", f"!!python/tuple {shape}")


def write_pickles(
    folder: Path, tokenizer: Tokenizer, labels: Sequence[str], module: str = "keras_preprocessing.text"
) -> None:
    from sklearn.preprocessing import LabelEncoder

    (folder / "bot_tokenizer.pkl").write_bytes(dumped(tokenizer, module))
    (folder / "bot_encoder.pkl").write_bytes(pickle.dumps(LabelEncoder().fit(list(labels)), protocol=4))
