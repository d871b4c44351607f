"""What is refused of files of lines to be answered; part of the tree in errors.py."""

from .errors import InvalidRequestError, ParleyError


class InvalidLineError(InvalidRequestError):
    """A line that is nothing to be answered; the others are."""

    def __init__(self, problem: str) -> None:
        self.problem = problem
        super().__init__(problem)


class LineTooLongError(InvalidLineError):
    """A line of more bytes than are read."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        super().__init__(f"the line has more than {limit:,} bytes")


class UnansweredLineError(InvalidRequestError):
    """A line that the model could not answer, which no line should be."""

    def __init__(self) -> None:
        super().__init__("the model could not answer this one")


class TooManyLinesError(InvalidRequestError):
    """A file of more lines than are answered at once."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        super().__init__(f"the file has more than {limit:,} lines", field="file")


class ResultTooLargeError(ParleyError):
    """Answers that take more room than a result may."""

    def __init__(self, limit_mb: int) -> None:
        self.limit_mb = limit_mb
        super().__init__(f"its result takes more than batch_result_mb allows: {limit_mb:,} MB, compressed")
