"""What a training needs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from ..domain.errors import ConfigurationError
from ..domain.job import Activation
from ..domain.model_reference import ModelReference, check_model_name
from ..domain.training_errors import CannotContinueError
from ..domain.version_errors import GateRefusedError
from ..planning.check import CheckedPlan, check_plan
from ..planning.currency import is_current
from ..planning.merge import merge
from ..planning.plan import DataPlan, make_plan, override, read_plan_file
from ..planning.stored_dataset import read_stored_config, read_stored_dataset
from ..registry.model_registry import ModelRegistry
from ..service.versions import Versions
from ..settings import Settings
from .registry import wire_registry
from .versions import wire_versions

if TYPE_CHECKING:
    from ..networks.network_plan import Epoch
    from ..training.train_model import TrainedModel

_CALLER: Final = "train.py"
_FILES: Final = ("data", "test", "out_of_scope")
_OF_THE_FAMILY: Final = ("fields", "features", "network", "training", "search")
# what a configuration says about its data means nothing where others replace them
_OF_THE_FILE: Final = ("format", "header", "out_of_scope")
_OF_THE_TEST: Final = ("test", "out_of_scope_test")


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
        given, where = self._given(name)
        if not given and "data" not in changes:
            known = ", ".join(self.configured()) or "none"
            raise ConfigurationError(f"model {name!r} has no configuration (there are: {known}) and no --data")
        if "family" in changes and changes["family"] != given.get("family"):
            # what was set for another family means nothing to this one
            given = {key: value for key, value in given.items() if key not in _OF_THE_FAMILY}
        if "data" in changes:
            for key in (*_OF_THE_FILE, *_OF_THE_TEST):
                given.pop(key, None)
        return check_plan(make_plan(name, _changed(given, changes, sets, cwd), self.root, where))

    def check_further(
        self, name: str, changes: Mapping[str, Any], sets: Sequence[tuple[str, Any]], cwd: Path
    ) -> tuple[CheckedPlan, int]:
        """
        Make the plan of a training that goes on from a model's active version, with its hyper-parameters.

        Args:
            name: of the model.
            changes: keys that replace those of the configuration, of which only those about data count.
            sets: dotted keys and values that replace those of the version or of the configuration.
            cwd: the folder the command was given in.

        Returns:
            The plan with what is to be added, and the version.

        Raises:
            CannotContinueError: no training can go on from the version.
            NotFoundError, DamagedModelError: there is no such version, or it is not whole.
            InvalidModelNameError, ConfigurationError, DatasetError: nothing can be trained from this.
        """
        given, where = self._given(name)
        version = self.registry.resolve(ModelReference(name))
        known = read_stored_dataset(self.registry, name, version)
        config = read_stored_config(self.registry, name, version)
        if changes.get("family", config.family) != config.family:
            raise CannotContinueError(name, version, f"its family is {config.family!r}")
        given = {key: value for key, value in given.items() if key in DataPlan.__struct_fields__}
        if "data" in changes:
            for key in _OF_THE_FILE:
                given.pop(key, None)
        given |= msgspec.to_builtins(config)
        return check_plan(make_plan(name, _changed(given, changes, sets, cwd), self.root, where), known), version

    def _given(self, name: str) -> tuple[dict[str, Any], str]:
        """Give what a model's file says, and what names it in errors."""
        path = self.configs / f"{check_model_name(name)}.yaml"
        if not path.exists():
            return {}, f"model {name}"
        where = str(path.relative_to(self.root)) if path.is_relative_to(self.root) else str(path)
        return read_plan_file(path), where

    def is_current(self, checked: CheckedPlan, base: int | None = None) -> bool:
        """Say whether the registry already holds what the plan would make, or `base` all that is to be added to it."""
        if base is None:
            return is_current(checked, self.registry)
        return merge(read_stored_dataset(self.registry, checked.name, base), checked.training).is_empty

    def train(  # noqa: PLR0913 - what a command can choose
        self,
        checked: CheckedPlan,
        on_epoch: "Callable[[Epoch], None]",
        event_logs: Path | None = None,
        base: int | None = None,
        *,
        activation: Activation = Activation.YES,
        is_gated: bool = True,
    ) -> "TrainedModel":
        """
        Train and publish, and let the version answer where it may.

        Args:
            checked: what to train.
            on_epoch: is told of each epoch.
            event_logs: where given, a log for TensorBoard is written to the model's folder there.
            base: the version to continue from, where it is one.
            activation: whether the version is to answer.
            is_gated: whether the gate can refuse that.

        Raises:
            TrainingError, CannotContinueError, DatasetError, DamagedModelError: nothing was published.
            ModelUnavailableError: the model's checks cannot be trusted, so its test set was not kept with them, and the
                version does not answer.
            GateRefusedError: it is published and does not answer.
        """
        # TensorFlow takes seconds to import; a typing slip in a configuration is told before that
        from ..training.base_version import read_base  # noqa: PLC0415

        known = read_base(self.registry, checked.name, base) if base else None
        from ..training.train_model import train_model  # noqa: PLC0415

        logs = event_logs and event_logs / checked.name
        trained = train_model(checked, self.registry, on_epoch, logs, base=known, activate=False)
        if checked.test is not None:
            self.versions.keep_checks(checked.name, checked.test.examples)
        version = trained.manifest.version
        if not is_gated:
            self.versions.activate(checked.name, version, _CALLER, force=True)
            return trained
        _, notes, regressions = self.versions.activate_trained(checked.name, version, activation, _CALLER)
        if regressions:
            raise GateRefusedError(checked.name, version, regressions)
        return replace(trained, notes=notes)


def _changed(
    given: Mapping[str, Any], changes: Mapping[str, Any], sets: Sequence[tuple[str, Any]], cwd: Path
) -> dict[str, Any]:
    """Put what a command asks for in the place of what a configuration says."""
    changed = {**given, **{key: str(cwd / value) if key in _FILES else value for key, value in changes.items()}}
    for key, value in sets:
        changed = override(changed, key, value)
    return changed


def wire_training(settings: Settings, root: Path) -> Training:
    """Put together what trains models of the project at `root`."""
    return Training(wire_registry(settings), wire_versions(settings), root, root / "config" / "models")
