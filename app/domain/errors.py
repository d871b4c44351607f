"""
Everything Parley refuses or fails to do on purpose.

Each is named for the fact, carries the facts and builds its sentence. HTTP statuses stand in `web/errors.py`.

    ParleyError
    |-- InvalidRequestError              what was sent cannot be used
    |   |-- InvalidModelNameError
    |   |-- InvalidModelReferenceError
    |   |-- UnknownIntentError
    |   |-- TooManyInputsError
    |   |-- InputTooLongError
    |   |-- WrongInputKindError
    |   |-- InvalidRecordError
    |   |-- InvalidLineError             these four stand in batch_errors.py
    |   |   `-- LineTooLongError
    |   |-- UnansweredLineError
    |   |-- TooManyLinesError
    |   |-- InvalidUserNameError         these six stand in identity_errors.py
    |   |-- WeakPasswordError
    |   |-- NameTakenError
    |   |-- ExcessiveGrantError
    |   |-- BuiltInUserError
    |   |-- PasswordGivenError
    |   |-- OAuthError                   what an OAuth2 client asks wrongly; these four stand in oauth_errors.py
    |   |   |-- ClientProofError
    |   |   |-- RefusedGrantError
    |   |   `-- UntrustedRedirectError
    |   |-- InvalidFormError             it stands in page_errors.py
    |   |-- InvalidCallbackError         it stands in outgoing_errors.py
    |   |-- InvalidExamplesError         these three stand in draft_errors.py
    |   |-- TooManyExamplesError
    |   |-- UnwritableDataError
    |   |-- SeveralProofsError           it stands in identity_errors.py
    |   |-- InvalidAliasError            these four stand in version_errors.py
    |   |-- InvalidChecksError
    |   |-- UnusableArchiveError
    |   `-- ArchiveTooLargeError
    |-- AuthenticationError              no proof, or a wrong one
    |-- MissingScopeError                proven, but not allowed
    |-- ForbiddenModelError              the same; these three stand in identity_errors.py
    |-- ForbiddenOriginError
    |-- ForbiddenFileError
    |-- ForgedFormError                  not from a page of the session; it stands in page_errors.py
    |-- RateLimitedError                 more requests than a limit allows; these two stand in rate_limit_errors.py
    |   `-- TooManyGuessesError
    |-- NotFoundError
    |   |-- ModelNotFoundError
    |   |-- VersionNotFoundError
    |   |-- AliasNotFoundError
    |   |-- UnknownIdentityError         it stands in identity_errors.py
    |   |-- ExampleNotFoundError         it stands in draft_errors.py
    |   |-- ReportNotFoundError          in version_errors.py
    |   |-- PredictionNotFoundError      it stands in queue_errors.py
    |   |-- ResultNotFoundError          this and the next five stand in job_errors.py
    |   `-- JobNotFoundError
    |-- JobEndedError
    |-- JobNotEndedError
    |-- QueueFullError
    |-- ClaimLostError
    |-- PredictionLostError              answered by nobody, twice; these three stand in queue_errors.py
    |-- SealedElsewhereError
    |-- DamagedPredictionError
    |-- ResultTooLargeError              in batch_errors.py
    |-- DraftConflictError               a change that does not fit; these three stand in draft_errors.py
    |   |-- DraftChangedError
    |   `-- DuplicateExampleError
    |-- ConflictError                    not to a model as it is now; these stand in version_errors.py
    |   |-- NoActiveVersionError
    |   |-- VersionInUseError
    |   |-- NoPreviousVersionError
    |   |-- NotBetterError
    |   |-- AliasesMovedError
    |   |-- UnservableVersionError
    |   `-- GateRefusedError
    |-- ModelNotReadyError               known, still loading
    |-- ModelUnavailableError            known, and cannot be served
    |-- NotServedError                   published, and not served by every worker; it stands in served.py
    |-- OverloadedError                  these four stand in load_errors.py
    |-- NoRoomError
    |-- DeadlineExceededError
    |-- SlowRequestError
    |-- ConfigurationError               the operator's files or flags
    |   |-- NotYamlError                 these two stand in configuration_errors.py
    |   |-- UnknownKeyError
    |   |-- UnusableTokenKeyError        it stands in oauth_errors.py
    |   `-- InvalidValueError
    |-- DatasetError                     training or test data that cannot be used; in training_errors.py
    |   |-- UnreadableDataError
    |   `-- UnusableDatasetError
    |-- UntrainableOrderError            a training that cannot be done; in training_errors.py
    |-- CannotContinueError              a version that no training can go on from; in training_errors.py
    |-- TrainingError                    a training that must not be published; in training_errors.py
    |   |-- NonFiniteLossError
    |   `-- ParityError
    |-- UnimportableModelError           a model of another system; in training_errors.py
    |   `-- ForbiddenNameError
    |-- UnwritableRegistryError
    |-- OutgoingError                    a call of another server; these stand in outgoing_errors.py
    |   |-- RefusedUrlError
    |   |-- UnresolvedHostError
    |   |-- UnreachableHostError
    |   |-- UntrustedHostError
    |   |-- OutgoingTimeoutError
    |   `-- MalformedReplyError
    |-- StorageError                     the database; these stand in storage_errors.py
    |   |-- StorageUnavailableError
    |   `-- RefusedEntryError
    `-- DamagedModelError                a version on disk that must not be served; in damage_errors.py
        |-- MissingFileError
        |-- TruncatedFileError
        |-- ChangedFileError
        |-- LinkedFileError
        |-- UnlistedFileError
        |-- UnknownFileError
        |-- OpenFolderError
        |-- UnsignedVersionError
        |-- WrongSignatureError
        |-- UnreadableFileError
        |-- UnsafePickleError
        `-- UnknownFormatError
"""

