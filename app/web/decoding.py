"""Bytes to a validated structure, or a sentence that names the field and what would be right."""

import difflib
import re
from typing import Any, Final

import msgspec

from ..domain.errors import InvalidRequestError
from ..domain.quotation import shortened

_AT = re.compile(r" - at `(?:key in )?\$")
_UNKNOWN = re.compile(r"^Object contains unknown field `(?P<key>.*)`$", re.DOTALL)
_MISSING = re.compile(r"^Object missing required field `(?P<key>.*)`$")
_QUOTED_TYPE = re.compile(r"`([a-z| ]+)`")
_PATH_AT_MOST: Final = 100  # a key may say whatever it likes, a path among it
_PLAIN: Final = {
    "array": "a list",
    "bool": "true or false",
    "float": "a number",
    "int": "a whole number",
    "object": "an object",
    "str": "a text",
}


class MalformedBodyError(InvalidRequestError):
    """A body that is not JSON in UTF-8."""


class BodyTooLargeError(InvalidRequestError):
    """A body of more bytes than the limit."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        super().__init__(f"the body is over {limit:,} bytes")


class UnsupportedMediaTypeError(InvalidRequestError):
    """A body of a type that the route does not take."""


def decode(data: bytes, kind: Any) -> Any:  # noqa: ANN401 - the operation knows its type
    """
    Read a JSON body.

    Raises:
        MalformedBodyError: it is not JSON in UTF-8.
        InvalidRequestError: it is not of the type asked for; `field` says where.
    """
    if not data:
        raise MalformedBodyError("the body is empty; a JSON object is needed")
    try:
        return msgspec.json.decode(data, type=kind)
    except msgspec.ValidationError as error:
        raise _invalid(str(error), kind) from None
    except UnicodeDecodeError as error:
        byte = f"byte 0x{error.object[error.start]:02x} at {error.start}"
        raise MalformedBodyError(f"the body is not UTF-8: {byte} of a text") from None
    except msgspec.DecodeError as error:
        raise MalformedBodyError(f"the body is not JSON: {error}") from None
    except RecursionError:
        raise MalformedBodyError("the body is nested too deeply") from None


def _invalid(message: str, kind: Any) -> InvalidRequestError:  # noqa: ANN401 - see decode
    found = _AT.search(message) if message.endswith("`") else None
    problem, path = (message[: found.start()], message[found.end() : -1]) if found else (message, "")
    path = path.lstrip(".")[:_PATH_AT_MOST]
    if unknown := _UNKNOWN.match(problem):
        key = unknown["key"]
        known = [field.encode_name for field in msgspec.structs.fields(kind)]
        nearest = difflib.get_close_matches(key, known, n=1)
        meant = f"did you mean {nearest[0]!r}?" if nearest else f"known are {', '.join(known)}"
        return InvalidRequestError(f"unknown field {shortened(key)}; {meant}", field=_joined(path, key[:60]))
    if missing := _MISSING.match(problem):
        return InvalidRequestError(f"the field {missing['key']!r} is missing", field=_joined(path, missing["key"]))
    problem = _QUOTED_TYPE.sub(lambda types: _in_plain_words(types[1]), problem)
    return InvalidRequestError(f"{path or 'the body'}: {problem[0].lower()}{problem[1:]}", field=path)


def _in_plain_words(types: str) -> str:
    return " or ".join(_PLAIN.get(kind, kind) for kind in types.split(" | "))


def _joined(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key
