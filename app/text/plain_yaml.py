"""
The one reader of YAML: plain values, of a size that configurations have.

A tag that names anything but plain values is refused, so that none can run code. What is small to write and large to
work on (nesting, aliases of aliases, numbers of thousands of digits) is bounded before anything is made of it.
"""

from typing import Any, Final

import yaml

from ..domain.configuration_errors import NotYamlError

BYTES_AT_MOST: Final = 1 << 16
_DEEPEST: Final = 32
_ALIASES_AT_MOST: Final = 32
_NODES_AT_MOST: Final = 10_000  # with each alias counted as what it stands for
_DIGITS_AT_MOST: Final = 400  # of a number, in whatever base; more than a float can hold


def read_yaml(text: str | bytes) -> Any:  # noqa: ANN401 - a document holds what it holds
    """
    Read a document of plain values.

    Raises:
        NotYamlError: it is not one; the sentence says where, and quotes nothing of it, for it may hold secrets.
    """
    if len(text) > BYTES_AT_MOST:
        raise NotYamlError(f"it is longer than {BYTES_AT_MOST:,} bytes")
    try:
        loader = _PlainLoader(text)
        try:
            return loader.get_single_data()
        finally:
            loader.dispose()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"line {mark.line + 1}, column {mark.column + 1}" if mark else "a character that no text has"
        raise NotYamlError(place) from None
    except (ValueError, OverflowError, LookupError, TypeError, AttributeError):  # of dates and numbers that are none
        raise NotYamlError("a value that cannot be read") from None


class _PlainLoader(yaml.SafeLoader):
    """Counts while it composes."""

    def __init__(self, text: str | bytes) -> None:
        super().__init__(text)
        self._depth = self._n_aliases = self._n_nodes = 0
        self._sizes: dict[int, int] = {}

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:  # noqa: ANN401 - as PyYAML's
        if self.check_event(yaml.AliasEvent):
            return self._alias(super().compose_node(parent, index))
        self._depth += 1
        if self._depth > _DEEPEST:
            raise NotYamlError(f"it is nested more than {_DEEPEST} deep")
        before = self._n_nodes
        self._count(1)
        node = super().compose_node(parent, index)
        self._depth -= 1
        if isinstance(node, yaml.ScalarNode):
            _refuse_long_numbers(node)
        self._sizes[id(node)] = self._n_nodes - before
        return node

    def _alias(self, node: yaml.Node | None) -> yaml.Node | None:
        self._n_aliases += 1
        if self._n_aliases > _ALIASES_AT_MOST:
            raise NotYamlError(f"it has more than {_ALIASES_AT_MOST} aliases")
        if id(node) not in self._sizes:
            raise NotYamlError("an alias stands within what it stands for")
        self._count(self._sizes[id(node)])
        return node

    def _count(self, nodes: int) -> None:
        self._n_nodes += nodes
        if self._n_nodes > _NODES_AT_MOST:
            raise NotYamlError(f"it holds more than {_NODES_AT_MOST:,} values")


def _refuse_long_numbers(node: yaml.ScalarNode) -> None:
    """Look before it is made: a number of many parts in base 60 takes long."""
    is_number = node.tag.endswith((":int", ":float"))
    if is_number and len(node.value) > _DIGITS_AT_MOST:
        raise NotYamlError(f"a number of more than {_DIGITS_AT_MOST} digits")
