"""What can be wrong with versions, aliases, checks and archives; part of the tree in errors.py."""

from collections.abc import Sequence
from typing import Final

from .errors import InvalidRequestError, NotFoundError, ParleyError
from .quotation import shortened

_TOLD: Final = 5  # regressions in one sentence


class InvalidAliasError(InvalidRequestError):
    """A name that no alias can have, or none that is set by hand."""

    def __init__(self, alias: str, expected: str) -> None:
        self.alias = alias
        super().__init__(f"{shortened(alias)} cannot be set as an alias; expected is {expected}", field="alias")


class InvalidChecksError(InvalidRequestError):
    """Checks that cannot be kept; `field` says where."""


class UnusableArchiveError(InvalidRequestError):
    """Bytes that are no archive of a version, or of one that must not be taken in."""

    def __init__(self, problem: str) -> None:
        self.problem = problem
        super().__init__(f"the archive cannot be taken in: {problem}", field="archive")


class ArchiveTooLargeError(InvalidRequestError):
    """An archive that holds more bytes than the limit, before or after it is unpacked."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        super().__init__(f"the archive holds more than {limit:,} bytes", field="archive")


class ReportNotFoundError(NotFoundError):
    """A version that was published without the report asked for."""

    def __init__(self, name: str, version: int, report: str) -> None:
        self.name, self.version, self.report = name, version, report
        super().__init__(f"version {version} of model {name!r} has no {report}")


class ConflictError(ParleyError):
    """Something that cannot be done to a model as it is now."""

    field = "version"


class NoActiveVersionError(ConflictError):
    """A model of which no version was activated yet."""

    field = "model"

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"no version of model {name!r} is active; activate one, or ask for it by number: {name}@1")


class VersionInUseError(ConflictError):
    """A version that aliases point to, and that is therefore not deleted."""

    def __init__(self, name: str, version: int, aliases: Sequence[str]) -> None:
        self.name, self.version, self.aliases = name, version, tuple(aliases)
        told = ", ".join(repr(alias) for alias in sorted(aliases))
        super().__init__(f"version {version} of model {name!r} is not deleted: {told} means it; move that first")


class NoPreviousVersionError(ConflictError):
    """A model that cannot be rolled back, since nothing was active before."""

    field = "model"

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"model {name!r} has no version to go back to: nothing was active before what is")


class AliasesMovedError(ConflictError):
    """Aliases that somebody else moved in the meantime."""

    field = "model"

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"the aliases of model {name!r} were moved in the meantime; look again")


class UnservableVersionError(ConflictError):
    """A version that cannot answer, so that no alias is moved to it; `problem` is the sentence that says why."""

    def __init__(self, name: str, version: int, problem: str) -> None:
        self.name, self.version, self.problem = name, version, problem
        super().__init__(f"version {version} of model {name!r} cannot answer, and was not activated: {problem}")


class NotBetterError(ConflictError):
    """A version that was to be activated only where it is better, and is not."""

    def __init__(self, name: str, version: int, found: str) -> None:
        self.name, self.version, self.found = name, version, found
        super().__init__(f"version {version} of model {name!r} was to be activated only if better: {found}")


class GateRefusedError(ConflictError):
    """A version that does worse than the active one beyond what is allowed; `regressions` are sentences."""

    def __init__(self, name: str, version: int, regressions: Sequence[str]) -> None:
        self.name, self.version, self.regressions = name, version, tuple(regressions)
        more = len(self.regressions) - _TOLD
        told = [*self.regressions[:_TOLD], f"and {more} more"] if more > 0 else self.regressions
        super().__init__(f"version {version} of model {name!r} was refused by the gate: {'; '.join(told)}")

    @property
    def sentences(self) -> tuple[str, ...]:
        """What is worse, a sentence each."""
        return self.regressions
