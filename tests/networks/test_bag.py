"""The bag sums the same whether rows are gathered, as in serving, or multiplied, as in training."""

from typing import Any

import numpy as np
import pytest

from app.networks.bag import Bag

N_IDS, SIZE = 50, 8


@pytest.fixture(scope="module")
def bags() -> tuple[Bag, Bag]:
    """The layer of training, and that of serving with the same weights."""
    return twins(term_dropout=0.5)


def twins(term_dropout: float) -> tuple[Bag, Bag]:
    layers = tuple(Bag(N_IDS, SIZE, term_dropout, serving=serving) for serving in (False, True))
    chance = np.random.default_rng(6)
    weights = [chance.normal(size=(N_IDS, SIZE)), chance.normal(size=SIZE)]
    for layer in layers:
        layer.build(None)
        layer.set_weights(weights)
    return layers[0], layers[1]


def terms(*, texts: int = 5, length: int = 12, padding: int = 0) -> tuple[Any, Any]:
    """Ids and weights at random, a few ids twice in a text, and zeros behind."""
    chance = np.random.default_rng(texts * 100 + length)
    ids = chance.integers(1, N_IDS, (texts, length), dtype=np.int32)
    weights = chance.random((texts, length), dtype=np.float32)
    ids[:, -1] = ids[:, 0]
    return tuple(np.pad(array, ((0, 0), (0, padding))) for array in (ids, weights))  # type: ignore[return-value]


@pytest.mark.parametrize(("texts", "length"), [(1, 1), (1, 200), (5, 12), (64, 3)])
def test_training_and_serving_give_the_same_sums(bags, texts, length):
    training, serving = bags
    ids, weights = terms(texts=texts, length=length)

    assert np.asarray(training(ids, weights)) == pytest.approx(np.asarray(serving(ids, weights)), abs=1e-4)


def test_a_sum_is_that_of_the_rows_times_their_weights_and_the_bias(bags):
    ids, weights = terms()
    table, bias = (np.asarray(value) for value in bags[1].get_weights())

    expected = [(table[of_text] * factor[:, np.newaxis]).sum(axis=0) + bias for of_text, factor in zip(ids, weights, strict=True)]  # fmt: skip  # noqa: E501

    assert np.asarray(bags[1](ids, weights)) == pytest.approx(np.array(expected), abs=1e-4)


def test_padding_adds_nothing_in_either(bags):
    for bag in bags:
        plain, filled = (np.asarray(bag(*terms(padding=padding))) for padding in (0, 9))

        assert filled == pytest.approx(plain, abs=1e-5)


def test_an_id_of_0_adds_nothing_while_training_whatever_its_weight(bags):
    ids, weights = terms(padding=3)
    heavy = weights.copy()
    heavy[:, -3:] = 100.0

    assert np.asarray(bags[0](ids, heavy)) == pytest.approx(np.asarray(bags[0](ids, weights)), abs=1e-5)


def test_a_text_without_terms_is_the_bias_alone(bags):
    blank = np.zeros((2, 3), dtype=np.int32), np.zeros((2, 3), dtype=np.float32)

    for bag in bags:
        assert np.asarray(bag(*blank)) == pytest.approx(np.tile(bag.get_weights()[1], (2, 1)))


def test_terms_are_left_out_while_training_and_never_otherwise():
    training, _ = twins(term_dropout=0.9)
    ids, weights = terms()

    once, again = (np.asarray(training(ids, weights, training=True)) for _ in range(2))

    assert not np.allclose(once, again)
    assert np.array_equal(np.asarray(training(ids, weights)), np.asarray(training(ids, weights)))
