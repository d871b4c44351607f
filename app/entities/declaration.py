"""
What is to be found in the texts of a model, as its configuration declares it and as a version keeps it.

Each entity is found by one of four: a `gazetteer` (values and their synonyms), a `pattern`, `date` and `number` (in
languages).
"""

import json
import re
from collections.abc import Mapping
from typing import Annotated, Any, Final, TypeAlias

import msgspec
from msgspec import Meta

from ..domain.configuration_errors import UnknownKeyError
from ..domain.errors import InvalidValueError

ENTITIES_AT_MOST: Final = 64
VALUES_AT_MOST: Final = 100_000
"""Of a gazetteer."""
LANGUAGES: Final = ("de", "en", "es", "fr", "it", "nl", "pt")
BYTES_AT_MOST: Final = 64 << 20
"""Of the file that a version keeps them in."""

_NAME: Final = re.compile(r"\w(?:[\w.:-]{0,62}\w)?")
_FINDERS: Final = ("gazetteer", "pattern", "date", "number")

_Synonyms: TypeAlias = list[str] | str | None
_Pattern: TypeAlias = Annotated[str, Meta(min_length=1, max_length=1_000)]
_Group: TypeAlias = Annotated[int, Meta(ge=0, le=99)] | Annotated[str, Meta(min_length=1, max_length=64)]


class EntityConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """What finds an entity: one of four."""

    gazetteer: dict[str, _Synonyms] | list[str] | str | None = None
    """Values, each perhaps with other words for it; or, where a model's own file says so, the file that lists them."""
    pattern: _Pattern | None = None
    """A regular expression, of the library `regex`."""
    group: _Group = 0
    """Of the pattern: what is the entity; absent: all of it."""
    date: list[str] | str | None = None
    """The languages in which dates are written."""
    number: list[str] | str | None = None
    """The languages in which numbers are written."""

    def __post_init__(self) -> None:
        """Refuse what is not one of four, and languages that nobody reads."""
        given = [name for name in _FINDERS if getattr(self, name) is not None]
        if len(given) != 1:
            told = " and ".join(f"`{name}`" for name in given) or "none"
            raise ValueError(f"one of `gazetteer`, `pattern`, `date` and `number` is needed, not {told}")
        if self.group != 0 and self.pattern is None:
            raise ValueError("`group` belongs to a `pattern`")
        for name in ("date", "number"):
            self._check_languages(name)

    def _check_languages(self, name: str) -> None:
        given = getattr(self, name)
        if given is None:
            return
        languages = languages_of(given)
        unknown = [language for language in languages if language not in LANGUAGES]
        if unknown or not languages:
            told = f"{unknown[0]!r} is none of them" if unknown else "none is given"
            raise ValueError(f"`{name}` takes languages out of {', '.join(LANGUAGES)}; {told}")

    def phrases(self) -> dict[str, list[str]]:
        """Give the values of a gazetteer, each with its synonyms."""
        if isinstance(self.gazetteer, dict):
            return {value: languages_of(synonyms or []) for value, synonyms in self.gazetteer.items()}
        return {value: [] for value in self.gazetteer or ()}


EntityConfigs: TypeAlias = Mapping[str, EntityConfig]


def languages_of(given: list[str] | str) -> list[str]:
    """Give several where one may stand for itself."""
    return [given] if isinstance(given, str) else given


def settled(given: object, where: str) -> dict[str, EntityConfig]:
    """
    Check what a configuration declares; `where` names it in errors.

    Raises:
        UnknownKeyError, InvalidValueError: an entity that cannot be, named by its key.
    """
    if not isinstance(given, Mapping):
        raise InvalidValueError(f"{where}: entities", f"expected names, each with what finds it, got {given!r:.100}")
    if len(given) > ENTITIES_AT_MOST:
        raise InvalidValueError(f"{where}: entities", f"{len(given)} are more than {ENTITIES_AT_MOST}")
    return {_checked_name(name, where): _settled_one(one, f"{where}: entities.{name}") for name, one in given.items()}


def entities_json(entities: EntityConfigs) -> bytes:
    """Write them as their file has them; the same ones give the same bytes."""
    return (json.dumps(msgspec.to_builtins(entities), ensure_ascii=False, indent=1) + "\n").encode()


def read_entities(data: bytes, where: str) -> dict[str, EntityConfig]:
    """
    Read what `entities_json` wrote.

    Raises:
        UnknownKeyError, InvalidValueError, msgspec.DecodeError: it did not.
    """
    if len(data) > BYTES_AT_MOST:
        raise InvalidValueError(where, f"it is longer than {BYTES_AT_MOST:,} bytes")
    return settled(msgspec.json.decode(data), where)


def _checked_name(name: object, where: str) -> str:
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        problem = "a name is up to 64 letters, digits and `_`, with `.`, `:` and `-` between them"
        raise InvalidValueError(f"{where}: entities.{name!s:.100}", problem)
    return name


def _settled_one(given: Any, where: str) -> EntityConfig:  # noqa: ANN401 - any plain value
    if isinstance(given, Mapping):
        for key in given:
            if key not in EntityConfig.__struct_fields__:
                raise UnknownKeyError(str(key), where, None, EntityConfig.__struct_fields__)
    try:
        config = msgspec.convert(given, EntityConfig)
    except InvalidValueError as error:
        raise InvalidValueError(where, str(error)) from None
    except (msgspec.ValidationError, RecursionError) as error:
        raise InvalidValueError(where, str(error)) from None
    if isinstance(config.gazetteer, str):
        problem = "a file is read where a model's own file names it; elsewhere give values, each with its synonyms"
        raise InvalidValueError(f"{where}.gazetteer", problem)
    if config.gazetteer is not None and not 0 < len(config.gazetteer) <= VALUES_AT_MOST:
        raise InvalidValueError(f"{where}.gazetteer", f"expected 1 to {VALUES_AT_MOST:,} values")
    try:
        msgspec.json.encode(config)
    except UnicodeEncodeError:
        raise InvalidValueError(where, "it holds half a character (a lone surrogate)") from None
    return config
