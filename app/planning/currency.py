"""Tell whether a model on disk is what a plan would make."""

from ..domain.errors import ParleyError
from ..domain.model_reference import ModelReference
from ..registry.model_registry import ModelRegistry
from .check import CheckedPlan


def is_current(checked: CheckedPlan, registry: ModelRegistry) -> bool:
    """
    Say whether the active version was made from this very configuration, and from these very data of every kind.

    A version that is damaged is not current: training it anew is how the model gets well.
    """
    name = checked.plan.name
    try:
        version = registry.resolve(ModelReference(name))
        stored = registry.load(name, version, wanted=())
    except ParleyError:
        return False
    return stored.manifest.facts.hashes == checked.hashes()
