"""`GET /api/me`: which user a token stands for."""

from ...domain.caller import CallerKind, Scope
from ...domain.errors import InvalidRequestError
from ..operation import Answer, Call, Operation, Services
from .shapes import MeReply


def me(services: Services, call: Call) -> Answer:  # noqa: ARG001 - every handler takes both
    """
    Name the user who calls, or for whom a client or a key does.

    Raises:
        InvalidRequestError: it is a client that acts for itself.
    """
    caller = call.caller
    if caller is None or caller.kind is CallerKind.CLIENT:
        raise InvalidRequestError("this token stands for no user: its client acts for itself")
    name = caller.user or caller.name
    return Answer(MeReply(name, name))


OPERATIONS = (
    Operation(
        name="me",
        method="GET",
        path="/api/me",
        scope=Scope.PREDICT,
        tag="oauth2",
        summary="Who am I?",
        description="The user behind a token, a key or a password. The token of a client that acts for itself "
        "(`client_credentials`) stands for none: 400.",
        replies={200: (MeReply,)},
        handle=me,
        errors=(InvalidRequestError,),
    ),
)
