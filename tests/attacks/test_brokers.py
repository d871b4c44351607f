"""Whoever can write to Redis can ring a bell, and nothing else: S29."""

import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rq import Queue
from rq.job import Job
from rq.serializers import JSONSerializer

from app.jobs.rq_bell import QUEUE
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
