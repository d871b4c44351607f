"""The Flask application: operations on their routes, one shape for errors, one line in the log for each request."""

import logging
import re
import secrets
import time
from collections.abc import Callable
from typing import Final

import msgspec
from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from .. import __version__
from ..domain.errors import AuthenticationError, ModelNotReadyError, ParleyError
from .api import health, models, predict
from .apidocs import add_apidocs
from .authentication import CHALLENGE, authenticate
from .decoding import BodyTooLargeError, UnsupportedMediaTypeError, decode
from .errors import ErrorBody, ErrorReply, error_reply, status_of, unexpected_reply
from .operation import Call, Operation, Services
from .pages.landing import landing

_log = logging.getLogger(__name__)
_access_log = logging.getLogger("parley.access")

OPERATIONS: Final = (*predict.OPERATIONS, *models.OPERATIONS, *health.OPERATIONS)

_JSON: Final = "application/json"
_REQUEST_ID: Final = "X-Request-ID"
_SANE_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)
_RETRY_AFTER_S: Final = "1"


def create_app(services: Services, *, max_body_bytes: int) -> Flask:
    """Build the application over use cases that were put together elsewhere."""
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = max_body_bytes
    app.before_request(_begin)
    app.after_request(_end)
    app.register_error_handler(ParleyError, _refuse)
    app.register_error_handler(HTTPException, _refuse_as_http)
    app.register_error_handler(Exception, _fail)
    for operation in OPERATIONS:
        app.add_url_rule(
            re.sub(r"{(\w+)}", r"<\1>", operation.path),
            operation.name,
            _view(operation, services),
            methods=[operation.method],
        )
    app.register_blueprint(landing)
    add_apidocs(app, OPERATIONS, __version__)
    return app


def _view(operation: Operation, services: Services) -> Callable[..., Response]:
    def view(**parameters: str) -> Response:
        caller = None
        if operation.scope is not None:
            caller = authenticate(request.headers.get("Authorization"), services.identity)
            caller.require(operation.scope)
        body = _body(operation) if operation.body is not None else None
        answer = operation.handle(services, Call(g.request_id, body, parameters, caller))
        return _json_response(answer.body, answer.status)

    return view


def _body(operation: Operation) -> object:
    if request.mimetype != _JSON:
        sent = f"not {request.mimetype}" if request.mimetype else "and none was named"
        raise UnsupportedMediaTypeError(f"the body's Content-Type must be {_JSON}, {sent}")
    try:
        data = request.get_data(cache=False)
    except RequestEntityTooLarge:
        raise BodyTooLargeError(request.max_content_length or 0) from None
    return decode(data, operation.body)


def _begin() -> None:
    given = request.headers.get(_REQUEST_ID, "")
    g.request_id = given if _SANE_REQUEST_ID.fullmatch(given) else secrets.token_hex(8)
    g.started = time.perf_counter()


def _end(response: Response) -> Response:
    response.headers[_REQUEST_ID] = g.request_id
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    # the rule, not the path: what a person typed can stand in a path
    rule = request.url_rule.rule if request.url_rule else "-"
    spent_ms = (time.perf_counter() - g.started) * 1000
    _access_log.info("%s %s %d %.1f ms %s", request.method, rule, response.status_code, spent_ms, g.request_id)
    return response


def _refuse(error: ParleyError) -> Response:
    status = status_of(type(error))
    if status >= 500:  # noqa: PLR2004
        _log.error("request %s: %s", g.request_id, error)
    response = _json_response(error_reply(error, g.request_id), status)
    if isinstance(error, AuthenticationError):
        response.headers["WWW-Authenticate"] = CHALLENGE
    if isinstance(error, ModelNotReadyError):
        response.headers["Retry-After"] = _RETRY_AFTER_S
    return response


def _refuse_as_http(error: HTTPException) -> Response:
    """Give what Flask itself refuses (no such route, method, body too large) our shape, and keep its headers."""
    status = error.code or 500
    code = error.name.lower().replace(" ", "_")
    response = _json_response(ErrorReply(ErrorBody(code, error.description or error.name, g.request_id)), status)
    for name, value in error.get_headers(request.environ):
        if name.lower() not in ("content-type", "content-length"):
            response.headers[name] = value
    return response


def _fail(error: Exception) -> Response:
    _log.error("request %s failed", g.request_id, exc_info=error)
    return _json_response(unexpected_reply(g.request_id), 500)


def _json_response(body: msgspec.Struct, status: int) -> Response:
    return Response(msgspec.json.encode(body), status=status, content_type=_JSON)
