"""
Take controls out of a process: each module that is to be patched is patched right after it was imported.

So whoever imports a name from it gets the other meaning, and what is patched need not be imported before.
"""

import importlib.abc
import importlib.machinery
import inspect
import sys
from collections.abc import Iterable, Sequence
from types import ModuleType

from .control import Patch


def take_out(patches: Iterable[Patch]) -> None:
    """Patch modules as they are imported from now on."""
    by_module: dict[str, list[Patch]] = {}
    for patch in patches:
        assert patch.module not in sys.modules, f"{patch.module} was imported before it could be patched"
        by_module.setdefault(patch.module, []).append(patch)
    sys.meta_path.insert(0, _PatchingFinder(by_module))


def apply(patch: Patch, module: ModuleType) -> None:
    """
    Give the name its other meaning.

    Raises:
        AttributeError: there is no such name.
    """
    owner: object = module
    *way, last = patch.name.split(".")
    for step in way:
        owner = getattr(owner, step)
    setattr(owner, last, patch.instead(inspect.getattr_static(owner, last)))


class _PatchingFinder(importlib.abc.MetaPathFinder):
    def __init__(self, by_module: dict[str, list[Patch]]) -> None:
        self._by_module = by_module

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname not in self._by_module:
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = _PatchingLoader(spec.loader, self._by_module[fullname])
        return spec


class _PatchingLoader(importlib.abc.Loader):
    def __init__(self, loader: importlib.abc.Loader, patches: list[Patch]) -> None:
        self._loader, self._patches = loader, patches

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        self._loader.exec_module(module)
        for patch in self._patches:
            apply(patch, module)
