"""A request to an operation, and what its body holds."""

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from .decoding import BodyTooLargeError, UnsupportedMediaTypeError, decode
from .operation import Operation, Upload
from .query import read_form
from .reply import JSON

_FORM: Final = "application/x-www-form-urlencoded"


class Request(NamedTuple):
    """What an operation needs of a request."""

    header: Callable[[str], str | None]
    """Gives a header by its name in small letters, or None."""
    body: bytes | None
    """None where it is over the limit."""
    parameters: Mapping[str, str]
    """Of the path."""
    peer: str = ""
    """The address that the connection comes from."""
    query: str = ""
    """What stood behind the path, as it was sent."""
    upload: Upload | None = None
    """The body, where it was put on disk."""


def body_of(
    operation: Operation, request: Request, max_body_bytes: int, max_upload_bytes: int
) -> tuple[object, Upload | None]:
    """
    Give what was sent, decoded or as a file; one of them is None.

    Raises:
        UnsupportedMediaTypeError: the operation takes no bodies of its type.
        BodyTooLargeError: it is over the limit.
        InvalidRequestError: it is not what the operation takes.
    """
    if operation.raw:
        if request.body is None:
            raise BodyTooLargeError(max_body_bytes)
        return request.body, None
    named = request.header("content-type") or ""
    sent = named if named == JSON else media_type(named)
    if sent == JSON and operation.body is not None:
        if request.body is None:
            raise BodyTooLargeError(max_body_bytes)
        return decode(request.body, operation.body), None
    if sent == _FORM and operation.fields:
        if request.body is None:
            raise BodyTooLargeError(max_body_bytes)
        return read_form(request.body, operation.fields), None
    if sent not in operation.uploads:
        taken = [*[JSON] * (operation.body is not None), *[_FORM] * bool(operation.fields), *operation.uploads]
        wanted = " or ".join(taken)
        what = f"not {sent}" if sent else "and none was named"
        raise UnsupportedMediaTypeError(f"the body's Content-Type must be {wanted}, {what}")
    if request.upload is None:
        raise BodyTooLargeError(max_upload_bytes)
    return None, request.upload


def media_type(content_type: str) -> str:
    """Give the type that a header names, without its parameters."""
    return content_type.partition(";")[0].strip().lower()
