"""What a body is, its route says, and no header of the request: S1, S2."""

import pickle

import pytest

from tests.attacks.conftest import Prey
from tests.attacks.markers import evil_pickle

PICKLED = {
    "S1": {"Content-Type": "application/vnd.bentoml+pickle"},
    "S2": {
        "Content-Type": "application/vnd.bentoml.pickled",
        "args-number": "1",
        "Payload-Container": "NdarrayContainer",
        "Payload-Meta": '{"format":"default"}',
        "Batch-Size": "-1",
    },
    "python": {"Content-Type": "application/python-pickle"},
}


@pytest.mark.controls("content-types")
@pytest.mark.parametrize("row", PICKLED)
def test_a_pickle_is_taken_by_no_route_whatever_its_headers_say(prey: Prey, row: str) -> None:
    paths = prey.server.get("/apispec.json").json()["paths"]
    routes = [
        (method.upper(), path.replace("{name}", "tiny").replace("{version}", "1"))
        for path, methods in paths.items()
        for method, described in methods.items()
        if "requestBody" in described
    ]
    assert len(routes) >= 8

    for method, path in routes:
        reply = prey.server.request(method, path, evil_pickle(prey.harm), PICKLED[row])
        assert reply.status == 415, f"{method} {path}: {reply.body!r}"
    assert not prey.harm.exists()


def test_the_pickle_would_do_harm_where_it_was_read(prey: Prey) -> None:
    pickle.loads(evil_pickle(prey.harm))  # noqa: S301 - what the tests rely on

    assert prey.harm.exists()
