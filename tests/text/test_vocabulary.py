"""What is learned from texts depends on the texts alone: not on hashing, and not on their order."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.text.vocabulary import Vocabulary

LEARN_VOCABULARY = """
from pathlib import Path
from app.data.reader import read_dataset
from app.text.vocabulary import Vocabulary

examples = read_dataset(Path("training_data/flights/train.tsv")).examples
texts = [example.input.split() for example in examples]
print(Vocabulary.learn(texts, min_count=1, max_terms=900).terms)
"""
LEARN_FEATURES = """
import hashlib
from pathlib import Path
from app.data.reader import read_dataset
from app.families.catalogue import family_names, family_named

examples = read_dataset(Path("training_data/flights/train.tsv")).examples
for name in family_names():
    family = family_named(name)
    state = family.features.learn(family.config(), [example.input for example in examples]).state()
    print(name, sorted(state), hashlib.sha256(repr(state).encode()).hexdigest())
"""

TEXTS = [["book", "a", "table"], ["a", "table", "table", "table"], ["a", "flight"]]

any_texts = st.lists(st.lists(st.sampled_from("abcdefgh"), max_size=5), max_size=12)


def learned(texts, *, min_count=1, max_terms=100, first_id=0):
    return Vocabulary.learn(texts, min_count=min_count, max_terms=max_terms, first_id=first_id)


def test_terms_of_more_texts_come_first_and_ties_by_code_point():
    assert learned(TEXTS).terms == ("a", "table", "book", "flight")


@pytest.mark.parametrize(
    ("min_count", "terms"), [(1, ("a", "table", "book", "flight")), (2, ("a", "table")), (3, ("a",)), (4, ())]
)
def test_a_term_of_too_few_texts_is_left_out(min_count, terms):
    assert learned(TEXTS, min_count=min_count).terms == terms


def test_a_term_is_counted_once_a_text():
    assert learned([["yes", "yes", "yes"], ["no"], ["no"]]).terms == ("no", "yes")


def test_the_rarest_terms_go_where_there_are_too_many():
    assert learned(TEXTS, max_terms=3).terms == ("a", "table", "book")


def test_ids_begin_where_the_family_wants():
    assert learned(TEXTS, first_id=2).ids == {"a": 2, "table": 3, "book": 4, "flight": 5}


def test_a_vocabulary_comes_back_from_its_terms():
    before = learned(TEXTS, first_id=1)

    after = Vocabulary(list(before.terms), first_id=1)

    assert (after.terms, after.ids, len(after)) == (before.terms, before.ids, len(before))


def test_no_texts_give_no_terms():
    assert len(learned([])) == 0


@settings(database=None, deadline=None)
@given(any_texts, st.data())
def test_the_order_of_texts_and_of_words_in_them_does_not_matter(texts, data):
    shuffled = [data.draw(st.permutations(text)) for text in data.draw(st.permutations(texts))]

    assert learned(shuffled).terms == learned(texts).terms


@settings(database=None, deadline=None)
@given(any_texts, st.integers(1, 4))
def test_a_term_is_known_exactly_if_it_stands_in_enough_texts(texts, min_count):
    known = learned(texts, min_count=min_count).ids

    assert {term for term in "abcdefgh" if sum(term in text for text in texts) >= min_count} == set(known)


@pytest.mark.parametrize("learn", [LEARN_VOCABULARY, LEARN_FEATURES], ids=["vocabulary", "features"])
def test_the_same_is_learned_under_any_hash_seed(python, learn):
    first = python("-c", learn, environment={"PYTHONHASHSEED": "1"})
    second = python("-c", learn, environment={"PYTHONHASHSEED": "2"})

    assert first.stdout, first.stderr
    assert first.stdout == second.stdout
