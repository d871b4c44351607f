"""Features that learn more encode what they knew as before, but for the numbers of the terms."""

from typing import Any

import numpy as np
import pytest

from app.families.catalogue import family_named
from app.families.contract import Features
from app.families.model_config import resolve

KNOWN = ["hello there", "will it rain tomorrow", "book a table for two", "the bill please", "raining and snowing"]
ADDED = ["zorblax quibbling", "zorblax the frobnicator", "nibbling frobnicator please"]
TABLES = {"ids": "terms", "term_ids": "terms", "word_ids": "words"}
GROWING = ["bow", "classical", "hybrid", "lstm", "lstm_attention"]


def learned(family: str, **features: Any) -> Features[Any]:
    config = resolve(family_named(family).config, {"features": features}, family)
    return family_named(family).features.learn(config, KNOWN)


def of_table(family: str, name: str) -> str:
    return "words" if family.startswith("lstm") else TABLES[name]


@pytest.mark.parametrize("family", GROWING)
def test_a_text_of_known_terms_is_encoded_as_before(family):
    before = learned(family)
    extension = before.extended([*KNOWN, *ADDED], ADDED)

    for text in KNOWN:
        was, now = before.encode(text), extension.features.encode(text)
        assert was is not None
        assert now is not None
        for name, array in was.items():
            if name.endswith("weights"):
                np.testing.assert_array_equal(now[name], array)
            else:
                np.testing.assert_array_equal(extension.origins[of_table(family, name)][now[name]], array)


@pytest.mark.parametrize("family", GROWING)
def test_terms_of_the_added_texts_are_known_afterwards(family):
    before = learned(family)
    extension = before.extended([*KNOWN, *ADDED], ADDED)
    again = learned(family).restore(before.config, extension.features.state())  # type: ignore[attr-defined]

    for name, array in (again.encode("frobnicator") or {}).items():
        if not name.endswith("weights"):
            origins = extension.origins[of_table(family, name)]
            # new to bags; to words what the word was when it was unknown
            assert (origins[array] < (2 if of_table(family, name) == "words" else 0)).any()
    assert extension.n_left_out == 0


@pytest.mark.parametrize("family", GROWING)
def test_nothing_new_changes_nothing(family):
    before = learned(family)

    assert before.extended(KNOWN, KNOWN[:2]).features.state() == before.state()


@pytest.mark.parametrize(
    ("family", "bound", "room"),
    [("bow", {"max_terms": 10}, 4), ("hybrid", {"bag": {"max_terms": 10}}, 4), ("lstm", {"max_words": 10}, 2)],
)
def test_a_full_vocabulary_takes_a_fifth_more_and_counts_what_it_leaves_out(family, bound, room):
    before = learned(family, **bound)
    extension = before.extended([*KNOWN, *ADDED], ADDED)
    again = extension.features.extended([*KNOWN, *ADDED], ADDED)

    table = "words" if family == "lstm" else "terms"
    n_before = len(before.extended(KNOWN, []).origins[table])
    assert len(extension.origins[table]) == n_before + room
    assert len(again.origins[table]) == n_before + room
    assert extension.n_left_out > 0
    assert again.n_left_out == extension.n_left_out


def test_a_word_begins_as_what_it_was_when_it_was_unknown():
    before = learned("lstm")
    extension = before.extended([*KNOWN, *ADDED], ADDED)
    now = extension.features.encode("quibbling")
    was = before.encode("the quibbling")

    assert now is not None
    assert was is not None
    assert before.n_ids > was["ids"][1] >= before.endings.first_id  # type: ignore[attr-defined]  # "##ing" is known
    assert extension.origins["words"][now["ids"][0]] == was["ids"][1]
