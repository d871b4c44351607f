"""
The architecture of a Keras network as `to_yaml` and `to_json` wrote it: layers in a row, out of a closed list.

Keras 1 to 3 write it in slightly different words. Nothing but what stands here is understood; what is not is refused by
its name, for a network that serves almost as it was trained is worse than none.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import yaml

from ..domain.training_errors import UnimportableModelError

_INPUT: Final = "InputLayer"
LAYERS: Final = frozenset({"Activation", "BatchNormalization", "Dense", "Dropout", "Embedding", "Flatten", "LSTM"})
ACTIVATIONS: Final = frozenset(
    {"elu", "hard_sigmoid", "linear", "relu", "selu", "sigmoid", "softmax", "softplus", "softsign", "tanh"}
)
_REFUSED_IF: Final = ("go_backwards", "stateful")


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer; `path` is where Keras 3 keeps its weights."""

    kind: str
    name: str
    path: str
    settings: Mapping[str, Any]

    def activation(self, key: str = "activation", default: str = "linear") -> str:
        """
        Give the name of an activation.

        Raises:
            UnimportableModelError: it is not on the list.
        """
        name = self.settings.get(key) or default
        if isinstance(name, dict):
            name = name.get("class_name") or name.get("config")
        if name not in ACTIVATIONS:
            raise UnimportableModelError(
                self.name, f"the activation {name!r} is not one of {', '.join(sorted(ACTIVATIONS))}"
            )
        return str(name)


@dataclass(frozen=True, slots=True)
class Architecture:
    """Layers in a row."""

    layers: tuple[Layer, ...]
    input_length: int | None
    """Of the first layer's input, where it is fixed."""
    is_keras_3: bool


def read_architecture(text: str, source: str) -> Architecture:
    """
    Read one, in YAML or JSON; `source` names the file in errors.

    Raises:
        UnimportableModelError: it is not a network in a row, or of a layer that is not on the list.
    """
    try:
        content = yaml.load(text, _KerasLoader)  # noqa: S506 - a safe loader, and one tag more
    except yaml.YAMLError as error:
        problem = str(error).replace("\n", " ")
        raise UnimportableModelError(source, f"not an architecture that can be read: {problem}") from None
    if not isinstance(content, dict) or content.get("class_name") != "Sequential":
        kind = content.get("class_name") if isinstance(content, dict) else type(content).__name__
        raise UnimportableModelError(source, f"expected the architecture of a Sequential network, not {kind!r}")
    config = content.get("config")
    listed = config.get("layers") if isinstance(config, dict) else config
    if not isinstance(listed, list) or not listed:
        raise UnimportableModelError(source, "its network has no list of layers")
    version = str(content.get("keras_version") or "2")
    layers, counted, lengths = [], dict[str, int](), []
    for number, item in enumerate(listed, 1):
        kind, settings = _layer(item, f"{source}, layer {number}")
        lengths += [_input_length(settings)]
        if kind == _INPUT:
            continue
        place = counted.get(kind, 0)
        counted[kind] = place + 1
        snake = _SNAKE[kind] + (f"_{place}" if place else "")
        layers.append(Layer(kind, str(settings.get("name", snake)), snake, settings))
    return Architecture(tuple(layers), next((n for n in lengths if n), None), version.startswith("3"))


def _layer(item: object, where: str) -> tuple[str, dict[str, Any]]:
    if not isinstance(item, dict) or not isinstance(settings := item.get("config", {}), dict):
        raise UnimportableModelError(where, "it is no layer")
    kind = item.get("class_name")
    if kind != _INPUT and kind not in LAYERS:
        known = ", ".join(sorted(LAYERS))
        raise UnimportableModelError(where, f"{kind!r} is not a layer that can be brought along; those are {known}")
    for key in _REFUSED_IF:
        if settings.get(key):
            raise UnimportableModelError(where, f"{kind} with {key} cannot be brought along")
    return str(kind), settings


def _input_length(settings: Mapping[str, Any]) -> int | None:
    """Give the length of a layer's input, where it says so and reads ids."""
    shape = settings.get("batch_input_shape") or settings.get("batch_shape") or ()
    length = settings.get("input_length") or (shape[1] if isinstance(shape, list) and len(shape) == 2 else None)  # noqa: PLR2004
    return length if isinstance(length, int) and length > 0 else None


_SNAKE: Final = {kind: kind.lower() for kind in LAYERS} | {"BatchNormalization": "batch_normalization"}


class _KerasLoader(yaml.SafeLoader):
    """Reads plain values, and the tuples that Keras 2 wrote."""


def _tuple(loader: yaml.SafeLoader, node: yaml.SequenceNode) -> list[Any]:
    return loader.construct_sequence(node, deep=True)


_KerasLoader.add_constructor("tag:yaml.org,2002:python/tuple", _tuple)
