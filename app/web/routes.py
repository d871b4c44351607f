"""Which operation a method and a path mean, for the server that does not ask Flask."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple
from urllib.parse import unquote

from .operation import Operation


class Route(NamedTuple):
    """An operation, and the parameters that stood in the path."""

    operation: Operation
    parameters: Mapping[str, str]


class Routes:
    """The operations by method and path."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        self._plain: dict[tuple[str, str], Route] = {}
        self._with_parameters: list[tuple[Operation, list[str]]] = []
        for operation in operations:
            if "{" in operation.path:
                self._with_parameters.append((operation, operation.path.split("/")))
            else:
                self._plain[operation.method, operation.path] = Route(operation, {})

    def find(self, method: str, path: str) -> Route | None:
        """Find the operation; None where Flask has to say what is there."""
        return self._plain.get((method, path)) or self._find_with_parameters(method, path)

    def _find_with_parameters(self, method: str, path: str) -> Route | None:
        parts = path.split("/")
        for operation, pattern in self._with_parameters:
            if operation.method == method and len(pattern) == len(parts):
                parameters = _matched(pattern, parts)
                if parameters is not None:
                    return Route(operation, parameters)
        return None


def _matched(pattern: list[str], parts: list[str]) -> dict[str, str] | None:
    parameters = {}
    for wanted, part in zip(pattern, parts, strict=True):
        if wanted.startswith("{"):
            given = unquote(part)
            if not given or "/" in given:
                return None
            parameters[wanted[1:-1]] = given
        elif wanted != part:
            return None
    return parameters
