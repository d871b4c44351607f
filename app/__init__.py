"""
Parley: text in, intent out, or an honest "I do not know".

Imports inside this package are relative and nothing is imported here before it is asked for, so that the package can be
installed under another name and each process loads only the layers it needs.
"""

import importlib
from typing import Any

__version__ = "0.1.0"
__all__ = ["IntentModel", "__version__"]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - as modules give what they do not hold yet
    """Give the model of notebooks; its layers are imported now, by a name that no serving process asks for."""
    if name == "IntentModel":
        return importlib.import_module(".notebook.intent_model", __name__).IntentModel
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
