"""A training beside a server computes with as many threads as it was given."""

import pytest

from app.networks.threads import bound_threads

# Computes, prints the bounds that TensorFlow keeps, and tries to move them afterwards.
TRAIN = """
import sys
from app.networks.threads import bound_threads

bound_threads(int(sys.argv[1]))
import tensorflow as tf

size = tf.random.stateless_uniform((400, 400), (1, 2))
print(float(tf.reduce_sum(tf.matmul(size, size))) > 0)
print(tf.config.threading.get_intra_op_parallelism_threads(), tf.config.threading.get_inter_op_parallelism_threads())
try:
    bound_threads(3)
except RuntimeError:
    print("too late")
"""


def test_tensorflow_computes_with_no_more_and_is_told_before_it_does(python):
    done = python("-c", TRAIN, 1)

    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["True", "1 1", "too late"]


@pytest.mark.parametrize("n_threads", [0, -1])
def test_no_thread_at_all_is_refused(n_threads):
    with pytest.raises(ValueError, match="threads compute nothing"):
        bound_threads(n_threads)
