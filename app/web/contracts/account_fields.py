"""
What an account of system B is to our model `accounts`.

Its fields become those of the model by the table below; further ones keep their names, and a field that a model has not
says nothing.
"""

from collections.abc import Mapping
from typing import Any, Final

SPAM, GENUINE = "spam", "genuine"
OURS: Final = {
    "area": "country",
    "birth_date": "birthday",
    "member_since": "joined",
    "email_confirm_date": "confirmed",
    "last_updated": "changed",
    "last_login_date": "seen",
}
"""Our names by the old ones that differ."""
NO_FIELDS: Final = ("id", "verdict")
"""What stands beside the fields of an account."""


def record_of(account: Mapping[str, Any]) -> dict[str, Any]:
    """Give an account as our model has them; numbers are names to the old system, so that they become texts."""
    record = {OURS.get(name, name): value for name, value in account.items() if name not in NO_FIELDS}
    area = record.get("country")
    return {**record, "country": str(area)} if isinstance(area, int) else record
