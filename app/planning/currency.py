"""Tell whether a model on disk is what a plan would make."""

from ..domain.errors import ParleyError
from ..domain.model_reference import ModelReference
from ..registry.manifest import Facts
from ..registry.model_registry import ModelRegistry
from .check import CheckedPlan


def is_current(checked: CheckedPlan, registry: ModelRegistry) -> bool:
    """
    Say whether a plan would make nothing new: no file that it is made of has changed since it was last trained from.

    What was trained since then over HTTP or further, and who rolled back, is not undone by training once more. Where
    the active version is damaged nothing is current: training anew is how the model gets well.
    """
    name = checked.name
    try:
        registry.load(name, registry.resolve(ModelReference(name)), wanted=())
        made = (registry.manifest(name, version).facts for version in reversed(registry.versions(name)))
        newest = next(facts for facts in made if _is_of_files(facts))
    except (ParleyError, StopIteration):
        return False
    return newest.hashes == checked.hashes()


def _is_of_files(facts: Facts) -> bool:
    """Say whether a version was made from nothing but files: what a job learned came from a draft."""
    return facts.job is None and facts.parent is None
