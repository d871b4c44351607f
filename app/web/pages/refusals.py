"""Errors as pages, in plain words, for people; programs get the one shape of `web/errors.py`."""

import logging
from typing import Final

import msgspec
from flask import Response, g, render_template, request

from ...domain.errors import ParleyError
from ...domain.load_errors import OverloadedError
from ...domain.rate_limit_errors import RateLimitedError
from ..errors import ErrorReply, error_reply, status_of
from ..reply import json_reply
from ..view import response_of

_log = logging.getLogger(__name__)

_OURS: Final = 500
_KEPT: Final = frozenset({"Retry-After", "WWW-Authenticate"})
_TITLES: Final = {
    400: "That cannot be used",
    401: "Sign in first",
    403: "Not allowed",
    404: "There is nothing here",
    405: "Not possible here",
    409: "That does not fit",
    413: "That is too much",
    415: "That is no form",
    429: "Too many tries",
    500: "Something went wrong here",
    503: "Not possible just now",
}
_ADVICE: Final = {
    429: "Wait a little, then try again.",
    503: "Try again in a moment. If it stays like this, tell whoever runs this server.",
    500: "Tell whoever runs this server, with the number below: the log knows more under it.",
}


def wants_page() -> bool:
    """Say whether a person waits for the answer: a browser names HTML, programs do not."""
    kinds = request.accept_mimetypes
    is_named = any(kind == "text/html" and quality > 0 for kind, quality in kinds)
    return is_named and kinds["text/html"] >= kinds["application/json"]


def wants_json() -> bool:
    """Say whether a program asked for a page of ours and names what it reads."""
    kinds = request.accept_mimetypes
    return any(kind == "application/json" for kind, _ in kinds) and not wants_page()


def refused(error: ParleyError) -> Response:
    """Answer what a page refuses."""
    status = status_of(type(error))
    if status >= _OURS:
        _log.error("request %s: %s", g.request_id, error)
    told = error_reply(error, g.request_id)
    further = []
    if isinstance(error, RateLimitedError):
        further.append(("Retry-After", str(error.retry_after_s)))
    if isinstance(error, OverloadedError):
        further.append(("Retry-After", "1"))
    if wants_json():
        return response_of(json_reply(told, status, g.request_id, *further))
    return error_page(told, status, *further)


def page_of_refusal(reply: Response) -> Response:
    """Say what a program was told to a person."""
    told = msgspec.json.decode(reply.data, type=ErrorReply)
    kept = [(name, value) for name, value in reply.headers if name in _KEPT]
    return error_page(told, reply.status_code, *kept)


def error_page(told: ErrorReply, status: int, *headers: tuple[str, str]) -> Response:
    """Say what went wrong to a person."""
    title = _TITLES.get(status, "That did not work")
    problems = [f"{detail.field}: {detail.message}" for detail in told.error.details] or [told.error.message]
    page = render_template(
        "error.html", title=title, problems=problems, advice=_ADVICE.get(status), request_id=told.error.request_id
    )
    return Response(page, status, [*headers, ("Cache-Control", "no-store")], content_type="text/html; charset=utf-8")
