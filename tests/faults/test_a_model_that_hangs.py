"""
A model that does not answer costs the requests that asked it, and no others.

None that is published can hang: an exported network runs no code. So this is not shown over HTTP, but at the desk where
a worker has requests answered, with its operations, turns and threads; only the session of `tinyseq` is one that waits.
"""

import asyncio
import json
import threading
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

import pytest

from app.bootstrap.serving import wire_serving
from app.service.loaded_models import LoadedModels
from app.service.predict import Limits, Predict
from app.service.prediction_cache import PredictionCache
from app.settings import load_settings
from app.web.answering import Answering
from app.web.api import predict as predictions
from app.web.reply import Reply
from app.web.request import Request
from app.web.server.desk import Desk
from app.web.server.turns import NotingSelector, Turns
from app.web.server.work import Work
from app.web.wsgi import services_of
from tests.server import PASSWORD, Server

THREADS = 2
LONG_S = 60.0
WITHIN_S = 4.0  # for a loaded machine: the others are answered within that too
[PREDICT] = predictions.OPERATIONS
Ask = Callable[[str], Coroutine[Any, Any, tuple[int, Any]]]


class _Hanging:
    """A session that gives nothing until it is released."""

    def __init__(self, session: Any, release: threading.Event) -> None:
        self._session, self._release = session, release

    def scores(self, arrays: Any) -> Any:
        assert self._release.wait(LONG_S)
        return self._session.scores(arrays)


class _Models:
    """The models of a registry, of which one hangs."""

    def __init__(self, models: LoadedModels, release: threading.Event) -> None:
        self._models, self._release = models, release

    def get(self, reference: str | None, *, may_wait: bool = True) -> Any:
        model = self._models.get(reference, may_wait=may_wait)
        if model.pipeline.name != "tinyseq":
            return model
        return replace(model, pipeline=replace(model.pipeline, session=_Hanging(model.pipeline.session, self._release)))


class _Asker:
    def __init__(self) -> None:
        self.replies: list[Reply] = []
        self.is_answered = asyncio.Event()

    def reply(self, reply: Reply) -> None:
        self.replies.append(reply)
        self.is_answered.set()

    def wait(self) -> None:
        pass

    def close(self) -> NoReturn:
        raise AssertionError


@pytest.fixture
def release() -> Iterator[threading.Event]:
    """What lets the model answer."""
    event = threading.Event()
    yield event
    event.set()


@pytest.fixture
def open_desk(release: threading.Event, tiny_models: Path, tmp_path: Path) -> Callable[[float], tuple[Ask, Work]]:
    """Open a desk that gives an answer so many seconds, and give what asks a model for many texts there."""
    environment = {"PARLEY_ADMIN_PASSWORD": PASSWORD, "PARLEY_MODELS_DIR": str(tiny_models)}
    serving = wire_serving(load_settings(tmp_path, environment=environment))
    serving.models.load_all()
    models: Any = _Models(serving.models, release)
    answers = Predict(models, Limits(1000, 100), PredictionCache(0))
    services = replace(services_of(serving), models=models, predict=answers)
    headers = {"content-type": "application/json", "authorization": Server.authorization}

    def open_one(within_s: float) -> tuple[Ask, Work]:
        work = Work(THREADS, within_s)
        desk = Desk(Answering(services, max_body_bytes=1000), Turns(NotingSelector(), LONG_S), work)

        async def ask(model: str) -> tuple[int, Any]:
            asker = _Asker()
            body = json.dumps({"texts": ["hello", "will it rain"], "model": model}).encode()
            desk.take(asker, PREDICT, Request(headers.get, body, {}))
            await asker.is_answered.wait()
            [reply] = asker.replies
            return reply.status, json.loads(reply.body)

        return ask, work

    return open_one


def test_who_asks_a_model_that_hangs_is_told_at_the_deadline_and_others_are_answered(open_desk) -> None:
    async def promised() -> None:
        ask, _ = open_desk(WITHIN_S)
        hanging = asyncio.create_task(ask("tinyseq"))

        for _ in range(20):
            status, body = await ask("tiny")
            assert (status, body["predictions"][0]["intent"]) == (200, "greeting")
        status, body = await hanging

        assert (status, body["error"]["code"]) == (504, "deadline_exceeded")

    asyncio.run(promised())


def test_a_model_that_hangs_for_all_who_can_wait_is_told_to_the_supervisor_and_recovers(
    open_desk, release: threading.Event
) -> None:
    async def promised() -> None:
        ask, work = open_desk(WITHIN_S)

        asked = await asyncio.gather(*(ask("tinyseq") for _ in range(9 * THREADS + 3)))

        assert sorted({status for status, _ in asked}) == [503, 504]  # so many wait, and no more
        assert work.is_stuck  # from now on the worker gives no sign of life, and is replaced
        release.set()
        while work.is_stuck:  # noqa: ASYNC110 - nobody else wants to know
            await asyncio.sleep(0.01)
        assert (await ask("tiny"))[0] == (await ask("tinyseq"))[0] == 200

    asyncio.run(promised())
