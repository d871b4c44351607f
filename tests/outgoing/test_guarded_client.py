"""What others name is called only where the operator allows it, at an address that was looked at, and not for long."""

import os
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from app.domain.errors import InvalidValueError
from app.domain.outgoing_errors import (
    MalformedReplyError,
    OutgoingTimeoutError,
    RefusedUrlError,
    UnreachableHostError,
    UnresolvedHostError,
    UntrustedHostError,
)
from app.outgoing.allow_list import AllowList
from app.outgoing.guarded_client import GuardedClient, system_addresses
from tests.outgoing.receivers import HOST, Receiver, certificate, make_authority, receiving, speaking

PUBLIC = "93.184.215.14"


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ca")
    make_authority(folder)
    return folder


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving(Receiver()) as server:
        yield server


def _trusting(authority: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=authority / "ca.pem")


def _client(*allowed: str, resolve: Callable[[str], list[str]] | None = None, **options: Any) -> GuardedClient:
    return GuardedClient(AllowList.parse(allowed), resolve=resolve or (lambda _: ["127.0.0.1"]), **options)


def test_what_is_posted_arrives_and_the_answer_is_given(receiver: Receiver) -> None:
    receiver.statuses, receiver.reply = [201], b"thanks"

    reply = _client("http://127.0.0.1").post(
        f"http://127.0.0.1:{receiver.port}/a/b?c=d%20e", b"body", {"X-Header": "x"}
    )

    assert (reply.status, reply.body) == (201, b"thanks")
    [request] = receiver.received
    assert (request.method, request.path, request.body) == ("POST", "/a/b?c=d%20e", b"body")
    assert request.headers["X-Header"] == "x"
    assert request.headers["Host"] == f"127.0.0.1:{receiver.port}"


def test_a_host_over_tls_is_the_one_that_its_certificate_names(authority: Path) -> None:
    asked: list[str] = []

    def resolve(host: str) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"]

    with receiving(Receiver(), certificate(authority, f"DNS:{HOST}")) as server:
        allowed = (f"{HOST}:{server.port}", "127.0.0.1")
        reply = _client(*allowed, resolve=resolve, tls=_trusting(authority)).post(
            f"https://{HOST}:{server.port}/x", b"body", {}
        )

        assert reply.status == 200
        assert server.received[0].headers["Host"] == f"{HOST}:{server.port}"
    assert asked == [HOST]


@pytest.mark.parametrize("name", ["DNS:other.example", "IP:127.0.0.1"])
def test_a_server_with_the_certificate_of_another_is_sent_nothing(authority: Path, name: str) -> None:
    with receiving(Receiver(), certificate(authority, name)) as server:
        with pytest.raises(UntrustedHostError, match=HOST):
            _client("127.0.0.1", tls=_trusting(authority)).post(f"https://{HOST}:{server.port}/", b"x", {})

        assert server.received == []


def test_a_certificate_that_nobody_vouches_for_is_refused(authority: Path) -> None:
    with receiving(Receiver(), certificate(authority, f"DNS:{HOST}")) as server:
        with pytest.raises(UntrustedHostError):
            _client("127.0.0.1").post(f"https://{HOST}:{server.port}/", b"x", {})

        assert server.received == []


def test_a_host_is_resolved_once_and_called_at_the_address_that_was_looked_at(receiver: Receiver) -> None:
    answers = iter([["127.0.0.1"], ["127.0.0.2"], ["127.0.0.3"]])
    client = _client("http://127.0.0.1", resolve=lambda _: next(answers))

    assert client.post(f"http://{HOST}:{receiver.port}/", b"x", {}).status == 200

    assert next(answers) == ["127.0.0.2"], "nobody has asked for its address a second time"


def test_a_host_that_turns_inward_between_the_check_and_the_call_is_not_called(receiver: Receiver) -> None:
    answers = iter([[PUBLIC], ["127.0.0.1"]])
    client = _client("*", f"{HOST}:{receiver.port}", resolve=lambda _: next(answers))
    url = f"https://{HOST}:{receiver.port}/"
    client.check(url)

    with pytest.raises(RefusedUrlError, match="its address is not public"):
        client.post(url, b"x", {})

    assert receiver.received == []


def test_a_host_with_one_inner_address_among_others_is_not_called() -> None:
    with pytest.raises(RefusedUrlError, match="its address is not public"):
        _client("*", resolve=lambda _: [PUBLIC, "10.0.0.1"]).check("https://hooks.example/")


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0", "localhost", "LOCALHOST", "localhost.",
     "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:0:0:1]"],
)  # fmt: skip
def test_this_machine_is_not_called_whatever_it_is_named(host: str) -> None:
    client = GuardedClient(AllowList.parse(["*"]), resolve=system_addresses)

    with pytest.raises((RefusedUrlError, UnresolvedHostError)):
        client.post(f"https://{host}/", b"x", {})


