"""The dataset that the active version of a model was trained on, for drafts to begin with."""

from collections.abc import Callable

from ..domain.errors import AliasNotFoundError
from ..domain.example import Dataset
from ..domain.model_reference import ModelReference
from ..domain.training_errors import CannotContinueError
from ..planning.stored_dataset import read_stored_dataset
from ..registry.model_registry import ModelRegistry


def reading_active_datasets(registry: ModelRegistry) -> Callable[[str], tuple[int, Dataset] | None]:
    """Give what finds the active version of a model and reads the dataset it has kept; None where it kept none."""

    def read(model: str) -> tuple[int, Dataset] | None:
        """
        Read it.

        Raises:
            ModelNotFoundError: there is no such model.
            DamagedModelError: it cannot be trusted.
        """
        try:
            version = registry.resolve(ModelReference(model))
            return version, read_stored_dataset(registry, model, version)
        except (AliasNotFoundError, CannotContinueError):
            return None

    return read
