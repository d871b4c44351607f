"""
The life of versions: activated where the gate lets them, rolled back, named, compared, moved elsewhere, deleted.

Everything that changes what is answered goes through here, whoever asks for it: a person, a job, a command.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO, Final

from ..domain.audit import Deed
from ..domain.damage_errors import DamagedModelError
from ..domain.errors import AliasNotFoundError
from ..domain.example import Example
from ..domain.model_reference import ACTIVE, ModelReference, check_model_name, check_own_alias
from ..domain.version_errors import (
    ReportNotFoundError,
    UnservableVersionError,
)
from ..evaluation.checks import Checks
from ..evaluation.difference import Difference
from ..registry.manifest import Facts, Manifest
from ..registry.model_registry import ModelRegistry
from .activations import Activations, trusting
from .audit import AuditLog
from .gatekeeper import Gatekeeper, LoadVersion, RecentTexts
from .served_everywhere import ServedEverywhere
from .version_transfer import ARCHIVE_AT_MOST, VersionTransfer

REPORTS: Final = ("report.json", "report.html")


def _no_texts(name: str, limit: int) -> Sequence[str]:  # noqa: ARG001 - as whoever keeps texts is asked
    return ()


@dataclass(frozen=True, slots=True)
class VersionSummary:
    """A version as it stands in a list."""

    version: int
    aliases: tuple[str, ...]
    facts: Facts | None = None
    """None where its manifest cannot be trusted."""
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two versions asked the same texts."""

    before: int
    after: int
    n_asked: int
    differences: list[Difference] = field(default_factory=list)


