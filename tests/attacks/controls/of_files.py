"""Controls of what lies in files, and of what is read: rows S1-S18, S29, S30, S36."""

import pickle
from collections.abc import Mapping
from typing import Final

from .control import Control, Patch, constant

CONTROLS: Final[Mapping[str, Control]] = {
    "plain-pickles": Control(
        rows=("S4", "S18"),
        what="a pickle may name nothing: plain values alone are read",
        patches=(Patch("app.pipeline.artifacts", "_PlainUnpickler.find_class", constant(pickle.Unpickler.find_class)),),
    ),
}
