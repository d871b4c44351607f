"""
The cookies of the pages.

`SESSION_COOKIE` holds the secret of a session; `VISIT_COOKIE` holds one of nobody's, from which the token of the
sign-in form is derived. Both are for this host alone, are shown to no script and are not sent along by other sites,
except where somebody follows a link. Over TLS their names begin with `__Host-`: browsers then take them from this very
host only.
"""

import re
from typing import Final

from flask import Response

SESSION_COOKIE: Final = "parley"
VISIT_COOKIE: Final = "parley-visit"

_SECURE_PREFIX: Final = "__Host-"
_SECRET: Final = re.compile(r"[A-Za-z0-9_-]{16,256}", re.ASCII)


def cookie_name(name: str, *, is_secure: bool) -> str:
    """Give the name under which a cookie is kept, over TLS or not."""
    return _SECURE_PREFIX + name if is_secure else name


def read_cookie(header: str | None, name: str = SESSION_COOKIE, *, is_secure: bool) -> str | None:
    """Find a secret in the header `Cookie`; None: there is none that Parley could have made."""
    wanted = cookie_name(name, is_secure=is_secure) + "="
    for written in (header or "").split(";"):
        one = written.strip()
        if one.startswith(wanted):
            secret = one[len(wanted) :]
            return secret if _SECRET.fullmatch(secret) else None
    return None


def set_cookie(response: Response, secret: str, name: str = SESSION_COOKIE, *, is_secure: bool) -> None:
    """Have a browser keep a secret until it is closed."""
    response.set_cookie(
        cookie_name(name, is_secure=is_secure), secret, path="/", secure=is_secure, httponly=True, samesite="Lax"
    )


def clear_cookie(response: Response, name: str = SESSION_COOKIE, *, is_secure: bool) -> None:
    """Have a browser forget a secret."""
    response.delete_cookie(
        cookie_name(name, is_secure=is_secure), path="/", secure=is_secure, httponly=True, samesite="Lax"
    )
