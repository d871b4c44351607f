"""
Answers to what waited in the queue: each what `POST /predict` would have given, be it an error.

It is counted and logged as a request of method `QUEUE`, since the one that put it into the queue was answered before.
"""

import time
from collections.abc import Callable
from functools import partial
from typing import Final

from ..domain.errors import ParleyError
from ..domain.logged_request import AnsweredInputs
from ..domain.queued_prediction import Asked, Claimed, Result
from ..logging_setup.lines import CURRENT_REQUEST
from .answering import Answering
from .api.predict import predict
from .api.predict_shapes import PredictRequest
from .decoding import decode
from .operation import Answer, Call
from .told import answer_reply, failure_reply, no_header, refusal_reply

METHOD: Final = "QUEUE"
CLOSES_WITHIN_S: Final = 1.0
"""For a prediction that is under way when its process ends; another worker takes it up."""

_ENDPOINT: Final = "/predict"
_FIRST_ERROR: Final = 400


class QueueAnswers:
    """Makes predictions; safe to share between threads."""

    def __init__(self, answering: Answering) -> None:
        self._answering = answering

    def answer(self, claimed: Claimed) -> Result:
        """Make one; whatever is wrong with it is its result."""
        return self._told(claimed.asked, partial(self._predict, claimed.asked))

    def refuse(self, claimed: Claimed, error: ParleyError) -> Result:
        """Make none, and say why."""

        def fail() -> Answer:
            raise error

        return self._told(claimed.asked, fail)

    def _predict(self, asked: Asked) -> Answer:
        return predict(
            self._answering.services, Call(asked.request_id, decode(asked.question, PredictRequest), {}, None)
        )

    def _told(self, asked: Asked, make: Callable[[], Answer]) -> Result:
        started = time.perf_counter()
        answered: AnsweredInputs | None = None
        begun = CURRENT_REQUEST.set(asked.request_id)
        try:
            answer = make()
            reply, answered = answer_reply(answer, asked.request_id), answer.answered
        except ParleyError as error:
            reply = refusal_reply(error, asked.request_id, no_header)
        except Exception as error:  # noqa: BLE001 - one that is wrong must not keep the others waiting
            reply = failure_reply(error, asked.request_id, None)
        finally:
            CURRENT_REQUEST.reset(begun)
        caller, status = asked.caller, reply.status
        self._answering.observe(METHOD, _ENDPOINT, status, started, asked.request_id, caller, answered)
        return Result(asked.id, reply.status < _FIRST_ERROR, reply.body)
