"""An operation as a view of Flask, for WSGI servers: they have a thread for each request, which may wait."""

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Final

from flask import Response, g, request
from werkzeug.exceptions import RequestEntityTooLarge

from .answering import Answering
from .operation import Operation, Part, Upload
from .reply import Reply
from .request import Request

_ASKS_EVERY_S: Final = 0.25


def response_of(reply: Reply) -> Response:
    """Write a reply as Flask has them."""
    body = reply.body if reply.stream is None else _pieces(reply.stream)
    return Response(body, reply.status, list(reply.headers))


def view_of(operation: Operation, answering: Answering) -> Callable[..., Response]:
    """Give what Flask calls for an operation."""

    def view(**parameters: str) -> Response:
        with ExitStack() as stack:
            upload = _upload(answering.max_upload_bytes, stack) if request.mimetype in operation.uploads else None
            body = b"" if request.mimetype in operation.uploads else _body()
            peer, query = request.remote_addr or "", request.query_string.decode("latin-1")
            asked = Request(request.headers.get, body, parameters, peer, query, upload)
            reply = _awaited(answering.answer(operation, asked))
        g.answered = True
        return response_of(reply)

    return view


def _body() -> bytes | None:
    try:
        return request.get_data(cache=False)
    except RequestEntityTooLarge:
        return None


def _upload(at_most: int, stack: ExitStack) -> Upload | None:
    """Put the body on disk until the request has ended; None where it is too large."""
    request.max_content_length = at_most
    file = stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 - the stack is the context
    try:
        shutil.copyfileobj(request.stream, file)
    except RequestEntityTooLarge:
        return None
    n_bytes = file.tell()
    file.seek(0)
    return Upload(file, request.headers.get("Content-Type", ""), n_bytes)


def _awaited(reply: Reply) -> Reply:
    """Wait for a reply that is not there yet: a WSGI server has a thread for each request."""
    while reply.later is not None:
        if (there := reply.later(False)) is not None:
            return there
        time.sleep(_ASKS_EVERY_S)
    return reply


def _pieces(following: Callable[[], Part]) -> Iterator[bytes]:
    while True:
        part = following()
        if part.content:
            yield part.content
        if part.is_last:
            return
        if not part.has_more:
            time.sleep(_ASKS_EVERY_S)
