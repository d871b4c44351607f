"""
The Flask application: operations for WSGI servers, the pages for people, and one shape for what is refused.

What an operation answers is made by `Answering`, here as in Tornado's front.
"""

import logging
import re
import time
from functools import partial
from typing import Final

from flask import Flask, Response, g, redirect, request
from werkzeug.exceptions import HTTPException

from .. import __version__
from ..logging_setup.lines import CURRENT_REQUEST
from .answering import Answering
from .api import (
    audit,
    batches,
    checks,
    examples,
    health,
    jobs,
    metrics,
    models,
    predict,
    queued,
    train,
    version_files,
    versions,
)
from .apidocs import add_apidocs
from .contracts.switched_on import Routing
from .cors import OPEN_PREFLIGHT_HEADERS, PREFLIGHT_HEADERS
from .errors import ErrorBody, ErrorReply, unexpected_reply
from .oauth import endpoints as oauth_endpoints
from .oauth import me
from .pages.account import account
from .pages.clients import clients
from .pages.consent import consent
from .pages.keys import keys
from .pages.landing import landing
from .pages.page import add_to_templates
from .pages.parts import PageParts
from .pages.refusals import error_page, page_of_refusal, wants_page
from .pages.sign_in import sign_in
from .pages.users import users
from .reply import REQUEST_ID, json_reply, sane_request_id
from .security_headers import JSON_HEADERS, PAGE_HEADERS
from .view import response_of, view_of

_log = logging.getLogger(__name__)

OPERATIONS: Final = (
    *predict.OPERATIONS,
    *queued.OPERATIONS,
    *batches.OPERATIONS,
    *train.OPERATIONS,
    *jobs.OPERATIONS,
    *examples.OPERATIONS,
    *audit.OPERATIONS,
    *models.OPERATIONS,
    *versions.OPERATIONS,
    *version_files.OPERATIONS,
    *checks.OPERATIONS,
    *health.OPERATIONS,
    *metrics.OPERATIONS,
    *oauth_endpoints.OPERATIONS,
    *me.OPERATIONS,
)

PAGES: Final = (landing, sign_in, account, keys, clients, users, consent)

_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_OF_THE_REPLY: Final = frozenset({"content-type", "content-length"})


def create_app(answering: Answering, routes: Routing | None = None, *, is_secure: bool = False) -> Flask:
    """
    Build the application over operations that are answered elsewhere.

    Args:
        answering: answers operations.
        routes: all operations; None: ours alone.
        is_secure: whether browsers reach the server over TLS; cookies are then for nothing else.
    """
    routes = routes or Routing(OPERATIONS)
    app = Flask(__name__)
    app.url_map.merge_slashes = False  # a name that begins with a slash is unknown, not elsewhere
    app.config["MAX_CONTENT_LENGTH"] = answering.max_body_bytes
    app.before_request(_begin)
    app.before_request(partial(_answer_preflight, answering, routes.paths_of_any_origin()))
    app.after_request(partial(_end, answering))
    app.teardown_request(_forget)
    app.register_error_handler(HTTPException, partial(_refuse, answering))
    app.register_error_handler(Exception, _fail)
    for operation in routes.operations:
        app.add_url_rule(
            re.sub(r"{(\w+)}", r"<\1>", operation.path),
            operation.name,
            view_of(operation, answering),
            methods=[operation.method],
        )
    services = answering.services
    has_old_grants = bool(services.oauth.settings.old_grants)
    add_to_templates(
        app,
        PageParts(
            services.identity,
            services.oauth,
            services.guesses,
            answering.door.address,
            is_secure,
            has_old_grants=has_old_grants,
        ),
    )
    for pages in PAGES:
        app.register_blueprint(pages)
    add_apidocs(app, routes.operations, __version__)
    for path in routes.documents:
        app.add_url_rule(path, path.strip("/"), app.view_functions["flasgger.apispec"])
    for path, target in routes.redirects.items():
        app.add_url_rule(path, path.strip("/"), partial(redirect, target))
    return app


def _begin() -> None:
    g.request_id = sane_request_id(request.headers.get(REQUEST_ID))
    g.begun = CURRENT_REQUEST.set(g.request_id)
    g.started = time.perf_counter()
    g.answered = False


def _answer_preflight(answering: Answering, of_any_origin: frozenset[str]) -> Response | None:
    """
    Tell a page of another origin what it may ask, whatever is there and without a proof, for browsers send none.

    Others have to prove who they are, and learn which methods there are.
    """
    if request.method != "OPTIONS":
        return None
    origin, cors = request.headers.get("Origin"), answering.cors
    is_preflight = origin is not None and "Access-Control-Request-Method" in request.headers
    if origin is not None and is_preflight and cors.allows(origin):
        return Response(status=204, headers=list(PREFLIGHT_HEADERS))
    if is_preflight and request.path in of_any_origin:
        return Response(status=204, headers=list(OPEN_PREFLIGHT_HEADERS))
    if is_preflight and cors.is_on():
        return Response(status=204)
    return _turned_away(answering)


def _turned_away(answering: Answering) -> Response | None:
    reply = answering.turn_away(request.headers.get, request.remote_addr or "", g.request_id)
    return response_of(reply) if reply is not None else None


def _end(answering: Answering, response: Response) -> Response:
    """Give pages and refusals what replies of operations have."""
    if not g.answered:
        response.headers[REQUEST_ID] = g.request_id
        for name, value in JSON_HEADERS if response.is_json else PAGE_HEADERS:
            response.headers.setdefault(name, value)
        for name, value in answering.standing_headers(request.headers.get, request.remote_addr or ""):
            response.headers.add(name, value)
        rule = request.url_rule.rule if request.url_rule else "-"
        caller = g.get("caller_name")
        answering.observe(_method(), rule, response.status_code, g.started, g.request_id, caller)
    return response


def _forget(_: BaseException | None) -> None:
    CURRENT_REQUEST.reset(g.begun)


def _method() -> str:
    """Give the method, unless somebody made one up: it becomes a label of metrics."""
    return request.method if request.method in _METHODS else "other"


def _refuse(answering: Answering, error: HTTPException) -> Response:
    """
    Give what Flask itself refuses (no such route, no such method) our shape, and keep its headers.

    Which routes there are is told to those alone who prove who they are.
    """
    if request.routing_exception is not None and (refused := _turned_away(answering)) is not None:
        return page_of_refusal(refused) if wants_page() else refused
    status = error.code or 500
    code = error.name.lower().replace(" ", "_")
    kept = [(name, value) for name, value in error.get_headers(request.environ) if name.lower() not in _OF_THE_REPLY]
    body = ErrorReply(ErrorBody(code, error.description or error.name, g.request_id))
    if wants_page():
        return error_page(body, status, *kept)
    return response_of(json_reply(body, status, g.request_id, *kept))


def _fail(error: Exception) -> Response:
    _log.error("request %s failed", g.request_id, exc_info=error)
    if wants_page():
        return error_page(unexpected_reply(g.request_id), 500)
    return response_of(json_reply(unexpected_reply(g.request_id), 500, g.request_id))
