"""Every example is in one batch of every epoch, beside others of its length, and a seed decides which."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from app.families.contract import Encoding
from app.networks.batches import batches, padded

N = 1_000


def encoding(number: int, length: int) -> Encoding:
    return {"ids": np.full(length, number + 1, dtype=np.int32), "words": np.ones(1 + length // 3, dtype=np.float32)}


def encodings() -> list[Encoding]:
    """Each holds its own number and one more, so that it can be told from all others."""
    lengths = np.random.default_rng(4).integers(1, 40, N)
    return [encoding(number, int(length)) for number, length in enumerate(lengths)]


def epochs(given: Sequence[Encoding], n_epochs: int, *, batch_size: int = 16, seed: int | None = 7) -> Any:
    """Batches of some epochs: (ids, targets, weights) of each batch."""
    numbers = np.arange(len(given), dtype=np.float32)
    dataset = batches(given, numbers[:, np.newaxis], numbers * 2, batch_size=batch_size, seed=seed)
    return [
        [(arrays["ids"].numpy(), targets.numpy(), weights.numpy()) for arrays, targets, weights in dataset]
        for _ in range(n_epochs)
    ]


def numbers_of(batch: Any) -> list[int]:
    return [int(row[0]) - 1 for row in batch[0]]


@pytest.mark.parametrize("seed", [None, 7])
@pytest.mark.parametrize("batch_size", [1, 16, 999, 1_000, 4_096])
def test_every_example_is_in_an_epoch_exactly_once(batch_size, seed):
    for epoch in epochs(encodings(), 2, batch_size=batch_size, seed=seed):
        assert sorted(number for batch in epoch for number in numbers_of(batch)) == list(range(N))
        assert len(epoch) == -(-N // batch_size)
        assert max(len(batch[0]) for batch in epoch) <= batch_size


def test_targets_and_weights_stay_with_their_example():
    [epoch] = epochs(encodings(), 1)

    for batch in epoch:
        assert batch[1][:, 0].tolist() == numbers_of(batch)
        assert batch[2].tolist() == [2 * number for number in numbers_of(batch)]


def test_the_same_seed_gives_the_same_batches_and_another_others():
    first, again, other = (epochs(encodings(), 2, seed=seed) for seed in (7, 7, 8))
    drawn = [[numbers_of(batch) for epoch in run for batch in epoch] for run in (first, again, other)]

    assert drawn[0] == drawn[1]
    assert drawn[0] != drawn[2]


def test_an_epoch_draws_other_batches_than_the_one_before():
    one, other = epochs(encodings(), 2)

    together = [{frozenset(numbers_of(batch)) for batch in epoch} for epoch in (one, other)]
    assert not together[0] & together[1]


def test_without_a_seed_every_epoch_is_the_same():
    one, other = epochs(encodings(), 2, seed=None)

    assert [numbers_of(batch) for batch in one] == [numbers_of(batch) for batch in other]


def test_what_is_batched_together_is_of_similar_length():
    [epoch] = epochs(encodings(), 1)

    filled = sum(int((batch[0] == 0).sum()) for batch in epoch)
    known = sum(int((batch[0] > 0).sum()) for batch in epoch)

    assert filled < known / 5  # drawn at random it would be two thirds


def test_batches_do_not_come_in_the_order_of_their_lengths():
    [epoch] = epochs(encodings(), 1)

    lengths = [batch[0].shape[1] for batch in epoch]
    assert np.abs(np.corrcoef(lengths, np.arange(len(lengths)))[0, 1]) < 0.5


def test_arrays_of_different_lengths_are_each_filled_up_to_their_own_longest():
    arrays = padded([encoding(0, 3), encoding(1, 9), encoding(2, 1)])

    assert {name: array.shape for name, array in arrays.items()} == {"ids": (3, 9), "words": (3, 4)}
    assert {name: array.dtype for name, array in arrays.items()} == {"ids": np.int32, "words": np.float32}
    assert arrays["ids"].tolist() == [[1] * 3 + [0] * 6, [2] * 9, [3] + [0] * 8]