class Versions(Activations):
    """The use cases about versions; safe to share between threads."""

    def __init__(  # noqa: PLR0913 - each is something else
        self,
        registry: ModelRegistry,
        load: LoadVersion,
        audit: AuditLog,
        *,
        everywhere: ServedEverywhere | None = None,
        recent_texts: RecentTexts = _no_texts,
        max_archive_bytes: int = ARCHIVE_AT_MOST,
    ) -> None:
        """
        Work on a registry.

        Args:
            registry: where the models are.
            load: how a version is brought into memory, to be asked by nobody else.
            audit: what is told of every deed.
            everywhere: what waits until every worker serves a version; without it nobody is waited for.
            recent_texts: what a model was asked lately, where texts are kept.
            max_archive_bytes: of an archive that is taken in, unpacked.
        """
        super().__init__(registry, Gatekeeper(registry, load), audit, everywhere)
        self._transfer = VersionTransfer(registry, max_archive_bytes)
        self._recent_texts = recent_texts

    def versions_of(self, name: str) -> list[VersionSummary]:
        """
        Give every version of a model, oldest first.

        Raises:
            InvalidModelNameError, ModelNotFoundError: there is no such model.
            ModelUnavailableError: its aliases cannot be trusted.
        """
        aliases = self.aliases(name)
        return [self._summary(name, version, aliases) for version in self._registry.versions(name)]

    def aliases(self, name: str) -> dict[str, int]:
        """
        Give the aliases of a model.

        Raises:
            InvalidModelNameError, ModelNotFoundError: there is no such model.
            ModelUnavailableError: they cannot be trusted.
        """
        return self._aliases_now(name)

    def number(self, name: str, which: str) -> int:
        """
        Give the version that is meant by its number or an alias; a number need not be there.

        Raises:
            InvalidModelNameError, InvalidModelReferenceError, ModelNotFoundError, AliasNotFoundError: none is.
            ModelUnavailableError: the aliases cannot be trusted.
        """
        wanted = ModelReference.parse(f"{check_model_name(name)}@{which}")
        if wanted.version is not None:
            return wanted.version
        aliases = self.aliases(name)
        if wanted.alias not in aliases:
            raise AliasNotFoundError(name, wanted.alias)
        return aliases[wanted.alias]

    def set_alias(self, name: str, alias: str, version: int, caller: str) -> dict[str, int]:
        """
        Let an alias of somebody's own mean a version, and give the aliases.

        Raises:
            InvalidModelNameError, InvalidAliasError, ModelNotFoundError, VersionNotFoundError: it cannot.
        """
        with trusting(name):
            aliases = self._registry.move_aliases(name, {check_own_alias(alias): version})
        self._tell(caller, Deed.ALIAS, name, version, {"alias": alias})
        self._wait_for_aliases(name, aliases)
        return aliases

    def remove_alias(self, name: str, alias: str, caller: str) -> dict[str, int]:
        """
        Let an alias of somebody's own mean nothing any more, and give the others.

        Raises:
            InvalidModelNameError, InvalidAliasError, ModelNotFoundError, AliasNotFoundError: it cannot.
        """
        with trusting(name):
            aliases = self._registry.move_aliases(name, {check_own_alias(alias): None})
        self._tell(caller, Deed.ALIAS, name, None, {"alias": alias})
        self._wait_for_aliases(name, aliases)
        return aliases

    def delete(self, name: str, version: int, caller: str) -> dict[str, int]:
        """
        Delete a version that no alias means, and give the aliases.

        Raises:
            InvalidModelNameError, ModelNotFoundError, VersionNotFoundError: it is not there.
            VersionInUseError: an alias means it.
        """
        with trusting(name):
            self._registry.delete_version(name, version)
        self._tell(caller, Deed.DELETE_VERSION, name, version)
        aliases = self.aliases(name)
        self._wait_for_aliases(name, aliases)
        return aliases

    def export(self, name: str, version: int, caller: str, into: BinaryIO) -> None:
        """
        Write a version as one archive.

        Raises:
            InvalidModelNameError, ModelNotFoundError, VersionNotFoundError: it is not there.
            UnservableVersionError: it is not as it was published.
        """
        self._transfer.export(name, version, into)
        self._tell(caller, Deed.EXPORT, name, version)

    def import_(
        self, name: str, archive: BinaryIO, caller: str, *, activate: bool | None = None
    ) -> tuple[Manifest, dict[str, int]]:
        """
        Publish the version that an archive holds as the next one of a model, new or not, and give it and the aliases.

        Args:
            name: of the model here.
            archive: to be read from its beginning.
            caller: who does it.
            activate: whether it is to answer; None: where no version of the model does.

        Raises:
            InvalidModelNameError: the name cannot be a model's.
            ArchiveTooLargeError, UnusableArchiveError: nothing was published.
            GateRefusedError, UnservableVersionError, NotServedError: it was published, and this became of activating.
            UnwritableRegistryError: the folder or its disk takes no more.
        """
        manifest = self._transfer.import_(name, archive)
        self._tell(caller, Deed.IMPORT, name, manifest.version, {"family": manifest.facts.family})
        aliases = self.aliases(name)
        if activate or (activate is None and ACTIVE not in aliases):
            aliases = self.activate(name, manifest.version, caller)
        return manifest, aliases

    def sign(self, name: str, caller: str) -> list[int]:
        """
        Sign every version of a model with the key of this server, after comparing its files with their digests.

        Raises:
            InvalidModelNameError, ModelNotFoundError: there is no such model.
            UnservableVersionError: one is not as it was published; those before it are signed.
            UnwritableRegistryError: the folder or its disk takes no more.
            ValueError: there is no key.
        """
        signed = self._registry.versions(name)
        for version in signed:
            try:
                self._registry.sign(name, version)
            except DamagedModelError as error:
                raise UnservableVersionError(name, version, str(error)) from error
            self._tell(caller, Deed.SIGN, name, version, {})
        return signed

    def report(self, name: str, version: int, which: str) -> bytes:
        """
        Give a report of a version, one of `REPORTS`, as it was published.

        Raises:
            InvalidModelNameError, ModelNotFoundError, VersionNotFoundError, ReportNotFoundError: it is not there.
            UnservableVersionError: it is not as it was published.
        """
        try:
            self._insist(name, version)
            manifest = self._registry.manifest(name, version)
            if which not in {entry.path for entry in manifest.files.values()}:
                raise ReportNotFoundError(name, version, which)
            return self._registry.file_of(name, version, which)
        except DamagedModelError as error:
            raise UnservableVersionError(name, version, str(error)) from error

    def diff(self, name: str, before: int, after: int, *, n_live: int = 500) -> Comparison:
        """
        Ask two versions the test set, and what was asked lately where that is kept.

        Raises:
            InvalidModelNameError, ModelNotFoundError, VersionNotFoundError: one is not there.
            UnservableVersionError: one cannot be asked.
        """
        for version in (before, after):
            self._insist(name, version)
        live = self._recent_texts(name, n_live)
        return Comparison(before, after, *self._gatekeeper.compare(name, before, after, live))

    def checks(self, name: str) -> tuple[int, Checks]:
        """
        Give what versions of a model are held against, and its number; 0 where nothing was kept.

        Raises:
            InvalidModelNameError, ModelNotFoundError: there is no such model.
            ModelUnavailableError: it cannot be trusted.
        """
        return self._gatekeeper.checks(name)

    def change_checks(self, name: str, checks: Checks, caller: str) -> int:
        """
        Hold versions of a model against other checks from now on, and give their number.

        Raises:
            InvalidModelNameError, ModelNotFoundError: there is no such model.
            InvalidChecksError: they cannot be kept.
        """
        number = self._gatekeeper.keep(name, checks)
        counts = {"checks": number, "test": len(checks.test), "must": len(checks.must)}
        self._tell(caller, Deed.CHANGE_CHECKS, name, None, counts)
        return number

    def keep_checks(self, name: str, test_examples: Sequence[Example]) -> bool:
        """Make these the frozen test set of a model where they are not; cases and allowance stay. Say which was so."""
        return self._gatekeeper.keep_test(name, test_examples)

    def _summary(self, name: str, version: int, aliases: Mapping[str, int]) -> VersionSummary:
        named = tuple(sorted(alias for alias, meant in aliases.items() if meant == version))
        try:
            return VersionSummary(version, named, self._registry.manifest(name, version).facts)
        except DamagedModelError as error:
            return VersionSummary(version, named, problem=str(error))
