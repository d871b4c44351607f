"""Examples are held out intent by intent, none is lost, and the same seed holds out the same ones."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.data.split import folds, split_texts, stratified_split
from app.domain.example import Example

SPLIT = """
from pathlib import Path
from app.data.reader import read_dataset
from app.data.split import stratified_split

examples = read_dataset(Path("training_data/flights/train.tsv")).examples
print([example.line for example in stratified_split(examples, 0.15, 7)[1]])
"""


def examples_of(intents):
    return [Example(f"text {line}", intent, line) for line, intent in enumerate(intents, 1)]


any_examples = st.lists(st.sampled_from("abcde"), max_size=40).map(examples_of)
fractions = st.floats(0, 0.5)
seeds = st.integers(0, 2**31 - 1)
numbers_of_folds = st.integers(2, 6)

any_texts = st.integers(0, 40).map(lambda n: [f"text {number}" for number in range(n)])

TEN_EACH = examples_of("ab" * 10)


@settings(database=None, deadline=None)
@given(any_examples, fractions, seeds)
def test_no_example_is_lost_and_none_is_on_both_sides(examples, fraction, seed):
    kept, held_out = stratified_split(examples, fraction, seed)

    assert sorted(kept + held_out, key=lambda example: example.line or 0) == examples


@settings(database=None, deadline=None)
@given(any_examples, fractions, seeds)
def test_both_sides_keep_their_order(examples, fraction, seed):
    kept, held_out = stratified_split(examples, fraction, seed)

    assert kept == [example for example in examples if example in kept]
    assert held_out == [example for example in examples if example in held_out]


@settings(database=None, deadline=None)
@given(any_examples, fractions, seeds)
def test_about_the_fraction_of_each_intent_is_held_out(examples, fraction, seed):
    _, held_out = stratified_split(examples, fraction, seed)

    counts, held = Counter(e.intent for e in examples), Counter(e.intent for e in held_out)
    assert all(abs(held[intent] - fraction * count) <= 0.5 for intent, count in counts.items())


@settings(database=None, deadline=None)
@given(any_examples, st.floats(0, 1), seeds)
def test_every_intent_keeps_an_example_to_learn_from(examples, fraction, seed):
    kept, _ = stratified_split(examples, fraction, seed)

    assert {example.intent for example in kept} == {example.intent for example in examples}


@pytest.mark.parametrize("fraction", [0.15, 0.5, 0.99])
def test_an_only_example_is_kept_for_training(fraction):
    examples = examples_of("aaaab")

    kept, held_out = stratified_split(examples, fraction, 7)

    assert examples[-1] in kept
    assert held_out


def test_half_of_each_intent():
    _, held_out = stratified_split(TEN_EACH, 0.5, 7)

    assert Counter(example.intent for example in held_out) == {"a": 5, "b": 5}


@pytest.mark.parametrize("examples", [[], TEN_EACH])
def test_nothing_is_held_out_of_nothing_or_where_nothing_is_asked_for(examples):
    assert stratified_split(examples, 0.0, 7) == (examples, [])


@settings(database=None, deadline=None)
@given(any_examples, fractions, seeds)
def test_the_same_seed_holds_out_the_same_examples(examples, fraction, seed):
    assert stratified_split(examples, fraction, seed) == stratified_split(examples, fraction, seed)


def test_another_seed_holds_out_other_examples():
    held_out = {tuple(e.line for e in stratified_split(TEN_EACH, 0.5, seed)[1]) for seed in range(10)}

    assert len(held_out) > 1


def test_examples_are_held_out_from_anywhere_in_the_file():
    # files are often sorted by likeness: to hold out the first or last would measure something else
    lines = {e.line for seed in range(50) for e in stratified_split(TEN_EACH, 0.2, seed)[1]}

    assert lines == set(range(1, 21))


def test_the_same_examples_are_held_out_under_any_hash_seed(python):
    first = python("-c", SPLIT, environment={"PYTHONHASHSEED": "1"})
    second = python("-c", SPLIT, environment={"PYTHONHASHSEED": "2"})

    assert first.stdout, first.stderr
    assert first.stdout == second.stdout


@settings(database=None, deadline=None)
@given(any_examples, numbers_of_folds, seeds)
def test_of_all_folds_each_example_of_a_repeated_intent_is_held_out_once(examples, n_folds, seed):
    counts = Counter(example.intent for example in examples)

    held_out = [example for _, part in folds(examples, n_folds, seed) for example in part]

    assert sorted(held_out, key=lambda e: e.line or 0) == [e for e in examples if counts[e.intent] > 1]


@settings(database=None, deadline=None)
@given(any_examples, numbers_of_folds, seeds)
def test_in_each_fold_no_example_is_lost_and_both_sides_keep_their_order(examples, n_folds, seed):
    for kept, held_out in folds(examples, n_folds, seed):
        assert kept == [example for example in examples if example not in held_out]
        assert held_out == [example for example in examples if example not in kept]


@settings(database=None, deadline=None)
@given(any_examples, numbers_of_folds, seeds)
def test_in_each_fold_every_intent_keeps_an_example_to_learn_from(examples, n_folds, seed):
    for kept, _ in folds(examples, n_folds, seed):
        assert {example.intent for example in kept} == {example.intent for example in examples}


@settings(database=None, deadline=None)
@given(any_examples, numbers_of_folds, seeds)
def test_folds_share_out_all_examples_and_those_of_each_intent_evenly(examples, n_folds, seed):
    parts = [part for _, part in folds(examples, n_folds, seed)]

    assert len(parts) == n_folds
    for wanted in ("a", "b", "c", "d", "e", "abcde"):
        sizes = [sum(example.intent in wanted for example in part) for part in parts]
        assert max(sizes) - min(sizes) <= 1


def test_the_same_seed_makes_the_same_folds_and_another_makes_others():
    assert folds(TEN_EACH, 3, 7) == folds(TEN_EACH, 3, 7)
    assert folds(TEN_EACH, 3, 7) != folds(TEN_EACH, 3, 8)


@settings(database=None, deadline=None)
@given(any_texts, fractions, seeds)
def test_about_the_fraction_of_texts_without_an_intent_is_held_out(texts, fraction, seed):
    kept, held_out = split_texts(texts, fraction, seed)

    assert kept == [text for text in texts if text not in held_out]
    assert held_out == [text for text in texts if text not in kept]
    assert abs(len(held_out) - fraction * len(texts)) <= 0.5
    assert bool(kept) == bool(texts)
