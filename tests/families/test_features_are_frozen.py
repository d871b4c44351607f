"""What a text becomes is part of the artifact format: a model learned before a change must not be served after it."""

import hashlib

import pytest

from app.registry.manifest import FORMAT_VERSION
from app.text.analyzer import TextAnalyzer, TextConfig
from app.text.ngrams import character_ngrams, word_ngrams

TEXTS = [
    "Hello, how are you?",
    "What's the cheapest flight to São Paulo... e.g. on 3,000 €?",
    "I can't log in. It says “error 403” — help!!",
    "¿Dónde está mi tarjeta?",
    "今日の天気はどうですか。",
    "नमस्ते। आप कैसे हैं",
    "C++ & C# at 5% :-) ❤️",
]
# by format version; a new one is added here with the version that it belongs to
DIGESTS = {
    1: {
        "none": "daadc7cbf5f9078f28d0d7059a1430e1222dc50bb5fc7f90d1a6234080cd8fb7",
        "snowball:english": "b2ee60fb6fb68511c1199cc326160efbed897d1006e4281a70de4baca542115c",
    },
}


@pytest.mark.parametrize("stemmer", ["none", "snowball:english"])
def test_a_change_of_features_asks_for_a_new_format_version(stemmer):
    analyzer = TextAnalyzer(TextConfig(stemmer=stemmer))
    features = [
        [words, word_ngrams(words, 2), [character_ngrams(word, 2, 5) for word in words]]
        for words in map(analyzer.words, TEXTS)
    ]

    digest = hashlib.sha256(repr(features).encode()).hexdigest()

    assert digest == DIGESTS[FORMAT_VERSION][stemmer], "raise FORMAT_VERSION, and say in the changelog to train again"
