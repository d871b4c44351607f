"""
One file per family: build its Keras network; and what trains and exports any of them.

Law of this layer: the only home of TensorFlow. Arrays and bytes come in and go out; no file is touched but a temporary
one where Keras insists on a path.
"""

import os

# TensorFlow reads these while it is imported; an operator's own values stand.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # noqa: TID251
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")  # noqa: TID251 - these networks train on the CPU
