"""Bound the threads that TensorFlow computes with, so that whoever serves beside a training keeps a core."""

import tensorflow as tf


def bound_threads(n_threads: int) -> None:
    """
    Compute with so many threads at the most; to be called before the first network is built.

    Raises:
        ValueError: it is less than one.
        RuntimeError: TensorFlow has computed already.
    """
    if n_threads < 1:
        raise ValueError(f"{n_threads} threads compute nothing")
    tf.config.threading.set_intra_op_parallelism_threads(n_threads)
    tf.config.threading.set_inter_op_parallelism_threads(n_threads)
