"""Single tries, one after the other, each from an address of its own."""

import base64
import http.client
import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from itertools import count
from typing import Final

import msgspec

from .accounts import Kind

_FIRST_ADDRESS: Final = IPv4Address("127.32.0.1")
_TO_WARM_UP: Final = 20
"""Tries of each kind that are not counted."""


@dataclass
class Tried:
    """What came of the tries of one kind."""

    seconds: list[float] = field(default_factory=list)
    answers: set[tuple[int, str]] = field(default_factory=set)
    """Status, headers and body, but for what every answer has of its own."""


def try_all(port: int, accounts: Mapping[Kind, Sequence[str]], n_each: int) -> dict[Kind, Tried]:
    """Try a wrong password that often for each kind, in no order."""
    shuffled = random.Random(1)  # noqa: S311 - an order, the same each time
    sources = map(str, map(IPv4Address, count(int(_FIRST_ADDRESS))))
    tried = {kind: Tried() for kind in Kind}
    for is_counted, n_tries in ((False, min(_TO_WARM_UP, n_each // 10)), (True, n_each)):
        order = [(kind, number) for kind in Kind for number in range(n_tries)]
        shuffled.shuffle(order)
        for kind, number in order:
            name = accounts[kind][number % len(accounts[kind])]
            seconds, answer = _try(port, next(sources), name, f"no password, {kind} {number}")
            if is_counted:
                tried[kind].seconds.append(seconds)
                tried[kind].answers.add(answer)
    return tried


def _try(port: int, source: str, name: str, password: str) -> tuple[float, tuple[int, str]]:
    proof = base64.b64encode(f"{name}:{password}".encode()).decode()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60, source_address=(source, 0))
    connection.connect()
    try:
        started = time.perf_counter()
        connection.request("GET", "/models", headers={"Authorization": f"Basic {proof}"})
        response = connection.getresponse()
        body = response.read()
        seconds = time.perf_counter() - started
    finally:
        connection.close()
    error = msgspec.json.decode(body)["error"]
    own = error.pop("request_id")
    headers = [(key, value) for key, value in response.getheaders() if value != own and key != "Date"]
    return seconds, (response.status, f"{headers} {error}")
