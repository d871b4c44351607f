"""`GET /`: where somebody lands who opens the server in a browser."""

from flask import Blueprint, render_template, request

from ... import __version__

landing = Blueprint("landing", __name__)


@landing.get("/")
def show() -> str:
    """Say what this is and where to go."""
    return render_template("landing.html", address=request.host_url, version=__version__)
