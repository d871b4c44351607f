"""
Parley as a plain WSGI application, for servers other than its own.

    waitress-serve --call app.web.wsgi:create_application
    gunicorn 'app.web.wsgi:create_application()'
"""

import atexit
from functools import partial
from pathlib import Path

from flask import Flask

from ..bootstrap.serving import Serving, wire_serving
from ..logging_setup import set_up_logging
from ..service.identity.browser_origins import BrowserOrigins
from ..settings import Settings, load_settings
from .answering import Answering
from .application import OPERATIONS, create_app
from .client_address import NO_PROXIES, Proxies, networks
from .contracts.switched_on import Routing, routing
from .cors import Cors
from .doorkeeper import Doorkeeper
from .operation import Services
from .pages.session_cookie import read_cookie
from .queue_answers import CLOSES_WITHIN_S, QueueAnswers
from .security_headers import HTTPS_HEADERS


def create_application() -> Flask:
    """Read the settings of the folder this is run in and build the application; its models load behind it."""
    settings = load_settings(Path.cwd())
    set_up_logging(settings)
    serving = wire_serving(settings)
    answering = answering_of(settings, serving)
    application = create_app(answering, routing_of(settings), is_secure=settings.is_https)
    serving.observation.start()
    atexit.register(serving.observation.close, settings.drain_s)
    begin_to_load(serving, answering)
    return application


def application_of(settings: Settings, serving: Serving) -> Flask:
    """Build the application of a wired server."""
    return create_app(answering_of(settings, serving), routing_of(settings), is_secure=settings.is_https)


def routing_of(settings: Settings) -> Routing:
    """Give all operations, those of other systems that are switched on among them."""
    return routing(OPERATIONS, settings.contracts, settings.default_model)


def services_of(serving: Serving) -> Services:
    """Give what operations call."""
    return Services(
        models=serving.models,
        predict=serving.predict,
        identity=serving.identity,
        oauth=serving.oauth,
        observation=serving.observation,
        jobs=serving.jobs,
        batches=serving.batches,
        train=serving.train,
        audit=serving.audit,
        drafts=serving.drafts,
        versions=serving.versions,
        guesses=serving.guesses,
        queue=serving.queue,
    )


def answering_of(settings: Settings, serving: Serving) -> Answering:
    """Put what answers operations over the use cases of a wired server."""
    services = services_of(serving)
    proxies = Proxies(networks(settings.trusted_proxies)) if settings.trusted_proxies else NO_PROXIES
    session_in = partial(read_cookie, is_secure=settings.is_https)
    door = Doorkeeper(serving.identity, serving.guesses, serving.rate_limits, proxies, session_in)
    return Answering(
        services,
        max_body_bytes=settings.max_body_bytes,
        max_upload_bytes=settings.max_upload_bytes,
        door=door,
        cors=Cors(settings.cors_origins, BrowserOrigins(serving.identity.keys.browser_origins)),
        standing=HTTPS_HEADERS if settings.is_https else (),
        proxies=proxies,
    )


def begin_to_load(serving: Serving, answering: Answering) -> None:
    """
    Load the models, follow the registry, watch it and work for the queue in threads.

    A process that is to end first waits for them.
    """
    watch = serving.activation_watch

    def begin() -> None:
        if watch is not None:
            watch.start()
        serving.queue_worker.start(QueueAnswers(answering))

    serving.following.start(begin)
    atexit.register(serving.following.close)
    atexit.register(serving.queue_worker.close, CLOSES_WITHIN_S)
    if watch is not None:
        atexit.register(watch.close)
