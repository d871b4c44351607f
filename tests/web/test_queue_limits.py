"""How much waits and for how long results are kept is what the operator says, also under another WSGI server."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from flask.testing import FlaskClient

from app.bootstrap.serving import Serving, wire_serving
from app.settings import load_settings
from app.web.application import create_app
from app.web.queue_answers import QueueAnswers
from app.web.wsgi import answering_of
from tests.proofs import basic
from tests.workers import until

PASSWORD = "open, sesame, open"
PROOF = {"Authorization": basic("admin", PASSWORD)}
ASKED = {"text": "hello", "model": "nope"}


class Wired(NamedTuple):
    """An application whose queue nobody works for yet."""

    client: FlaskClient
    serving: Serving
    begin_to_work: Callable[[], None]


@pytest.fixture
def wired(tmp_path: Path) -> Iterator[Wired]:
    bounds = {"PARLEY_MAX_QUEUED_PREDICTIONS": "2", "PARLEY_KEEP_RESULTS_S": "1"}
    settings = load_settings(tmp_path, environment={"PARLEY_ADMIN_PASSWORD": PASSWORD, **bounds})
    serving = wire_serving(settings)
    answering = answering_of(settings, serving)
    work = serving.queue_worker
    yield Wired(create_app(answering).test_client(), serving, lambda: work.start(QueueAnswers(answering)))
    work.close(60)


def test_more_than_may_wait_are_refused(wired: Wired) -> None:
    replies = [wired.client.post("/predict?mode=queue", json=ASKED, headers=PROOF) for _ in range(3)]

    assert [reply.status_code for reply in replies] == [202, 202, 503]
    assert replies[2].json is not None
    assert (replies[2].json["error"]["code"], replies[2].headers["Retry-After"]) == ("overloaded", "1")


def test_a_result_is_told_until_it_has_expired(wired: Wired) -> None:
    where = wired.client.post("/predict?mode=queue", json=ASKED, headers=PROOF).headers["Location"]
    before = wired.client.get(where, headers=PROOF)
    wired.begin_to_work()
    until(lambda: wired.serving.queue_worker.n_answered == 1)

    until(lambda: wired.client.get(where, headers=PROOF).status_code == 404)

    told = wired.client.get(f"{where}?wait=1", headers=PROOF)
    assert before.json is not None
    assert before.json["prediction"]["state"] == "queued"
    assert told.json is not None
    assert told.json["error"]["code"] == "prediction_not_found"
    assert "kept for a while" in told.json["error"]["message"]
