"""Which models are loaded before anybody asks for them."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from ..domain.errors import InvalidValueError
from ..domain.model_reference import is_model_name

AUTO: Final = "auto"
ALL: Final = "all"
DEFAULT: Final = "default"

_FEW: Final = 32  # models that `auto` takes for all that there are: they load in a second


@dataclass(frozen=True, slots=True)
class Preload:
    """`auto`, `all`, `default`, or models by name."""

    choice: str = AUTO
    names: frozenset[str] = frozenset()

    @classmethod
    def parse(cls, text: str) -> "Preload":
        """
        Read one of the words, or names with commas between.

        Raises:
            InvalidValueError: it is neither.
        """
        if text in (AUTO, ALL, DEFAULT):
            return cls(text)
        names = [name.strip() for name in text.split(",")]
        for name in names:
            if not is_model_name(name):
                problem = f"{name!r} is no model name; expected {AUTO}, {ALL}, {DEFAULT}, or names with commas between"
                raise InvalidValueError("preload", problem)
        return cls("", frozenset(names))

    def missing(self, names: Collection[str]) -> list[str]:
        """Give those asked for by name that are not among these."""
        return sorted(self.names - set(names))

    def wants(self, name: str, default: str, n_models: int) -> bool:
        """Say whether a model is to be loaded, where `default` is the default one and there are so many."""
        if self.names:
            return name in self.names
        return name == default or self.choice == ALL or (self.choice == AUTO and n_models <= _FEW)
