"""A control: what stands between an attack and its end, and how a test harness takes it out."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Patch:
    """One name of one module that means something else where a control is out."""

    module: str
    """As it is imported: `app.registry.verified_files`."""
    name: str
    """Of something that stands in it, dotted where that is a class's: `RegistryWatch.look`."""
    instead: Callable[[Any], Any]
    """Is given what the name means (a function, a class, a constant), and gives what it means without the control."""


@dataclass(frozen=True, slots=True)
class Control:
    """What protects rows of the attack table; nothing of the product can switch it off."""

    rows: tuple[str, ...]
    what: str
    """A short phrase for the table: what is done, not where."""
    patches: tuple[Patch, ...]


def nothing(_: Any) -> Callable[..., None]:
    """Give a function that does nothing in the place of one that refuses."""
    return lambda *_, **__: None


def constant(value: object) -> Callable[[Any], Any]:
    """Give a value in the place of another: a limit without bound, a longer list of what is allowed."""
    return lambda _: value


def returning(value: object) -> Callable[[Any], Any]:
    """Give a function that always answers the same in the place of one that decides."""
    return lambda _: lambda *_, **__: value
