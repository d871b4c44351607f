"""`/models/{name}/checks`: what a version is held against before it may answer."""

import msgspec

from ...domain.caller import Scope
from ...domain.version_errors import InvalidChecksError
from ...evaluation.checks import Checks
from ..operation import Answer, Call, Example, Operation, Services
from .versions import NAME, OF_A_CHANGE, OF_A_MODEL, caller_of


class ChecksReply(msgspec.Struct, frozen=True):
    """The checks of a model; number 0 says that none were kept."""

    name: str
    number: int
    checks: Checks


def get_checks(services: Services, call: Call) -> Answer:
    """Give the checks of a model."""
    name = call.parameters["name"]
    return Answer(ChecksReply(name, *services.versions.checks(name)))


def put_checks(services: Services, call: Call) -> Answer:
    """Replace the checks of a model."""
    name = call.parameters["name"]
    return Answer(ChecksReply(name, services.versions.change_checks(name, call.body, caller_of(call)), call.body))


OPERATIONS = (
    Operation(
        name="get_checks",
        method="GET",
        path="/models/{name}/checks",
        scope=Scope.TRAIN,
        tag="versions",
        summary="What versions are held against",
        description="The frozen test set, the cases that must always be so, and by how much a version may be worse.",
        replies={200: (ChecksReply,)},
        handle=get_checks,
        errors=OF_A_MODEL,
        parameters=NAME,
    ),
    Operation(
        name="put_checks",
        method="PUT",
        path="/models/{name}/checks",
        scope=Scope.TRAIN,
        tag="versions",
        summary="Hold versions against something else",
        description="From the next activation on. What was there before is kept beside it under its number.",
        replies={200: (ChecksReply,)},
        handle=put_checks,
        body=Checks,
        errors=(*OF_A_CHANGE, InvalidChecksError),
        parameters=NAME,
        examples=(
            Example(
                "Two texts, a case, a case that no intent is meant for",
                {
                    "test": [
                        {"text": "tell me a joke", "intent": "joke"},
                        {"text": "who are you", "intent": "bot_name"},
                    ],
                    "must": [
                        {"text": "make me laugh", "intent": "joke"},
                        {"text": "what is the capital of france", "intent": None},
                    ],
                    "allowance": {"accuracy": 0.01, "intent": 0.2},
                },
            ),
        ),
    ),
)
