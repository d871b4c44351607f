"""
Run an exported network.

One thread per session: with the default options 50 models held 53 threads, and requests are what is run in parallel.
Sessions may be called from several threads at once.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from ..domain.errors import UnreadableFileError

onnxruntime.set_default_logger_severity(4)  # its warnings are about graphs that we made and proved

_TYPES: Final = {"tensor(int32)": np.int32, "tensor(float)": np.float32}


class NetworkSession:
    """An ONNX network in memory; immutable."""

    def __init__(self, network: bytes, path: str) -> None:
        """
        Read the network; `path` names it in errors.

        Raises:
            UnreadableFileError: it is not a network that can be run.
        """
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        # the arena keeps the peak of the largest batch for ever, and is no quicker for these networks
        options.enable_cpu_mem_arena = False
        try:
            self._session = onnxruntime.InferenceSession(network, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # noqa: BLE001 - onnxruntime's own types share no other base
            raise UnreadableFileError(path, f"not a network that can be run ({type(error).__name__})") from None
        self._path = path
        self._output = [self._session.get_outputs()[0].name]

    def warm_up(self) -> int:
        """
        Run once, so that the first request does not pay for it, and count the scores of an input.

        Raises:
            UnreadableFileError: the network does not run.
        """
        try:
            blank = {
                value.name: np.zeros([_size(dimension) for dimension in value.shape], dtype=_TYPES[value.type])
                for value in self._session.get_inputs()
            }
            return int(self.scores(blank).shape[1])
        except Exception as error:  # noqa: BLE001 - as above
            raise UnreadableFileError(self._path, f"it does not run ({type(error).__name__})") from None

    def scores(self, arrays: Mapping[str, NDArray[np.generic]]) -> NDArray[np.float32]:
        """
        Compute scores.

        Args:
            arrays: by input name, each of shape (n_inputs, length).

        Returns:
            float32 of shape (n_inputs, n_outputs), before any softmax.
        """
        scores: NDArray[np.float32] = self._session.run(self._output, arrays)[0]
        return scores


def _size(dimension: int | str | None) -> int:
    """Give the size of a fixed dimension, and 1 for an open one."""
    return dimension if isinstance(dimension, int) else 1
