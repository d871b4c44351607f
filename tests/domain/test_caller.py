"""A caller may do what a scope of theirs allows, and nothing else."""

import pytest

from app.domain.caller import Caller, Scope
from app.domain.errors import MissingScopeError

each_scope = pytest.mark.parametrize("scope", Scope)


def caller_with(*scopes):
    return Caller("ada", frozenset(scopes))


@each_scope
def test_a_scope_that_is_held_is_enough(scope):
    caller_with(scope).require(scope)


@each_scope
def test_an_administrator_holds_every_scope(scope):
    caller_with(Scope.ADMIN).require(scope)


@each_scope
def test_a_caller_without_scopes_may_do_nothing(scope):
    with pytest.raises(MissingScopeError):
        caller_with().require(scope)


@each_scope
def test_all_other_scopes_but_admin_together_do_not_stand_in_for_one(scope):
    others = set(Scope) - {scope, Scope.ADMIN}

    with pytest.raises(MissingScopeError):
        caller_with(*others).require(scope)


def test_a_refusal_carries_who_was_refused_and_what_was_missing():
    with pytest.raises(MissingScopeError) as caught:
        caller_with(Scope.PREDICT).require(Scope.TRAIN)

    assert (caught.value.caller, caught.value.scope) == ("ada", "train")


@each_scope
def test_a_refusal_names_the_scope_as_a_client_writes_it(scope):
    with pytest.raises(MissingScopeError) as caught:
        caller_with().require(scope)

    assert str(caught.value) == f"this needs the scope '{scope}'"


@pytest.mark.parametrize("field", ["name", "scopes"])
def test_a_caller_cannot_be_given_more_later(field):
    caller = caller_with(Scope.PREDICT)

    with pytest.raises(AttributeError):
        setattr(caller, field, frozenset(Scope))
