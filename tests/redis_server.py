"""A real Redis for tests: a server on a socket in a folder of its own, which lives as long as a test run."""

import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import redis

PASSWORD = "open@sesame"


class RedisServer:
    """Can be stopped and put to sleep."""

    def __init__(self, program: str) -> None:
        self.program = program
        self.folder = Path(tempfile.mkdtemp(prefix="parley-redis-"))
        self.process: subprocess.Popen[bytes] | None = None
        self.start()

    @property
    def url(self) -> str:
        return f"unix://:{PASSWORD.replace('@', '%40')}@{self.folder}/socket"

    def database(self, number: int) -> str:
        """Give the URL of a database that others do not look at: for servers that outlive their test."""
        return f"{self.url}?db={number}"

    def start(self) -> None:
        (self.folder / "socket").unlink(missing_ok=True)
        command = [self.program, "--port", "0", "--unixsocket", "socket", "--save", "", "--requirepass", PASSWORD]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(command, cwd=self.folder, stdout=log, stderr=log)
        while not self.is_answering():
            assert self.process.poll() is None, (self.folder / "log").read_text()
            time.sleep(0.01)

    def is_answering(self) -> bool:
        with suppress(redis.RedisError), self.client() as client:
            return bool(client.ping())
        return False

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def sleep(self) -> None:
        """Take connections and answer nothing."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)

    def wake(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGCONT)

    def client(self, number: int = 0) -> redis.Redis:
        return redis.Redis.from_url(self.database(number))

    def forget(self) -> None:
        with self.client() as client:
            client.flushall()


@pytest.fixture(scope="session")
def redis_process() -> Iterator[RedisServer]:
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("Redis is not installed: `make system-packages`, or apt-get install redis-server")
    server = RedisServer(program)
    yield server
    server.stop()
    shutil.rmtree(server.folder)


@pytest.fixture
def redis_server(redis_process: RedisServer) -> Iterator[RedisServer]:
    """An empty Redis that the test may stop."""
    redis_process.forget()
    yield redis_process
    if redis_process.process is None:
        redis_process.start()
    redis_process.wake()
