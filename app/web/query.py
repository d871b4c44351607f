"""What stands behind the path of a request, or in a form: only what the operation knows, each once."""

import difflib
from collections.abc import Iterable
from typing import Final
from urllib.parse import parse_qsl

from ..domain.errors import InvalidRequestError
from ..domain.quotation import shortened

_AT_MOST: Final = 32
_FORM_BYTES_AT_MOST: Final = 65_536


def read_query(query: str, known: Iterable[str], *, ignores_unknown: bool = False) -> dict[str, str]:
    """
    Read `name=value&name=value`; where unknown names are ignored, they mean nothing, whatever stands there.

    Raises:
        InvalidRequestError: a name that means nothing, one that stands twice, or what is no UTF-8.
    """
    if not query:
        return {}
    try:
        pairs = parse_qsl(
            query,
            keep_blank_values=True,
            strict_parsing=not ignores_unknown,
            errors="strict",
            max_num_fields=_AT_MOST,
        )
    except UnicodeDecodeError:
        raise InvalidRequestError("what stands behind ? is not UTF-8", field="query") from None
    except ValueError:
        raise InvalidRequestError("what stands behind ? is not name=value&name=value", field="query") from None
    known = set(known) if ignores_unknown else known
    return read_fields([pair for pair in pairs if pair[0] in known] if ignores_unknown else pairs, known)


def read_form(body: bytes, known: Iterable[str]) -> dict[str, str]:
    """
    Read a form as OAuth2 has it: fields that are not known mean nothing, and neither do empty ones.

    Raises:
        InvalidRequestError: one that is known stands twice, there are too many, or it is no such form.
    """
    if len(body) > _FORM_BYTES_AT_MOST:
        raise InvalidRequestError(f"the form is over {_FORM_BYTES_AT_MOST:,} bytes")
    try:
        pairs = parse_qsl(body.decode("ascii"), errors="strict", max_num_fields=_AT_MOST)
    except UnicodeDecodeError:
        raise InvalidRequestError("the form is not UTF-8, percent-encoded") from None
    except ValueError:
        raise InvalidRequestError(f"the form has more than {_AT_MOST} fields") from None
    known = set(known)
    return read_fields([(name, value) for name, value in pairs if name in known], known)


def read_fields(pairs: Iterable[tuple[str, str]], known: Iterable[str]) -> dict[str, str]:
    """
    Give values by name.

    Raises:
        InvalidRequestError: a name that means nothing, or one that stands twice.
    """
    known = list(known)
    found: dict[str, str] = {}
    for name, value in pairs:
        if name not in known:
            nearest = difflib.get_close_matches(name, known, n=1)
            told = f"did you mean {nearest[0]!r}?" if nearest else f"known are {', '.join(known)}"
            raise InvalidRequestError(f"unknown field {shortened(name)}; {told}", field=name[:60])
        if "\0" in value:
            raise InvalidRequestError(f"the field {name!r} holds a NUL character", field=name)
        if name in found:
            raise InvalidRequestError(f"the field {name!r} stands twice", field=name)
        found[name] = value
    return found
