"""`/oauth/authorize`: whether a program may act for somebody."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from flask import Response, request

from ...domain.caller import Scope
from ...domain.errors import InvalidRequestError
from ...service.oauth.messages import PARAMETERS, Consent, ProtocolRequest
from ..oauth.endpoints import issuer_of
from ..security_headers import page_policy
from .form import Field, read_form
from .page import go, page_blueprint, show
from .parts import client_address, parts
from .visitor import visitor

consent = page_blueprint("consent")

_MOST_CHARS: Final = 4_096
_FIELDS: Final = (*(Field(name, _MOST_CHARS) for name in PARAMETERS), Field("answer", 8))

_WORDS: Final[Mapping[Scope, str]] = {
    Scope.PREDICT: "ask models what a text means",
    Scope.TRAIN: "train models, and choose which version of them answers",
    Scope.REVIEW: "see what people have asked, and correct the answers",
    Scope.ADMIN: "do everything that you can do, with users, keys and clients too",
}


@consent.get("/oauth/authorize")
def ask() -> Response:
    """Show what a client asks for; who is not signed in does that first, and comes back."""
    person = visitor()
    asked = _asked(request.args.to_dict(flat=False))
    found = parts().oauth.begin_consent(asked, parts().identity.users.get(person.user))
    if not isinstance(found, Consent):
        return go(found.location)
    response = show("consent.html", consent=found, words=[_WORDS[scope] for scope in found.scopes])
    # browsers look at where a form's answer sends them, too
    response.headers["Content-Security-Policy"] = page_policy(forms_go_to=_origin(found.redirect_uri))
    return response


@consent.post("/oauth/authorize")
def answer() -> Response:
    """Take the answer, and send the browser back to the client."""
    person = visitor()
    form = read_form(*_FIELDS)
    asked = _asked({name: [form.text(name)] for name in PARAMETERS})
    user = parts().identity.users.get(person.user)
    return go(parts().oauth.end_consent(asked, user, is_given=form.text("answer") == "yes").location)


def _asked(fields: Mapping[str, list[str]]) -> ProtocolRequest:
    """
    Read what a client asks for; fields that are not known mean nothing, and neither do empty ones.

    Raises:
        InvalidRequestError: a field stands twice.
    """
    known = {name: fields[name] for name in PARAMETERS if any(fields.get(name, ()))}
    for name, values in known.items():
        if len(values) > 1:
            raise InvalidRequestError(f"the field {name!r} stands twice", field=name)
    issuer = issuer_of(parts().oauth, request.host)
    return ProtocolRequest({name: values[0] for name, values in known.items()}, None, client_address(), issuer)


def _origin(uri: str) -> str:
    parts_of_it = urlsplit(uri)
    return f"{parts_of_it.scheme}://{parts_of_it.netloc}"
