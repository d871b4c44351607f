"""
What a form, or a script of ours, shows to prove that it came from a page of ours.

A browser sends a session with every request, whichever page had the idea; what is derived from the session only a page
of the session has seen. The session itself cannot be found from it.
"""

import base64
import hmac
from typing import Final

_PURPOSE: Final = b"parley: this came from a page of ours"


def csrf_token(session: str) -> str:
    """Derive what pages of a session put into their forms and into the header `X-CSRF-Token`."""
    digest = hmac.digest(session.encode("utf-8", "surrogatepass"), _PURPOSE, "sha256")
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def is_csrf_token(session: str, shown: str) -> bool:
    """Say whether somebody shows what was derived from a session, in the same time whatever is shown."""
    return hmac.compare_digest(csrf_token(session).encode(), shown.encode("utf-8", "surrogatepass"))
