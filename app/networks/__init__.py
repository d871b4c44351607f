"""
One file per family: `build` its Keras network, or `fit` anything else; and what trains and exports any of them.

Law of this layer: the only home of TensorFlow, scikit-learn, scipy and onnx. Arrays and bytes come in and go out; no
file is touched but event logs where asked for, and a temporary one where Keras insists on a path.
"""

import os
import sys

# TensorFlow reads these while it is imported; an operator's own values stand.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # noqa: TID251
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")  # noqa: TID251 - these networks train on the CPU


def _import_tensorflow() -> None:
    """Import it without the lines that its native code writes past every setting; an error is raised as ever."""
    sys.stderr.flush()
    kept = os.dup(2)
    with open(os.devnull, "wb") as nowhere:  # noqa: PTH123 - a device, not a path
        os.dup2(nowhere.fileno(), 2)
    try:
        import tensorflow as tf  # noqa: F401, PLC0415
    finally:
        os.dup2(kept, 2)
        os.close(kept)


_import_tensorflow()
