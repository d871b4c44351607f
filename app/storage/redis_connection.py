"""Connections to Redis, and what goes wrong with it in our words: no sentence holds the password."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from ..domain.storage_errors import StorageUnavailableError


def open_redis(url: str, patience_s: float) -> redis.Redis:
    """Take the address; nothing is connected before it is used, and nothing is tried twice."""
    return redis.Redis.from_url(
        url,
        socket_timeout=patience_s,
        socket_connect_timeout=patience_s,
        retry=Retry(NoBackoff(), 0),
        client_name="parley",
    )


@contextmanager
def told_redis_faults(url: str) -> Iterator[None]:
    """
    Raise what goes wrong as an error of ours.

    Raises:
        StorageUnavailableError: Redis is away, slow, or refuses.
    """
    try:
        yield
    except (redis.RedisError, OSError) as error:
        problem, secret = str(error), urlsplit(url).password
        if secret:
            problem = problem.replace(secret, "…")
        raise StorageUnavailableError(name_of_redis(url), problem) from None


def name_of_redis(url: str) -> str:
    """Name it so that an operator knows which one is meant, without user and password."""
    parts = urlsplit(url)
    return f"Redis at {parts.netloc.rpartition('@')[2] or parts.path}"
