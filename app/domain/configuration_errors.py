"""What is wrong with a configuration as it is written; part of the tree in errors.py."""

from collections.abc import Sequence

from .errors import ConfigurationError


class NotYamlError(ConfigurationError):
    """A text that is not YAML of plain values, or more of it than a configuration has."""

    def __init__(self, problem: str) -> None:
        self.problem = problem
        super().__init__(f"not YAML: {problem}")


class UnknownKeyError(ConfigurationError):
    """A key that means nothing, with the known one that looks most like it."""

    def __init__(self, key: str, where: str, nearest: str | None, known: Sequence[str]) -> None:
        self.key, self.where, self.nearest = key, where, nearest
        meant = f"did you mean {nearest!r}?" if nearest else f"known are {', '.join(sorted(known))}"
        super().__init__(f"{where}: unknown key {key!r}; {meant}")
