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
    try:
        version = registry.resolve(ModelReference(checked.name))
        stored = registry.load(checked.name, version, wanted=())
    except ParleyError:
        return False
    facts = stored.manifest.facts
    # one that continued from another holds what no training from nothing would come to
    return facts.parent is None and facts.hashes == checked.hashes()