@pytest.mark.parametrize(
    ("allowed", "url"),
    [
        (["*"], "https://hooks.example/"),
        (["*"], "https://HOOKS.example.:443/"),
        (["hooks.example"], "https://hooks.example/"),
        (["Hooks.Example"], "https://hooks.example:443/"),
        (["hooks.example:8443"], "https://hooks.example:8443/"),
        (["http://hooks.example"], "http://hooks.example/"),
        (["http://hooks.example"], "https://hooks.example/"),
        (["http://hooks.example:81"], "http://hooks.example:81/"),
        ([PUBLIC], "https://hooks.example:9000/"),
        (["93.184.0.0/16"], f"https://{PUBLIC}/"),
        (["http://93.184.0.0/16"], f"http://{PUBLIC}/"),
        ([f"{PUBLIC}:9000"], f"https://{PUBLIC}:9000/"),
    ],
)
def test_what_the_operator_lists_is_called(allowed: list[str], url: str) -> None:
    _client(*allowed, resolve=lambda _: [PUBLIC]).check(url)


@pytest.mark.parametrize(
    ("allowed", "url"),
    [
        ([], "https://hooks.example/"),
        (["*"], "http://hooks.example/"),
        (["*"], "https://hooks.example:8443/"),
        (["*"], "https://hooks.example:22/"),
        (["other.example"], "https://hooks.example/"),
        (["example"], "https://hooks.example/"),
        (["hooks.example"], "https://evil-hooks.example/"),
        (["hooks.example"], "https://hooks.example.evil.example/"),
        (["hooks.example"], "http://hooks.example/"),
        (["hooks.example"], "https://hooks.example:8443/"),
        (["hooks.example:8443"], "https://hooks.example/"),
        (["http://hooks.example"], "http://hooks.example:81/"),
        (["10.0.0.0/8"], "https://hooks.example/"),
        ([f"{PUBLIC}:9000"], f"https://{PUBLIC}:9001/"),
        (["93.184.0.0/16"], f"http://{PUBLIC}/"),
    ],
)
def test_what_the_operator_does_not_list_is_not_called(allowed: list[str], url: str) -> None:
    with pytest.raises(RefusedUrlError):
        _client(*allowed, resolve=lambda _: [PUBLIC]).check(url)


@pytest.mark.parametrize("address", ["10.1.2.3", "127.0.0.1", "169.254.169.254", "::1", "fd00::1", "::ffff:10.1.2.3"])
def test_a_listed_name_is_no_way_to_an_address_that_is_not_listed(address: str) -> None:
    with pytest.raises(RefusedUrlError, match="its address is not public"):
        _client("hooks.example", resolve=lambda _: [address]).check("https://hooks.example/")

    _client("hooks.example", address, resolve=lambda _: [address]).check("https://hooks.example/")


