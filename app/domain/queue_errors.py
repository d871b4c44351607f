"""What goes wrong with predictions that were put into the queue; part of the tree in errors.py."""

from .errors import NotFoundError, ParleyError
from .quotation import shortened


class PredictionNotFoundError(NotFoundError):
    """No prediction of that id, or none any more, or another caller's."""

    field = "id"

    def __init__(self, prediction: str) -> None:
        self.prediction = prediction
        super().__init__(f"there is no prediction {shortened(prediction)}; results are kept for a while, and then gone")


class PredictionLostError(ParleyError):
    """A prediction that whoever made it did not come back from, twice."""

    def __init__(self) -> None:
        super().__init__("who was to answer this did not come back from it, twice; it is not tried again")


class SealedElsewhereError(ParleyError):
    """A prediction that a server with another key has sealed."""

    def __init__(self) -> None:
        super().__init__("this was sealed under another key; `queue_key` must be the same on all servers of a queue")


class DamagedPredictionError(ParleyError):
    """A prediction that is not as it was put into the queue."""

    def __init__(self) -> None:
        super().__init__("what was asked is not as it was put into the queue, and is not answered; ask again")
