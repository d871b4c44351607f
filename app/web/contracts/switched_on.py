"""Our operations together with those of the contracts that are switched on."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from ...settings.contract_terms import ContractTerms
from ..operation import Operation
from . import accounts, atis, chatbot, pega, spawn
from .contract import Contract, Terms

_BUILD: Final[Mapping[str, Callable[[Terms], Contract]]] = {
    "chatbot": chatbot.contract,
    "atis": atis.contract,
    "spawn": spawn.contract,
    "pega": pega.contract,
    "accounts": accounts.contract,
}
"""In the order in which they are asked what a request means."""


@dataclass(frozen=True, slots=True)
class Routing:
    """Everything that is answered beside pages."""

    operations: tuple[Operation, ...]
    documents: tuple[str, ...] = ()
    """Further paths of the OpenAPI document."""
    redirects: Mapping[str, str] = field(default_factory=dict)
    """Where else a path leads."""

    def paths_of_any_origin(self) -> frozenset[str]:
        """Give the paths on which pages of all origins may ask something."""
        every = [*self.operations, *(other.operation for one in self.operations for other in one.others)]
        return frozenset(one.path for one in every if one.of_any_origin)


def routing(ours: Iterable[Operation], contracts: Mapping[str, ContractTerms], default_model: str) -> Routing:
    """
    Put the contracts that are switched on beside our operations.

    Args:
        ours: operations; those that share their path with a contract come back knowing it.
        contracts: the terms of each that is switched on.
        default_model: what those mean that name no model.
    """
    if not contracts:
        return Routing(tuple(ours))
    built = [build(_terms(name, contracts[name], default_model)) for name, build in _BUILD.items() if name in contracts]
    others = [other for one in built for other in one.others]
    shared = tuple(
        replace(
            operation,
            others=tuple(
                other
                for other in others
                if (other.operation.method, other.operation.path) == (operation.method, operation.path)
            ),
        )
        for operation in ours
    )
    return Routing(
        (*shared, *(operation for one in built for operation in one.operations)),
        tuple(path for one in built for path in one.documents),
        {path: target for one in built for path, target in one.redirects.items()},
    )


def _terms(name: str, chosen: ContractTerms, default_model: str) -> Terms:
    return Terms(name, chosen.model_for(name, default_model), chosen.open, chosen.translator())
