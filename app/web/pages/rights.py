"""What somebody hands on to a key or a client: never more than they have."""

from datetime import UTC, date, datetime, time

from ...domain.caller import Scope
from ...domain.errors import ParleyError
from .form import Form
from .visitor import Visitor


def chosen_scopes(form: Form, me: Visitor) -> frozenset[Scope]:
    """Give the scopes that were ticked, out of those that somebody has; what is wrong is noted in the form."""
    known = {scope.value: scope for scope in Scope}
    ticked = form.choices("scopes")
    if not ticked or not set(ticked) <= set(known):
        form.refuse("scopes", "Choose at least one of these.")
        return frozenset()
    scopes = frozenset(known[one] for one in ticked)
    if not scopes <= set(me.scopes):
        form.refuse("scopes", "You cannot hand on what you may not do yourself.")
    return scopes


def chosen_models(form: Form, me: Visitor) -> frozenset[str] | None:
    """Give the models that were named, out of those that somebody may use; None: all of those."""
    named = frozenset(form.words("models")) or None
    for model in sorted(named or ()):
        try:
            me.caller.require_model(model)
        except ParleyError as error:
            form.refuse("models", *error.sentences)
    return named


def chosen_day(form: Form, name: str) -> datetime | None:
    """Give the end of a day that was chosen; None: no day was."""
    if not form.text(name):
        return None
    try:
        end = datetime.combine(date.fromisoformat(form.text(name)), time(23, 59, 59), UTC)
    except ValueError:
        form.refuse(name, "This is no day: write it as 2027-01-31.")
        return None
    if end <= datetime.now(UTC):
        form.refuse(name, "This day is over already.")
    return end
