"""The optimizer moves rows as Adam does, and only those that were read."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from app.networks.row_adam import RowAdam

RATE = 0.1


def _rows(*gradients: float, rows: list[int]) -> tf.IndexedSlices:
    return tf.IndexedSlices(tf.constant([[gradient] for gradient in gradients]), tf.constant(rows), (3, 1))


@pytest.fixture
def table() -> keras.Variable:
    return keras.Variable(np.ones((3, 1), dtype=np.float32))


def test_rows_that_every_step_reads_move_as_under_keras_own_adam(table) -> None:
    other = keras.Variable(np.ones((3, 1), dtype=np.float32))
    ours, theirs = RowAdam(RATE, by_rows=[table]), keras.optimizers.Adam(RATE)

    for step in range(5):
        gradient = [0.1 * step, 0.2, -0.3]
        ours.apply([_rows(*gradient, rows=[0, 1, 2])], [table])
        theirs.apply([tf.constant(gradient)[:, tf.newaxis]], [other])

    assert np.asarray(table) == pytest.approx(np.asarray(other), abs=1e-6)


def test_a_row_that_a_step_has_not_read_stays(table) -> None:
    optimizer = RowAdam(RATE, by_rows=[table])
    optimizer.apply([_rows(0.5, 0.5, rows=[0, 2])], [table])
    before = np.asarray(table).copy()

    optimizer.apply([_rows(0.5, rows=[0])], [table])

    assert np.asarray(table)[0, 0] != before[0, 0]
    assert np.asarray(table)[1:].tolist() == before[1:].tolist()


def test_a_table_that_is_not_named_moves_as_a_whole_and_sums_what_belongs_to_a_row(table) -> None:
    other = keras.Variable(np.ones((3, 1), dtype=np.float32))
    ours, theirs = RowAdam(RATE, by_rows=[]), keras.optimizers.Adam(RATE)

    for _ in range(3):
        ours.apply([_rows(0.1, 0.3, -0.2, rows=[1, 1, 0])], [table])
        theirs.apply([tf.constant([[-0.2], [0.4], [0.0]])], [other])

    assert np.asarray(table) == pytest.approx(np.asarray(other), abs=1e-6)


def test_gradients_are_scaled_to_a_norm_of_one_over_all_weights(table) -> None:
    bias = keras.Variable(np.ones(1, dtype=np.float32))
    optimizer = RowAdam(RATE, by_rows=[table])

    optimizer.apply([_rows(30.0, rows=[1]), tf.constant([40.0])], [table, bias])

    # the first mean of Adam is a tenth of the gradient
    assert np.asarray(optimizer.variables[2]).ravel() == pytest.approx([0.0, 0.06, 0.0])
    assert np.asarray(optimizer.variables[4]) == pytest.approx([0.08])