from collections.abc import Sequence
from typing import Final

from .quotation import shortened

_SHOWN: Final = 20
"""Problems of one file."""


class ParleyError(Exception):
    """The root of the tree; `field` is the part of a request that it is about, where it is about one."""

    field: str = ""

    @property
    def sentences(self) -> tuple[str, ...]:
        """What is wrong with that part, a sentence each."""
        return (str(self),)


class InvalidRequestError(ParleyError):
    """A request that cannot be used; `field` is a path such as `texts[2]`, or empty for the whole."""

    def __init__(self, message: str, field: str = "") -> None:
        self.field = field
        super().__init__(message)


class InvalidModelNameError(InvalidRequestError):
    """A name that no model can have."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(
            f"{shortened(name)} is not a model name: 1 to 64 letters, digits, dots, dashes and underscores, "
            "starting with a letter or digit and not ending with a dot or dash, and no '..'",
            field="model",
        )


class InvalidModelReferenceError(InvalidRequestError):
    """A model reference that is none of `name`, `name@7`, `name@alias`."""

    def __init__(self, reference: str) -> None:
        self.reference = reference
        super().__init__(f"{shortened(reference)} is no model reference: write name, name@7 or name@alias", "model")


class UnknownIntentError(InvalidRequestError):
    """A request restricted to intents the model has not."""

    def __init__(self, model: str, intents: Sequence[str]) -> None:
        self.model, self.intents = model, tuple(intents)
        super().__init__(f"model {model} has no intent {', '.join(map(shortened, intents[:5]))}", field="intents")


class TooManyInputsError(InvalidRequestError):
    """More inputs in one request than the limit; `field` is `texts` or `records`."""

    def __init__(self, n_inputs: int, limit: int, field: str) -> None:
        self.n_inputs, self.limit = n_inputs, limit
        super().__init__(f"{n_inputs:,} {field} in one request; the limit is {limit:,}", field=field)


class InputTooLongError(InvalidRequestError):
    """A text of more characters than the limit, or a record whose JSON has more."""

    def __init__(self, n_chars: int, limit: int, field: str) -> None:
        self.n_chars, self.limit = n_chars, limit
        what = "record as JSON" if field.startswith("record") else "text"
        super().__init__(f"the {what} has {n_chars:,} characters; the limit is {limit:,}", field=field)


class WrongInputKindError(InvalidRequestError):
    """A text for a model that takes records, or a record for one that takes texts."""

    def __init__(self, model: str, sent: str, wanted: str) -> None:
        self.model, self.sent, self.wanted = model, sent, wanted
        message = f"model {model!r} takes {wanted}s: send `{wanted}` (one) or `{wanted}s` (a list), not `{sent}`"
        super().__init__(message, field=sent)


class InvalidRecordError(InvalidRequestError):
    """Something that is no record."""

    def __init__(self, field: str) -> None:
        super().__init__("not a record: an object of fields is expected", field=field)


class AuthenticationError(ParleyError):
    """No credentials, or credentials that prove nothing; which of the two is not told."""

    def __init__(self) -> None:
        super().__init__("this needs a proof that is right: user and password, an access token, or an API key")


class MissingScopeError(ParleyError):
    """A caller who may not do this."""

    def __init__(self, caller: str, scope: str) -> None:
        self.caller, self.scope = caller, scope
        super().__init__(f"this needs the scope {str(scope)!r}")


class NotFoundError(ParleyError):
    """Something asked for by name that is not there."""

    field = "model"


class ModelNotFoundError(NotFoundError):
    """No model of that name."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"there is no model {name!r}")


class VersionNotFoundError(NotFoundError):
    """A model without that version."""

    def __init__(self, name: str, version: int) -> None:
        self.name, self.version = name, version
        super().__init__(f"model {name!r} has no version {version}")


class AliasNotFoundError(NotFoundError):
    """A model without that alias."""

    def __init__(self, name: str, alias: str) -> None:
        self.name, self.alias = name, alias
        super().__init__(f"model {name!r} has no alias {alias!r}")


class ModelNotReadyError(ParleyError):
    """A model that is there and cannot answer yet."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"model {name!r} is still loading")


class ModelUnavailableError(ParleyError):
    """A model that is there and cannot be served; `problem` is the sentence that says why."""

    def __init__(self, name: str, problem: str) -> None:
        self.name, self.problem = name, problem
        super().__init__(f"model {name!r} cannot be served: {problem}")


class ConfigurationError(ParleyError):
    """A configuration that cannot be used; the sentence says where."""


class InvalidValueError(ConfigurationError):
    """A known key with a value that it cannot have."""

    def __init__(self, where: str, problem: str) -> None:
        self.where = where
        super().__init__(f"{where}: {problem}")


class UnwritableRegistryError(ParleyError):
    """A registry that takes no new version."""

    def __init__(self, path: str, problem: str) -> None:
        self.path, self.problem = path, problem
        super().__init__(f"{path} cannot be written: {problem}; the registry is as it was")
