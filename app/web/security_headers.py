"""What replies forbid browsers to do with them: one table for JSON, one for pages."""

from typing import Final

Header = tuple[str, str]

_NO_SNIFFING: Final = ("X-Content-Type-Options", "nosniff")

JSON_HEADERS: Final[tuple[Header, ...]] = (
    _NO_SNIFFING,
    ("Cache-Control", "no-store"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
)
"""Of every JSON reply: it is data, to be kept by nobody, shown in no frame and run by nothing."""

_OWN_FORMS: Final = "form-action 'self'"
_PAGE_POLICY: Final = (
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",  # the icons in swagger-ui's style sheet
    "connect-src 'self'",  # what is tried out on /apidocs
    "base-uri 'none'",
    _OWN_FORMS,
    "frame-ancestors 'none'",
)


def page_policy(*, forms_go_to: str | None = None) -> str:
    """Give the policy of a page, one of whose forms may lead on to another origin."""
    policy = "; ".join(_PAGE_POLICY)
    return policy if forms_go_to is None else policy.replace(_OWN_FORMS, f"{_OWN_FORMS} {forms_go_to}")


PAGE_HEADERS: Final[tuple[Header, ...]] = (
    _NO_SNIFFING,
    ("Content-Security-Policy", page_policy()),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Frame-Options", "DENY"),  # for browsers that do not know frame-ancestors
)
"""Of pages and the files that they load."""

REPORT_HEADERS: Final[tuple[Header, ...]] = (
    _NO_SNIFFING,
    ("Cache-Control", "no-store"),
    ("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"),
    ("Referrer-Policy", "no-referrer"),
)
"""Of the page of a report, which is one file with its style in it; nothing in it is run."""

HTTPS_HEADERS: Final[tuple[Header, ...]] = (("Strict-Transport-Security", "max-age=31536000"),)
"""Of every reply, where TLS is in front: for a year, this host is asked over HTTPS alone."""
