"""
Answers to what waited in the queue: each what `POST /predict` would have given, be it an error.

It is counted and logged as a request of method `QUEUE`, since the one that put it into the queue was answered before.
"""

import time
from typing import Final

from ..domain.errors import ParleyError
from ..domain.logged_request import AnsweredInputs
from ..domain.queue_errors import PredictionLostError
from ..domain.queued_prediction import CLAIMS_AT_MOST, Claimed, Result
from ..logging_setup.lines import CURRENT_REQUEST
from .answering import Answering
from .api.predict import predict
from .api.predict_shapes import PredictRequest
from .decoding import decode
from .operation import Answer, Call, Services
from .told import answer_reply, failure_reply, no_header, refusal_reply

METHOD: Final = "QUEUE"
_ENDPOINT: Final = "/predict"
_FIRST_ERROR: Final = 400


def answer_queued(answering: Answering, claimed: Claimed) -> Result:
    """Make one prediction; whatever is wrong with it is its result."""
    asked, started = claimed.asked, time.perf_counter()
    answered: AnsweredInputs | None = None
    begun = CURRENT_REQUEST.set(asked.request_id)
    try:
        answer = _answer(answering.services, claimed)
        reply, answered = answer_reply(answer, asked.request_id), answer.answered
    except ParleyError as error:
        reply = refusal_reply(error, asked.request_id, no_header)
    except Exception as error:  # noqa: BLE001 - one that is wrong must not keep the others waiting
        reply = failure_reply(error, asked.request_id, None)
    finally:
        CURRENT_REQUEST.reset(begun)
    answering.observe(METHOD, _ENDPOINT, reply.status, started, asked.request_id, asked.caller, answered)
    return Result(asked.id, reply.status < _FIRST_ERROR, reply.body)


def _answer(services: Services, claimed: Claimed) -> Answer:
    if claimed.n_claims > CLAIMS_AT_MOST:
        raise PredictionLostError
    return predict(services, Call(claimed.asked.request_id, decode(claimed.asked.question, PredictRequest), {}, None))
