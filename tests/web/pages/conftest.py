"""One server of the pages, and people who look at them."""

import itertools
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.person import Person
from tests.server import Server

PASSWORD = "long enough for anybody"


@pytest.fixture(scope="session")
def house(start_server: Callable[..., Server], tiny_models: Path) -> Server:
    """A server that believes a proxy on this machine, so that each person may have an address."""
    return start_server(tiny_models, PARLEY_DEFAULT_MODEL="tiny", PARLEY_TRUSTED_PROXIES="127.0.0.1")


@pytest.fixture
def somebody(house: Server) -> Person:
    """A person who is not signed in."""
    return Person(house)


@pytest.fixture(scope="session")
def admin(house: Server) -> Person:
    """The administrator, signed in; whoever shares this neither signs out nor ends sessions."""
    return Person(house).sign_in()


@pytest.fixture(scope="session")
def new_user(house: Server, admin: Person) -> Callable[..., Person]:
    """Make a user and have them sign in: `new_user(scopes=["predict"])`."""
    numbers = itertools.count()

    def make(*, scopes: tuple[str, ...] = ("predict",), models: str = "") -> Person:
        name = f"person{next(numbers)}"
        page = admin.fill("/new-user", name=name, password=PASSWORD, scopes=scopes, models=models)
        assert page.status == 303, page.text
        person = Person(house).sign_in(name, PASSWORD)
        person.name = name
        return person

    return make


@pytest.fixture(scope="session")
def ada(new_user: Callable[..., Person]) -> Person:
    """A user who may predict and train, signed in; whoever shares this neither signs out nor ends sessions."""
    return new_user(scopes=("predict", "train"))
