"""What goes wrong with drafts of examples: a branch of the tree in `errors.py`."""

from collections.abc import Sequence
from typing import Final

from .errors import InvalidRequestError, NotFoundError, ParleyError
from .quotation import shortened

_TOLD: Final = 100
"""Problems of one request."""


class InvalidExamplesError(InvalidRequestError):
    """Examples that cannot be taken, each with its place and what is wrong; none of them was."""

    def __init__(self, problems: Sequence[tuple[str, str]]) -> None:
        self.n_problems, self.problems = len(problems), tuple(problems[:_TOLD])
        place, problem = problems[0]
        more = f", and {len(problems) - 1:,} more are wrong" if len(problems) > 1 else ""
        super().__init__(f"{place}: {problem}{more}; no example was taken", field=place)


class TooManyExamplesError(InvalidRequestError):
    """More examples than a draft may have."""

    def __init__(self, model: str, n_examples: int, limit: int) -> None:
        self.model, self.n_examples, self.limit = model, n_examples, limit
        super().__init__(f"model {model!r} would have {n_examples:,} examples; the limit is {limit:,}", "examples")


class UnwritableDataError(InvalidRequestError):
    """Examples that a format cannot hold."""

    def __init__(self, data_format: str, problem: str) -> None:
        self.data_format, self.problem = data_format, problem
        super().__init__(f"these examples cannot be written as {data_format}: {problem}", field="format")


class ExampleNotFoundError(NotFoundError):
    """A draft without that example."""

    field = "id"

    def __init__(self, model: str, example: str) -> None:
        self.model, self.example = model, example
        super().__init__(f"the draft of model {model!r} has no example {shortened(example)}")


class DraftConflictError(ParleyError):
    """A change that does not fit what the draft is now; nothing was changed."""


class DraftChangedError(DraftConflictError):
    """A draft that somebody else has changed since it was looked at."""

    field = "revision"

    def __init__(self, model: str, expected: int, revision: int) -> None:
        self.model, self.expected, self.revision = model, expected, revision
        super().__init__(f"the draft of model {model!r} is at revision {revision}, not {expected}; nothing was changed")


class DuplicateExampleError(DraftConflictError):
    """A text that another example of the draft has."""

    field = "text"

    def __init__(self, model: str, other: str) -> None:
        self.model, self.other = model, other
        super().__init__(f"the example {other} of model {model!r} has that text already; nothing was changed")
