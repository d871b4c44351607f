"""
Callers that may use some models and no others: the one place that looks at which models a request names.

A request names them in its path (`/models/{name}`), behind it (`?model=`), or in its body (`model`). Where its body
names none and could, it means the default model. What only an operation itself can see, it asks the call for: a form
that was uploaded, the model of a job, the members of a list.
"""

from collections.abc import Iterator
from typing import Final

from ..domain.caller import Caller
from ..domain.model_reference import ModelReference
from .operation import Call, Operation

_OF_A_MODEL: Final = "/models/{name}"


def require_models(operation: Operation, call: Call, caller: Caller, default: str) -> None:
    """
    Insist that every model which a request names is one of the caller's.

    Args:
        operation: what is asked for.
        call: the request.
        caller: who may not use all models.
        default: the model that a body means which could name one and does not.

    Raises:
        ForbiddenModelError: one is not, whether or not there is such a model.
        InvalidModelReferenceError, InvalidModelNameError: what stands there is no model.
    """
    for name in _named(operation, call, default):
        caller.require_model(name)


def _named(operation: Operation, call: Call, default: str) -> Iterator[str]:
    if operation.path.startswith(_OF_A_MODEL):
        yield call.parameters["name"]
    if "model" in call.parameters:
        yield call.parameters["model"]
    if "model" in call.query:
        yield call.query["model"]
    if hasattr(call.body, "model"):
        yield default if call.body.model is None else ModelReference.parse(call.body.model).name
