"""Routes of other systems: which are switched on, and on what terms."""

import difflib
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, Final, cast

import msgspec

from ..domain.errors import InvalidRequestError, InvalidValueError
from ..domain.model_reference import ModelReference

CONTRACTS: Final = ("spawn", "atis", "chatbot", "accounts", "pega")
_KEY: Final = "contracts"
_ALL: Final = "all"
_MODELS: Final = {"atis": "flights", "accounts": "accounts"}


class ContractTerms(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How one system's routes answer."""

    model: str | None = None
    """What its clients mean, who name none: `name`, `name@7` or `name@alias`."""
    open: bool = False
    """Whether clients without credentials may ask that model."""
    translate: str | None = None
    """Of `spawn`: what brings a text into the model's language, as `module:function`; unset: nothing does."""

    def translator(self) -> Callable[[str], str] | None:
        """
        Give what translates.

        Raises:
            InvalidValueError: it is not there.
        """
        if self.translate is None:
            return None
        module, _, function = self.translate.partition(":")
        try:
            found = getattr(import_module(module), function)
        except (ImportError, AttributeError, ValueError) as error:
            raise InvalidValueError(_KEY, f"spawn.translate: {error}") from None
        if not callable(found):
            raise InvalidValueError(_KEY, f"spawn.translate: {self.translate} is no function")
        return cast("Callable[[str], str]", found)

    def model_for(self, contract: str, default: str) -> str:
        """Give the model that clients of a contract mean."""
        return self.model or _MODELS.get(contract, default)


def read_contracts(chosen: object, of_file: object) -> dict[str, Any]:
    """
    Give the terms of each contract that is switched on, not yet validated.

    Args:
        chosen: `all`, names, or terms by name.
        of_file: what the file says, whose terms hold for names that are given elsewhere.

    Raises:
        InvalidValueError: there is no such contract.
    """
    known_terms = of_file if isinstance(of_file, Mapping) else {}
    if isinstance(chosen, str):
        chosen = list(CONTRACTS) if chosen.strip() == _ALL else chosen.replace(",", " ").split()
    if chosen is None:
        chosen = []
    if isinstance(chosen, list):
        chosen = {name: known_terms.get(name) for name in map(str, chosen)}
    if not isinstance(chosen, Mapping):
        raise InvalidValueError(_KEY, f"expected `all`, or names out of {', '.join(CONTRACTS)}")
    for name in chosen:
        if name not in CONTRACTS:
            nearest = difflib.get_close_matches(str(name), CONTRACTS, n=1)
            meant = f"did you mean {nearest[0]!r}?" if nearest else f"known are {', '.join(CONTRACTS)}"
            raise InvalidValueError(_KEY, f"there is no contract {str(name)!r}; {meant}")
    return {name: {} if terms is None else terms for name, terms in chosen.items()}


def check_contracts(contracts: Mapping[str, ContractTerms]) -> None:
    """
    Look whether the models that contracts name can be such.

    Raises:
        InvalidValueError: one cannot.
    """
    for name, terms in contracts.items():
        if terms.translate is not None and name != "spawn":
            raise InvalidValueError(_KEY, f"{name}.translate: only `spawn` translates")
        terms.translator()
        try:
            ModelReference.parse(terms.model or "any")
        except InvalidRequestError as error:
            raise InvalidValueError(_KEY, f"{name}.model: {error}") from None
