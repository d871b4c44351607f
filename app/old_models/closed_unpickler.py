"""
Pickles of the old systems, read without running anything of theirs.

A pickle names what it is made of. What is on the list becomes an inert object that holds the values and does nothing;
numpy's arrays are the one thing that is real. Anything else is refused by its name.
"""

import io
import pickle
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from ..domain.training_errors import ForbiddenNameError, UnimportableModelError

_LARGEST: Final = 512 << 20

_CLASSES: Final = frozenset({
    "Tokenizer", "LabelEncoder", "Pipeline", "CountVectorizer", "TfidfTransformer", "TfidfVectorizer",
    "LogisticRegression", "MultinomialNB", "RandomForestClassifier", "DecisionTreeClassifier", "AdaBoostClassifier",
    "Tree", "dia_matrix",
})  # fmt: skip
_HOMES: Final = frozenset({
    "keras.preprocessing.text", "keras_preprocessing.text", "keras.src.preprocessing.text",
    "keras.src.legacy.preprocessing.text", "tensorflow.python.keras.preprocessing.text",
    "tensorflow.keras.preprocessing.text",
    "sklearn.preprocessing.label", "sklearn.preprocessing._label", "sklearn.pipeline",
    "sklearn.feature_extraction.text", "sklearn.linear_model.logistic", "sklearn.linear_model._logistic",
    "sklearn.naive_bayes", "sklearn.ensemble.forest", "sklearn.ensemble._forest", "sklearn.tree.tree",
    "sklearn.tree._classes", "sklearn.tree._tree", "sklearn.ensemble.weight_boosting",
    "sklearn.ensemble._weight_boosting",
    "scipy.sparse.dia", "scipy.sparse._dia",
})  # fmt: skip
_NUMBERS: Final = frozenset({"bool_", "float32", "float64", "int32", "int64", "str_"})
_ARRAYS: Final = ("numpy.core.multiarray", "numpy._core.multiarray")
_BUFFERS: Final = ("numpy.core.numeric", "numpy._core.numeric")


class Inert:
    """What a pickle made of something on the list: values, and nothing that could be called."""

    origin: str = ""

    values: tuple[object, ...]
    held: Mapping[str, Any]

    def __new__(cls, *values: object) -> Self:
        """Make one as pickles do, which do not always call `__init__`."""
        made = super().__new__(cls)
        made.values, made.held = values, {}
        return made

    def __setstate__(self, state: object) -> None:
        """Hold what the pickle says."""
        self.held = state if isinstance(state, dict) else {}

    def get(self, key: str, default: object = None) -> Any:  # noqa: ANN401 - a pickle holds what it holds
        """Give what it holds under a name."""
        return self.held.get(key, default)

    @property
    def kind(self) -> str:
        """The name of its class."""
        return self.origin.rpartition(".")[2]


def read_pickle(path: Path) -> Any:  # noqa: ANN401 - a pickle holds what it holds
    """
    Read one.

    Raises:
        ForbiddenNameError: it names something that is not on the list.
        UnimportableModelError: it is no pickle.
    """
    if path.stat().st_size > _LARGEST:
        raise UnimportableModelError(path.name, f"it is larger than {_LARGEST >> 20} MB")
    try:
        return _ClosedUnpickler(path).load()
    except UnimportableModelError:
        raise
    except Exception as error:
        # whatever it stumbles over, the file is not what its name says
        raise UnimportableModelError(path.name, f"not a pickle that can be read ({type(error).__name__})") from error


class _ClosedUnpickler(pickle.Unpickler):
    def __init__(self, path: Path) -> None:
        super().__init__(io.BytesIO(path.read_bytes()))
        self._path = path

    def find_class(self, module: str, name: str) -> Any:  # noqa: ANN401 - pickle's own
        """Give what stands for a name on the list."""
        if (found := _REAL.get(f"{module}.{name}")) is not None:
            return found
        if (module in _HOMES and name in _CLASSES) or (module == "numpy" and name in _NUMBERS):
            return type(name, (Inert,), {"origin": f"{module}.{name}"})
        raise ForbiddenNameError(self._path.name, f"{module}.{name}")


def _empty_array(*_: object) -> NDArray[Any]:
    """Stand for numpy's own, whatever kind of array the pickle asks for: what it holds comes after."""
    return np.ndarray.__new__(np.ndarray, (0,), dtype=np.int8)


def _scalar(dtype: np.dtype[Any], data: bytes) -> Any:  # noqa: ANN401 - a number of any type
    """Stand for numpy's own, without its way to hold objects."""
    return np.frombuffer(data, dtype)[0]


def _array_of(data: bytes, dtype: np.dtype[Any], shape: tuple[int, ...], order: Any) -> NDArray[Any]:  # noqa: ANN401 - a letter
    """Stand for numpy's own."""
    return np.frombuffer(data, dtype).reshape(shape, order=order)


def _made(kind: type, *_: object) -> object:
    """Stand for `copyreg._reconstructor`."""
    if not issubclass(kind, Inert):
        raise ValueError("not one of the list")  # noqa: TRY004
    return kind()


def _encoded(text: str, encoding: str) -> bytes:
    """Stand for `_codecs.encode`, by which old protocols write bytes."""
    if encoding not in ("latin1", "latin-1"):
        raise ValueError(encoding)
    return text.encode("latin-1")


_REAL: Final[dict[str, Callable[..., Any]]] = {
    "collections.OrderedDict": OrderedDict,
    "collections.defaultdict": defaultdict,
    "builtins.int": int,
    "__builtin__.int": int,
    "__builtin__.long": int,
    "builtins.set": set,
    "__builtin__.set": set,
    "builtins.frozenset": frozenset,
    "__builtin__.frozenset": frozenset,
    "builtins.object": object,
    "__builtin__.object": object,
    "copyreg._reconstructor": _made,
    "copy_reg._reconstructor": _made,
    "_codecs.encode": _encoded,
    "numpy.ndarray": np.ndarray,
    "numpy.dtype": np.dtype,
    **{f"{home}._reconstruct": _empty_array for home in _ARRAYS},
    **{f"{home}.scalar": _scalar for home in _ARRAYS},
    **{f"{home}._frombuffer": _array_of for home in _BUFFERS},
}
