"""
`/apidocs` and `/apispec.json`, by flasgger.

flasgger brings a swagger-ui of 2021, which loads whatever document `?configUrl=` names (CVE-2018-25031), and a page
that asks a font server on every visit; here it serves a current swagger-ui and a page of ours.
"""

from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import NoReturn

import flasgger
from flask import Flask, abort

from .openapi import openapi_document
from .operation import Operation


def add_apidocs(app: Flask, operations: Iterable[Operation], version: str) -> None:
    """Serve the document of the operations, and the page to try them on."""
    flasgger.Swagger(
        app,
        template=openapi_document(operations, version),
        config={
            "openapi": "3.1.0",
            "title": "Parley API",
            "headers": [],
            # every path comes from the operations, none from docstrings of views
            "specs": [
                {
                    "endpoint": "apispec",
                    "route": "/apispec.json",
                    "rule_filter": lambda _: False,
                    "model_filter": lambda _: False,
                }
            ],
            "specs_route": "/apidocs/",
            "static_folder": str(swagger_ui_folder()),
            "static_url_path": "/apidocs/swagger-ui",
        },
    )
    app.view_functions["flasgger.oauth_redirect"] = _not_here


def _not_here() -> NoReturn:
    """Answer for a page of swagger-ui that works by a script inside it, which no page of ours may have."""
    abort(404)


def swagger_ui_folder() -> Path:
    """Find the files of swagger-ui without importing the package that carries them."""
    package = find_spec("swagger_ui")
    if package is None or package.origin is None:
        raise RuntimeError("swagger-ui-py is not installed; `make setup` installs it")
    return Path(package.origin).parent / "static"
