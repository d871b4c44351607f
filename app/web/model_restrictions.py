"""
Callers that may use some models and no others: the one place that looks at which models a request names.

A request names them in its path (`/models/{name}`), behind it (`?model=`), or in its body (`model`). Where its body
names none and could, it means the default model. What only an operation itself can see, it asks the call for: a form
that was uploaded, the model of a job, the members of a list.
"""

from collections.abc import Mapping
from typing import Final

from ..domain.caller import Caller
from ..domain.model_reference import ModelReference
from .operation import Call, Operation

_OF_A_MODEL: Final = "/models/{name}"


def require_model_in_path(operation: Operation, parameters: Mapping[str, str], caller: Caller) -> None:
    """
    Insist that the model of a path is one of the caller's, before the body is looked at.

    Raises:
        ForbiddenModelError: it is not, whether or not there is such a model.
    """
    if operation.path.startswith(_OF_A_MODEL):
        caller.require_model(parameters["name"])
    if "model" in parameters:
        caller.require_model(parameters["model"])


def require_models_named(call: Call, caller: Caller, default: str) -> None:
    """
    Insist that the models which a query or a body names are the caller's.

    Args:
        call: the request.
        caller: who may not use all models.
        default: the model that a body means which could name one and does not.

    Raises:
        ForbiddenModelError: one is not, whether or not there is such a model.
        InvalidModelReferenceError, InvalidModelNameError: what stands there is no model.
    """
    if "model" in call.query:
        caller.require_model(call.query["model"].partition("@")[0])
    if hasattr(call.body, "model"):
        named = call.body.model
        caller.require_model(default if named is None else ModelReference.parse(named).name)
