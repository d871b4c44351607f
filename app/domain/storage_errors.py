"""What goes wrong with a database: a branch of the tree in `errors.py`."""

from .errors import ParleyError


class StorageError(ParleyError):
    """A database that did not do what it was asked; the sentence holds no password and nothing of an entry."""

    def __init__(self, database: str, problem: str) -> None:
        self.database, self.problem = database, problem
        super().__init__(f"{database} {problem}")


class StorageUnavailableError(StorageError):
    """A database that cannot be used now: away, locked, full, or without its tables. Later it may be."""

    def __init__(self, database: str, problem: str) -> None:
        super().__init__(database, f"cannot be used: {problem}")


class RefusedEntryError(StorageError):
    """An entry that a database in good order does not take, and never will."""

    def __init__(self, database: str, problem: str) -> None:
        super().__init__(database, f"does not take what it was given: {problem}")
