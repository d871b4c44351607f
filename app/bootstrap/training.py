"""What a training needs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ..domain.errors import ConfigurationError
from ..domain.model_reference import check_model_name
from ..planning.check import CheckedPlan, check_plan
from ..planning.currency import is_current
from ..planning.plan import make_plan, override, read_plan_file
from ..registry.model_registry import ModelRegistry
from ..service.versions import Versions
from ..settings import Settings
from .versions import wire_registry, wire_versions

if TYPE_CHECKING:
    from ..networks.network_plan import Epoch
    from ..training.train_model import TrainedModel

_FILES: Final = ("data", "test", "out_of_scope")
_OF_THE_FAMILY: Final = ("features", "network", "training", "search")
# what a configuration says about its data means nothing where others replace them
_OF_THE_DATA: Final = ("test", "format", "header", "out_of_scope", "out_of_scope_test")


@dataclass(frozen=True, slots=True)
class Training:
    """The steps of a training, in the order they are taken."""

    registry: ModelRegistry
    versions: Versions
    """What a model's test set is kept by, to hold its next versions against."""
    root: Path
    """What paths in configurations start from."""
    configs: Path
    """Where `<name>.yaml` stands for each model."""

    def configured(self) -> list[str]:
        """Give the names of the models that have a configuration."""
        return sorted(path.stem for path in self.configs.glob("*.yaml"))

    def check(self, name: str, changes: Mapping[str, Any], sets: Sequence[tuple[str, Any]], cwd: Path) -> CheckedPlan:
        """
        Make the plan of a model and check its data.

        Args:
            name: of the model; it may have no configuration where `changes` names its data.
            changes: keys that replace those of the configuration; paths among them start from `cwd`.
            sets: dotted keys and values that do so after them.
            cwd: the folder the command was given in.

        Raises:
            InvalidModelNameError, ConfigurationError, DatasetError: nothing can be trained from this.
        """
        path = self.configs / f"{check_model_name(name)}.yaml"
        given: dict[str, Any] = read_plan_file(path) if path.exists() else {}
        if not given and "data" not in changes:
            known = ", ".join(self.configured()) or "none"
            raise ConfigurationError(f"model {name!r} has no configuration (there are: {known}) and no --data")
        if "family" in changes and changes["family"] != given.get("family"):
            # what was set for another family means nothing to this one
            given = {key: value for key, value in given.items() if key not in _OF_THE_FAMILY}
        if "data" in changes:
            for key in _OF_THE_DATA:
                given.pop(key, None)
        given |= {key: str(cwd / value) if key in _FILES else value for key, value in changes.items()}
        for key, value in sets:
            given = override(given, key, value)
        where = str(path.relative_to(self.root)) if path.is_relative_to(self.root) else str(path)
        return check_plan(make_plan(name, given, self.root, where if path.exists() else f"model {name}"))

    def is_current(self, checked: CheckedPlan) -> bool:
        """Say whether the registry already holds what the plan would make."""
        return is_current(checked, self.registry)

    def train(
        self, checked: CheckedPlan, on_epoch: "Callable[[Epoch], None]", event_logs: Path | None = None
    ) -> "TrainedModel":
        """
        Train and publish; with `event_logs`, a log for TensorBoard is written to the model's folder there.

        Raises:
            TrainingError, DamagedModelError: nothing was published.
            ModelUnavailableError: the model's checks cannot be trusted, so its test set was not kept with them.
        """
        # TensorFlow takes seconds to import; a typing slip in a configuration is told before that
        from ..training.train_model import train_model  # noqa: PLC0415

        trained = train_model(checked, self.registry, on_epoch, event_logs and event_logs / checked.plan.name)
        if checked.test is not None:
            self.versions.keep_checks(checked.plan.name, checked.test.examples)
        return trained


def wire_training(settings: Settings, root: Path) -> Training:
    """Put together what trains models of the project at `root`."""
    return Training(wire_registry(settings), wire_versions(settings), root, root / "config" / "models")
