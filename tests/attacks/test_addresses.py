"""Nobody makes the server call inside its network, and nothing is fetched that a request names: S8 to S10."""

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass

import pytest

from tests.attacks.conftest import Prey
from tests.server import Reply

EXAMPLES = [{"text": f"{word} the door", "intent": word} for word in ("open", "close")]


@dataclass
class Listener:
    """Counts connections to a port of this machine."""

    port: int
    n_connections: int = 0


@pytest.fixture
def listener() -> Iterator[Listener]:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        found = Listener(server.getsockname()[1])

        def count() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = server.accept()
                    found.n_connections += 1
                    connection.sendall(b"HTTP/1.0 200 OK\r\n\r\n")
                    connection.close()

        thread = threading.Thread(target=count, daemon=True)
        thread.start()
        yield found
        with suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)
    thread.join()


def order(prey: Prey, url: str) -> Reply:
    return prey.server.post("/train", {"model": "called-back", "examples": EXAMPLES, "callback_url": url})


@pytest.mark.controls("public-addresses")
@pytest.mark.parametrize(
    "host",
    [
        "169.254.169.254", "[::1]", "127.0.0.1", "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "localhost",
        "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]", "10.0.0.1", "0.0.0.0",
    ],
)  # fmt: skip
def test_no_address_within_is_called_however_it_is_written(prey: Prey, host: str) -> None:
    """S8: the operator allows any public address, and a job would be queued for one."""
    reply = order(prey, f"https://{host}/hook")

    assert reply.status == 400, reply.body
    assert reply.json()["error"]["details"][0]["field"] == "callback_url"


@pytest.mark.controls("plain-targets")
@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd", "gopher://127.0.0.1:6379/_FLUSHALL", "https://93.184.215.14\\@127.0.0.1/",
        "https://93.184.215.14@127.0.0.1/", "https://93.184.215.14/#@127.0.0.1/", "https://93.184.215.14/\r\nX: y",
        "//127.0.0.1/",
    ],
)  # fmt: skip
def test_an_address_that_two_readers_read_differently_is_refused(prey: Prey, url: str) -> None:
    """S8, S9, amended: nothing is fetched by an address, so what bypasses a list of allowed ones is how it is read."""
    reply = order(prey, url)

    assert reply.status == 400, reply.body
    assert reply.json()["error"]["details"][0]["field"] == "callback_url"


@pytest.mark.controls("known-query")
def test_no_model_is_fetched_by_an_address(prey: Prey, listener: Listener) -> None:
    """S8, S9: as TorchServe's management route did; what was fetched could then be named as a file."""
    path = f"/models/x.mar/archive?url=http://127.0.0.1:{listener.port}/allowed/../x.mar"
    reply = prey.server.request("POST", path, b"", {"Content-Type": "application/zip"})
    named = prey.server.post("/predict", {"text": "hello", "model": "x.mar"})

    assert (reply.status, named.status, listener.n_connections) == (400, 404, 0)
    assert reply.json()["error"]["details"][0]["field"] == "url"
    assert not (prey.models / "x.mar").exists()


@pytest.mark.controls("files-are-bytes")
@pytest.mark.parametrize("as_file", [False, True])
def test_a_file_of_a_form_is_never_an_address_to_be_fetched(prey: Prey, listener: Listener, as_file: bool) -> None:  # noqa: FBT001
    """S10."""
    url = f"http://127.0.0.1:{listener.port}/data.csv"
    disposition = 'form-data; name="file"' + '; filename="data.csv"' * as_file
    parts = ['form-data; name="model"\r\n\r\nfetched', f"{disposition}\r\n\r\n{url}"]
    body = "".join(f"--b\r\nContent-Disposition: {part}\r\n" for part in parts) + "--b--\r\n"
    reply = prey.server.request("POST", "/train", body, {"Content-Type": "multipart/form-data; boundary=b"})

    assert reply.status == (422 if as_file else 400), reply.body
    assert listener.n_connections == 0
