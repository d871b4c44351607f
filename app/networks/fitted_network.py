"""What the rest of the house knows of a network that was fitted, whatever fitted it."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ..families.contract import Encoding


class FittedNetwork(Protocol):
    """A network with what it has learned."""

    def scores(self, encodings: Sequence[Encoding]) -> NDArray[np.float32]:
        """Compute scores of shape (n_encodings, n_outputs), before any softmax, as training does."""

    def weights(self) -> tuple[str, bytes]:
        """Give what was learned, for further training, as the ending of a file's name and its content."""

    def onnx(self, example: Encoding) -> bytes:
        """Export it for serving; `example` is an input that it can be traced with."""
