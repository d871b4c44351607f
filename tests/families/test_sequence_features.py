"""Words in order: an unknown word has its place, which is not that of no word."""

import pytest

from app.families.catalogue import family_named
from app.families.model_config import resolve

TEXTS = ["book a table", "will it rain", "bring the bill"]


@pytest.mark.parametrize("name", ["lstm", "lstm_attention"])
def test_an_unknown_word_is_told_from_no_word(name):
    family = family_named(name)
    features = family.features.learn(resolve(family.config, {}, "test"), TEXTS)

    def ids(text):
        encoding = features.encode(text)
        assert encoding is not None
        [array] = encoding.values()
        return array.tolist()

    assert ids("book qqqq table") == [*ids("book"), 1, *ids("table")]
    assert 0 not in ids("book qqqq table")
    assert features.encode("qqqq") is None
