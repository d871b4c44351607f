"""What every page has: who looks at it, how it is shown, and what it may not be kept by."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from flask import Blueprint, Flask, Response, make_response, render_template

from ...domain.caller import Scope
from ...domain.errors import ParleyError
from .form import TOKEN_FIELD, Form
from .parts import PageParts
from .refusals import refused
from .visitor import form_token, keep_visit, maybe_visitor, meet

_BAD_REQUEST: Final = 400
_MEANING: Final = {
    Scope.PREDICT: "ask models, and see which there are",
    Scope.TRAIN: "train and publish models",
    Scope.REVIEW: "look at traffic, and correct it",
    Scope.ADMIN: "everything, users among it",
}


def page_blueprint(name: str) -> Blueprint:
    """Begin a set of pages whose visitors are known and whose forms are checked."""
    blueprint = Blueprint(name, __name__)
    blueprint.before_request(meet)
    blueprint.after_request(_finish)
    blueprint.register_error_handler(ParleyError, refused)
    return blueprint


def add_to_templates(app: Flask, parts: PageParts) -> None:
    """Give all templates what the layout shows."""
    parts.put_into(app)
    app.jinja_env.filters.update(day=_day, minute=_minute)
    app.jinja_env.globals.update(form_token=form_token, token_field=TOKEN_FIELD, told_of=_told_of)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.context_processor(lambda: {"visitor": maybe_visitor()})


def show(template: str, status: int = 200, **shown: object) -> Response:
    """Show a page."""
    return make_response(render_template(template, **shown), status)


def go(path: str) -> Response:
    """Send a browser on, by GET whatever it came with."""
    return Response(status=303, headers={"Location": path})


def show_form(template: str, form: Form, **shown: object) -> Response:
    """Show the page of a form, once more where something is wrong with it."""
    return show(template, _BAD_REQUEST if form.errors else 200, form=form, **shown)


def _finish(response: Response) -> Response:
    """
    Have a page kept by nobody: others use the same browser.

    Pages tell their own server where a form was: without that, browsers name no origin with it (`Origin: null`).
    """
    keep_visit(response)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "same-origin"
    return response


def _told_of(scopes: Iterable[Scope]) -> dict[str, str]:
    """Say in words what scopes allow."""
    return {scope.value: f"{scope.value}: {_MEANING[scope]}" for scope in scopes}


def _day(time: datetime) -> str:
    return f"{time.day} {time:%B %Y}"


def _minute(time: datetime) -> str:
    return f"{_day(time)}, {time:%H:%M} UTC"
