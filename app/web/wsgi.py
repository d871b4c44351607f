"""
Parley as a plain WSGI application, for servers other than its own.

    waitress-serve --call app.web.wsgi:create_application
    gunicorn 'app.web.wsgi:create_application()'
"""

import sys
import threading
from pathlib import Path

from flask import Flask

from ..bootstrap.serving import Serving, wire_serving
from ..logging_setup import set_up_logging
from ..settings import Settings, load_settings
from .application import create_app
from .operation import Services


def create_application() -> Flask:
    """Read the settings of the folder this is run in and build the application; its models load behind it."""
    settings = load_settings(Path.cwd())
    set_up_logging(settings.log_level)
    return application_of(settings, wire_serving(settings))


def application_of(settings: Settings, serving: Serving) -> Flask:
    """Build the application of a wired server, show a new password, and begin to load the models."""
    if serving.new_password is not None:
        # written once, to whoever started this: never to a log
        print(f"\nNew password of the user admin: {serving.new_password}\n", file=sys.stderr, flush=True)  # noqa: T201
    services = Services(serving.models, serving.predict, serving.identity)
    application = create_app(services, max_body_bytes=settings.max_body_bytes)
    threading.Thread(target=serving.models.load_all, name="load-models", daemon=True).start()
    return application