@pytest.mark.parametrize("name", ["localhost", "127.1", "2130706433", "0x7f000001", "0"])
def test_a_listed_name_of_this_machine_opens_no_connection_to_it(name: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        authority = f"{name}:{listener.getsockname()[1]}"
        client = GuardedClient(AllowList.parse([f"http://{authority}"]), resolve=system_addresses)

        with pytest.raises(RefusedUrlError, match="its address is not public"):
            client.post(f"http://{authority}/", b"x", {})

        with pytest.raises(BlockingIOError):
            listener.accept()


def test_of_a_host_that_cannot_be_allowed_nobody_is_asked_for_the_address() -> None:
    asked: list[str] = []

    def resolve(host: str) -> list[str]:
        asked.append(host)
        return [PUBLIC]

    with pytest.raises(RefusedUrlError):
        _client("hooks.example", resolve=resolve).check("https://secret.evil.example/")

    assert asked == []


@pytest.mark.parametrize(
    "url",
    ["", "hooks.example", "//hooks.example/", "ftp://hooks.example/", "file:///etc/passwd", "gopher://hooks.example/",
     "https://", "https:///x", "https://user@hooks.example/", "https://user:secret@hooks.example/",
     "https://@hooks.example/", "https://hooks.example:0/", "https://hooks.example:99999/", "https://hooks.example:x/",
     "https://hooks.example/#x", "https://hooks.example/a b", "https://hooks.example/\r\nX: y", "https://hooks\t.example/",
     "https://hooks.example\\@evil.example/", "https://höoks.example/", "https://[::1/", "https://[fe80::1%25eth0]x/",
     "https://hooks.example/" + "x" * 3000, "https://ho..%2f/"],
)  # fmt: skip
def test_what_is_no_plain_address_is_refused_without_being_quoted(url: str) -> None:
    with pytest.raises(RefusedUrlError) as refused:
        _client("*", resolve=lambda _: [PUBLIC]).check(url)

    assert "secret" not in str(refused.value)


def test_a_redirect_is_given_back_and_not_followed() -> None:
    with receiving(Receiver()) as other:
        headers = {"Location": f"http://127.0.0.1:{other.port}/"}
        with receiving(Receiver(statuses=[302], headers=headers)) as first:
            reply = _client("http://127.0.0.1").post(f"http://127.0.0.1:{first.port}/", b"x", {})

        assert reply.status == 302
        assert other.received == []


def test_of_a_long_answer_only_the_beginning_is_read(receiver: Receiver) -> None:
    receiver.reply = b"x" * 1_000_000

    reply = _client("http://127.0.0.1", reply_at_most=1000).post(f"http://127.0.0.1:{receiver.port}/", b"x", {})

    assert reply.body == b"x" * 1000


def test_an_answer_without_end_is_left() -> None:
    def speak(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            connection.sendall(b"x" * 65536)

    with speaking(speak) as port:
        assert len(_client("http://127.0.0.1").post(f"http://127.0.0.1:{port}/", b"x", {}).body) == 65_536


@pytest.mark.parametrize("beginning", [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"])
def test_a_server_that_sends_a_byte_now_and_then_is_given_up(beginning: bytes) -> None:
    def drip(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(beginning)
        while True:  # ends when the client hangs up
            connection.sendall(b"x")
            time.sleep(0.05)

    with speaking(drip) as port, pytest.raises(OutgoingTimeoutError, match=r"no answer within 0\.3 s"):
        _client("http://127.0.0.1", within_s=0.3).post(f"http://127.0.0.1:{port}/secret", b"x", {})


def test_a_resolver_that_hangs_is_given_up() -> None:
    ended = threading.Event()

    def hang(_: str) -> list[str]:
        ended.wait()
        return [PUBLIC]

    with pytest.raises(OutgoingTimeoutError, match="could not be resolved in time"):
        _client("*", resolve=hang, within_s=0.05).check("https://hooks.example/")
    ended.set()


def test_a_server_that_speaks_no_http_is_told() -> None:
    with (
        speaking(lambda connection: connection.sendall(b"SSH-2.0-OpenSSH_9\r\n" * 5)) as port,
        pytest.raises((MalformedReplyError, UnreachableHostError)),
    ):
        _client("http://127.0.0.1").post(f"http://127.0.0.1:{port}/", b"x", {})


def test_a_port_that_nobody_listens_on_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    with pytest.raises(UnreachableHostError, match=f"http://127.0.0.1:{port}: Connection refused"):
        _client("http://127.0.0.1").post(f"http://127.0.0.1:{port}/secret?token=1", b"x", {})


def test_the_next_address_is_tried_where_one_is_silent(receiver: Receiver) -> None:
    client = _client("http://127.0.0.0/8", "http://::1", resolve=lambda _: ["::1", "127.0.0.1"])

    assert client.post(f"http://{HOST}:{receiver.port}/", b"x", {}).status == 200


def test_a_host_without_an_address_is_told() -> None:
    def fail(_: str) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    with pytest.raises(UnresolvedHostError):
        _client("*", resolve=fail).check("https://hooks.example/")
    with pytest.raises(UnresolvedHostError):
        _client("*", resolve=lambda _: []).check("https://hooks.example/")


def test_a_proxy_of_the_environment_is_not_used(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    with receiving(Receiver()) as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
            monkeypatch.setitem(os.environ, name, f"http://127.0.0.1:{proxy.port}")  # noqa: TID251 - as an operator would

        _client("http://127.0.0.1").post(f"http://127.0.0.1:{receiver.port}/", b"x", {})

        assert (len(receiver.received), proxy.received) == (1, [])


@pytest.mark.parametrize(
    "entry",
    ["", "https://hooks.example", "hooks.example/path", "hooks.example:0", "hooks.example:99999", "*.example",
     "10.0.0.1/8", "10.0.0.0/33", "http://*", "user@hooks.example", "a b", "[::1", "[hooks.example]:80"],
)  # fmt: skip
def test_an_entry_that_means_nothing_is_refused(entry: str) -> None:
    with pytest.raises(InvalidValueError, match=r"callback_allow: .* means nothing here"):
        AllowList.parse([entry])
