"""
Run an exported network.

One thread per session: with the default options 50 models held 53 threads, and requests are what is run in parallel.
Sessions may be called from several threads at once.
"""

from collections.abc import Mapping

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from ..domain.damage_errors import UnreadableFileError

onnxruntime.set_default_logger_severity(4)  # its warnings are about graphs that we made and proved


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
        # It keeps the file's bytes to begin again on another device, nearly half of what a model holds.
        self._session.disable_fallback()
        self._session._model_bytes = None  # noqa: SLF001 - there is no other way to say so
        self._path = path
        self._output = [self._session.get_outputs()[0].name]

    def prove(self, arrays: Mapping[str, NDArray[np.generic]]) -> int:
        """
        Run once before anybody asks, and count the scores of an input.

        Raises:
            UnreadableFileError: the network does not take these arrays, or gives what is not a number.
        """
        try:
            scores = self.scores(arrays)
            n_scores = int(scores.shape[1])
        except Exception as error:  # noqa: BLE001 - as above
            problem = f"it does not take what its tokenizer gives ({type(error).__name__})"
            raise UnreadableFileError(self._path, problem) from None
        if not np.isfinite(scores).all():
            raise UnreadableFileError(self._path, "it gives scores that are not finite")
        return n_scores

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
