"""
What was typed into a page.

A form holds what its page asks for and nothing else, each field once unless it is a list, and none longer than it says.
What is wrong with a field is kept beside it, so that the page is shown again with everything that was typed, except for
secrets.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from flask import request

from ...domain.errors import AuthenticationError, ParleyError
from ...domain.page_errors import InvalidFormError
from ..decoding import UnsupportedMediaTypeError
from ..errors import status_of

TOKEN_FIELD: Final = "csrf_token"  # noqa: S105 - a name
_FORM: Final = "application/x-www-form-urlencoded"
_MOST_BYTES: Final = 1 << 16
_MOST_CHOICES: Final = 50
_UNFIT: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_IN_ONE_LINE: Final = re.compile(r"[\x00-\x1f\x7f]")

# What the person can mend: anything else is a page of its own.
_MENDABLE: Final = frozenset({400, 403, 409, 413, 422})
_OTHER_NAMES: Final = {"model": "models", "scope": "scopes", "origin": "origins"}


class Field(NamedTuple):
    """Something that is asked for."""

    name: str
    most: int = 200
    """Characters."""
    is_secret: bool = False
    is_list: bool = False
    """Whether it may be there several times: one for each box that is ticked."""
    has_lines: bool = False


class Form:
    """What was typed, and what is wrong with it."""

    def __init__(self, fields: Iterable[Field], values: Mapping[str, Iterable[str]] | None = None) -> None:
        """Take values by field, as a page begins with them."""
        self.fields = {field.name: field for field in fields}
        self._values = {name: tuple(found) for name, found in (values or {}).items()}
        self.errors: dict[str, tuple[str, ...]] = {}
        """Sentences by field; under no name, those about all of it."""

    def text(self, name: str) -> str:
        """Give the text of a field, without the blanks around it; a secret is as it was typed."""
        typed = next(iter(self._values.get(name, ())), "")
        return typed if self.fields[name].is_secret else typed.strip()

    def choices(self, name: str) -> tuple[str, ...]:
        """Give what was ticked of a list."""
        return self._values.get(name, ())

    def words(self, name: str) -> tuple[str, ...]:
        """Give what stands in a field with blanks, commas or line ends between."""
        return tuple(dict.fromkeys(re.split(r"[\s,]+", self.text(name).strip(" ,\r\n\t")))) if self.text(name) else ()

    def shown(self, name: str) -> str:
        """Give what the page shows in a field."""
        return "" if self.fields[name].is_secret else self.text(name)

    def refuse(self, name: str, *sentences: str) -> None:
        """Note what is wrong with a field."""
        self.errors[name] = (*self.errors.get(name, ()), *sentences)

    def take(self, error: ParleyError) -> None:
        """
        Note what a use case found wrong.

        Raises:
            ParleyError: the same error, where nothing that was typed can be mended.
        """
        if status_of(type(error)) not in _MENDABLE or isinstance(error, AuthenticationError):
            raise error
        field = _OTHER_NAMES.get(error.field, error.field).partition("[")[0].partition(".")[0]
        self.refuse(field if field in self.fields else "", *error.sentences)


def check_form() -> None:
    """
    Insist that what was sent is a form, and of a size that a person types.

    Raises:
        UnsupportedMediaTypeError: it is something else.
    """
    request.max_content_length = request.max_form_memory_size = _MOST_BYTES
    if request.mimetype != _FORM:
        raise UnsupportedMediaTypeError(f"a page sends {_FORM}")


def read_form(*fields: Field) -> Form:
    """
    Read the form that was sent.

    Raises:
        InvalidFormError: a field is unknown, there too often, too long, or of characters that nobody types.
    """
    known = {field.name: field for field in fields}
    values: dict[str, list[str]] = {}
    for name, found in request.form.lists():
        if name == TOKEN_FIELD:
            continue
        if name not in known:
            raise InvalidFormError("the form has a field that its page has not")
        _check(known[name], found)
        values[name] = found
    return Form(fields, values)


def _check(field: Field, found: list[str]) -> None:
    if len(found) > (_MOST_CHOICES if field.is_list else 1):
        raise InvalidFormError("the form has it too often", field.name)
    unfit = _UNFIT if field.has_lines else _IN_ONE_LINE
    for one in found:
        if len(one) > field.most:
            raise InvalidFormError(f"has {len(one):,} characters; the limit is {field.most:,}", field.name)
        if not field.is_secret and unfit.search(one):
            raise InvalidFormError("has characters that cannot be shown", field.name)
