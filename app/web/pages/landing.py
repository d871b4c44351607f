"""`GET /`: where somebody lands who opens the server in a browser."""

from flask import Blueprint, render_template, request

from ... import __version__
from .parts import parts
from .session_cookie import read_cookie

landing = Blueprint("landing", __name__)


@landing.get("/")
def show() -> str:
    """Say what this is and where to go; nothing is looked up, so that it is there whatever else is not."""
    is_known = read_cookie(request.headers.get("Cookie"), is_secure=parts().is_secure) is not None
    return render_template("landing.html", address=request.host_url, version=__version__, is_known=is_known)
