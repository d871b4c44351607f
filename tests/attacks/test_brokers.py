"""Whoever can write to Redis can ring a bell, and nothing else: S29."""

import uuid
import zlib
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from rq import Queue
from rq.job import Job
from rq.serializers import JSONSerializer

from app.domain.queued_prediction import Asked, Result
from app.jobs.rq_bell import QUEUE
from app.storage.redis_prediction_queue import RedisPredictionQueue
from tests.attacks.markers import evil_pickle
from tests.redis_server import RedisServer
from tests.server import Server
from tests.workers import until


@pytest.mark.controls("messages-say-nothing")
def test_a_job_that_somebody_wrote_into_redis_is_not_run(
    redis_server: RedisServer, start_server: Callable[..., Server], tiny_models: Path, tmp_path: Path
) -> None:
    """S29, amended: who asks a runner by Redis is asked nothing back, so there is no bad job to tell of."""
    harm = tmp_path / "harm"
    server = start_server(
        tiny_models, PARLEY_DEFAULT_MODEL="tiny", PARLEY_REDIS_URL=redis_server.url, PARLEY_JOB_WORKERS="1"
    )
    processes = server.workers()
    with redis_server.client() as client:
        queue = Queue(QUEUE, connection=client, serializer=JSONSerializer)
        for number, data in enumerate((evil_pickle(harm), zlib.compress(evil_pickle(harm)))):
            now = datetime.now(UTC).isoformat()
            fields: dict[str, bytes | str] = {
                "data": data, "result": evil_pickle(harm), "exc_info": data, "created_at": now, "enqueued_at": now,
                "origin": QUEUE, "status": "queued", "description": "os.system",
            }  # fmt: skip
            client.hset(Job.key_for(f"evil-{number}"), mapping=fields)
            client.rpush(queue.key, f"evil-{number}")
        client.rpush(queue.key, b"\xff\xfe", b"../../harm", b"")
        until(lambda: harm.exists() or not client.llen(queue.key))

    assert not harm.exists()
    assert server.workers() == processes  # the runner among them
    assert "evil" not in server.log.read_text()
    assert server.post("/predict", {"text": "hello", "model": "tiny"}).status == 200


@pytest.mark.controls("sealed-queue")
def test_a_question_or_result_that_somebody_wrote_into_redis_is_neither_answered_nor_told(
    redis_server: RedisServer, start_server: Callable[..., Server], tiny_models: Path
) -> None:
    """S29: what does not bear the seal of the queue is nobody's."""
    server = start_server(tiny_models, PARLEY_DEFAULT_MODEL="tiny", PARLEY_REDIS_URL=redis_server.url)
    written = [uuid.uuid4() for _ in range(3)]
    short, long, told = written
    questions = (b'{"text": "hello"}', *[b'{"text": "hello, is anybody there who answers?"}'] * 2)
    with closing(RedisPredictionQueue(redis_server.url)) as queue:
        for one, question in zip(written, questions, strict=True):
            queue.put(Asked(one, "admin", "forged", question), 10)
        queue.settle([Result(told, True, b'{"intent": "refund everything", "confidence": 1.0}')], timedelta(minutes=1))
    asked = server.post("/predict?mode=queue", {"text": "hello"})

    answered = server.get(asked.headers["Location"] + "?wait=10").json()["prediction"]
    of_short, of_long = (server.get(f"/predictions/{one}").json()["prediction"] for one in (short, long))

    assert answered["state"] == "succeeded"
    assert of_short["state"] == "failed"  # too short for a seal
    assert of_short["result"]["error"]["code"] == "damaged_prediction"
    assert of_long["state"] in ("queued", "running")  # it may bear the seal of a server beside
    assert server.get(f"/predictions/{told}").status in (404, 503)
