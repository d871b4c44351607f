"""What is left of rights that pass through several hands: never more than each of them holds."""

from collections.abc import Iterable

from .caller import Scope
from .errors import InvalidRequestError
from .identity import User
from .identity_errors import ExcessiveGrantError
from .model_reference import check_model_name


def common_scopes(one: Iterable[Scope], other: Iterable[Scope]) -> frozenset[Scope]:
    """Give the scopes that both hold; `admin` holds all of them."""
    ones, others = frozenset(one), frozenset(other)
    if Scope.ADMIN in ones:
        return others
    return ones if Scope.ADMIN in others else ones & others


def common_models(one: frozenset[str] | None, other: frozenset[str] | None) -> frozenset[str] | None:
    """Give the models that both may use; None: all."""
    if one is None or other is None:
        return other if one is None else one
    return one & other


def check_rights(scopes: frozenset[Scope], models: frozenset[str] | None) -> None:
    """
    Look whether these are rights that somebody can have.

    Raises:
        InvalidRequestError: there is no scope, or a model has a name that no model can have.
    """
    if not scopes:
        raise InvalidRequestError(f"at least one scope out of {', '.join(Scope)}", field="scopes")
    for model in models or ():
        check_model_name(model)


def check_grant(user: User, scopes: frozenset[Scope], models: frozenset[str] | None) -> None:
    """
    Look whether a user can give these rights to a key or a client.

    Raises:
        InvalidRequestError: they are no rights.
        ExcessiveGrantError: the user does not hold them.
    """
    check_rights(scopes, models)
    if Scope.ADMIN not in user.scopes and (lacking := scopes - user.scopes):
        raise ExcessiveGrantError(user.name, f"the scope {min(lacking)}", "scopes")
    if user.models is None:
        return
    if models is None:
        raise ExcessiveGrantError(user.name, "all models", "models")
    if lacking_models := models - user.models:
        raise ExcessiveGrantError(user.name, f"the model {min(lacking_models)}", "models")
