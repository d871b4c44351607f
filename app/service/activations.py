"""Which version answers: moved where the gate lets it, and back, and told of when every worker has followed."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from ..domain.audit import Deed
from ..domain.damage_errors import DamagedModelError, MissingFileError
from ..domain.errors import ModelUnavailableError, NotFoundError, ParleyError, VersionNotFoundError
from ..domain.job import Activation
from ..domain.model_reference import ACTIVE, PREVIOUS
from ..domain.served import NotServedError
from ..domain.version_errors import (
    AliasesMovedError,
    GateRefusedError,
    NoPreviousVersionError,
    NotBetterError,
    UnservableVersionError,
)
from ..evaluation.gate import Verdict
from ..registry.model_registry import ModelRegistry
from .audit import AuditLog
from .gatekeeper import Gatekeeper
from .served_everywhere import ServedEverywhere

_log = logging.getLogger(__name__)

_TRIES: Final = 8  # others may move aliases meanwhile, but not for ever


class Activations:
    """Moves `active` and `previous`; safe to share between threads and, by the registry's locks, processes."""

    def __init__(
        self,
        registry: ModelRegistry,
        gatekeeper: Gatekeeper,
        audit: AuditLog,
        everywhere: ServedEverywhere | None,
    ) -> None:
        self._registry, self._gatekeeper, self._audit, self._everywhere = registry, gatekeeper, audit, everywhere

    def activate(self, name: str, version: int, caller: str, *, force: bool = False) -> dict[str, int]:
        """
        Let a version answer for its model, wait until it does, and give the aliases.

        What was active becomes `previous`. With `force`, what the gate finds is only kept in the audit log; a version
        that cannot answer is refused all the same.

        Raises:
            InvalidModelNameError, ModelNotFoundError, VersionNotFoundError: it is not there.
            UnservableVersionError: it cannot answer.
            GateRefusedError: it is worse than the active one, by more than is allowed.
            NotServedError: it is active, and not every worker serves it yet.
        """
        aliases, _ = self._activate(name, version, caller, force=force)
        self._wait(name, version)
        return aliases

    def roll_back(
        self,
        name: str,
        caller: str,
        *,
        expected: Mapping[str, int] | None = None,
        details: Mapping[str, Any] | None = None,
    ) -> dict[str, int]:
        """
        Let the version answer that did before, without the gate, wait until it does, and give the aliases.

        What was active becomes `previous`, so that to roll back twice changes nothing.

        Args:
            name: of the model.
            caller: who does it.
            expected: where given, what these aliases must mean for anything to happen.
            details: what the audit log is to keep beside the version that was left.

        Raises:
            InvalidModelNameError, ModelNotFoundError: there is no such model.
            NoPreviousVersionError: nothing was active before.
            UnservableVersionError: what was cannot answer.
            AliasesMovedError: the aliases are not as expected.
            NotServedError: it is active, and not every worker serves it yet.
        """
        for _ in range(_TRIES):
            aliases = self._aliases_now(name)
            if not (expected or {}).items() <= aliases.items():
                break
            if ACTIVE not in aliases or PREVIOUS not in aliases:
                raise NoPreviousVersionError(name)
            version, left = aliases[PREVIOUS], aliases[ACTIVE]
            self._gatekeeper.open(name, version)
            try:
                moved = self._registry.move_aliases(name, {ACTIVE: version, PREVIOUS: left}, expected=aliases)
            except AliasesMovedError:
                continue
            self._tell(caller, Deed.ROLL_BACK, name, version, {"from": left, **(details or {})})
            self._wait(name, version)
            return moved
        raise AliasesMovedError(name)

    def activate_trained(
        self, name: str, version: int, activation: Activation, caller: str
    ) -> tuple[bool, tuple[str, ...], tuple[str, ...]]:
        """
        Let a version answer that was just trained, as far as that was asked for and the gate lets it.

        Returns:
            Whether it answers; notes of what was decided; what the gate found to be worse.
        """
        if activation is Activation.NO:
            return self._aliases_now(name).get(ACTIVE) == version, ("it was not to be activated",), ()
        try:
            _, verdict = self._activate(name, version, caller, only_if_better=activation is Activation.IF_BETTER)
        except GateRefusedError as error:
            return False, (), error.regressions
        except UnservableVersionError as error:
            return False, (), (str(error),)
        except (NotBetterError, NotFoundError, AliasesMovedError) as error:
            return False, (str(error),), ()
        notes = (_measured(verdict),) if verdict and verdict.accuracy is not None else ()
        try:
            self._wait(name, version)
        except NotServedError as error:
            notes = (*notes, str(error))
        return True, notes, ()

    def _activate(
        self, name: str, version: int, caller: str, *, force: bool = False, only_if_better: bool = False
    ) -> tuple[dict[str, int], Verdict | None]:
        self._insist(name, version)
        for _ in range(_TRIES):
            aliases = self._aliases_now(name)
            active = aliases.get(ACTIVE)
            candidate = self._gatekeeper.open(name, version)
            if active == version:
                return aliases, None
            verdict = None if active is None else self._gatekeeper.judge(candidate, active)
            refused = bool(verdict and verdict.regressions)
            if refused and verdict is not None and not force:
                raise GateRefusedError(name, version, verdict.sentences)
            if only_if_better and active is not None and not (verdict and verdict.is_better):
                raise NotBetterError(name, version, _measured(verdict))
            if refused and verdict is not None:  # kept first: nothing is forced that is not told of
                intents = sorted({found.intent for found in verdict.regressions if found.intent is not None})
                details = {"from": active, "regressions": len(verdict.regressions), "intents": intents}
                self._audit.record(caller, Deed.FORCE, model=name, version=version, details=details)
            changes = {ACTIVE: version} if active is None else {ACTIVE: version, PREVIOUS: active}
            try:
                moved = self._registry.move_aliases(name, changes, expected=aliases)
            except AliasesMovedError:
                continue  # what is active now may be another one, to be compared with
            if not refused:
                self._tell(caller, Deed.ACTIVATE, name, version, {"from": active})
            return moved, verdict
        raise AliasesMovedError(name)

    def _insist(self, name: str, version: int) -> None:
        with trusting(name):
            if version not in self._registry.versions(name):
                raise VersionNotFoundError(name, version)

    def _aliases_now(self, name: str) -> dict[str, int]:
        with trusting(name):
            try:
                return self._registry.aliases(name)
            except MissingFileError:  # a first publisher was killed before it could write them
                return {}

    def _wait_for_aliases(self, name: str, aliases: Mapping[str, int]) -> None:
        """Wait until every worker goes by these aliases; one that answers otherwise has reasons of its own."""
        if ACTIVE in aliases:
            try:
                self._wait(name, aliases[ACTIVE])
            except NotServedError as error:
                _log.warning("the aliases of model %r have changed: %s", name, error)

    def _wait(self, name: str, version: int) -> None:
        if self._everywhere is not None:
            self._everywhere.wait(name, version)

    def _tell(
        self, caller: str, deed: Deed, name: str, version: int | None, details: Mapping[str, Any] | None = None
    ) -> None:
        """Keep a deed that is done already; where that cannot be, the log has it."""
        try:
            self._audit.record(caller, deed, model=name, version=version, details=details)
        except ParleyError as error:
            _log.error(
                "not in the audit log: %r, of %s version %s, by %r: %s", deed.value, name, version, caller, error
            )


@contextmanager
def trusting(name: str) -> Iterator[None]:
    """Tell that the aliases of a model cannot be trusted as something that is wrong with the model."""
    try:
        yield
    except DamagedModelError as error:
        raise ModelUnavailableError(name, str(error)) from error


def _measured(verdict: Verdict | None) -> str:
    if verdict is None or verdict.accuracy is None:
        return "there is no test set to tell by"
    after = f"{verdict.accuracy:.1%} of the test set are answered rightly"
    return after if verdict.accuracy_before is None else f"{after}, {verdict.accuracy_before:.1%} before"
