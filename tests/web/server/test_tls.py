"""The server speaks TLS by itself where it is given a certificate, and takes a new one without losing a request."""

import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.bootstrap.tls import wire_tls
from app.domain.errors import InvalidValueError
from app.settings import load_settings
from tests.server import PASSWORD
from tests.workers import until


def certify(folder: Path, name: str) -> tuple[Path, Path]:
    """Make a certificate for this machine, and its key."""
    certificate, key = folder / f"{name}.pem", folder / f"{name}.key"
    subprocess.run(
        [
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
            "-subj", f"/CN={name}", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
            "-keyout", key, "-out", certificate,
        ],
        check=True,
        capture_output=True,
    )  # fmt: skip
    return certificate, key


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two certificates, and the files that the server reads."""
    folder = tmp_path_factory.mktemp("tls")
    for source, target in zip(certify(folder, "first"), ("certificate.pem", "key.pem"), strict=True):
        shutil.copy(source, folder / target)
    certify(folder, "second")
    return folder


@pytest.fixture(scope="module")
def secured(start_server: Callable[..., Any], tiny_models: Path, files: Path) -> Any:
    """A server of the tiny models that speaks TLS."""
    return start_server(
        tiny_models,
        trusted=files / "first.pem",
        PARLEY_DEFAULT_MODEL="tiny",
        PARLEY_TLS_CERTIFICATE=str(files / "certificate.pem"),
        PARLEY_TLS_KEY=str(files / "key.pem"),
        PARLEY_HEAD_WITHIN_S="1",
    )


def test_predictions_are_answered_over_tls(secured: Any) -> None:
    reply = secured.post("/predict", {"text": "hello"})

    assert (reply.status, reply.json()["intent"]) == (200, "greeting")
    assert reply.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_a_connection_is_kept_and_a_large_body_comes_whole(secured: Any) -> None:
    connection = secured.connection()
    sent = json.dumps({"texts": ["book a table"] * 1000}).encode()
    headers = {"Authorization": secured.authorization, "Content-Type": "application/json"}

    for _ in range(3):
        connection.request("POST", "/predict", sent, headers)
        assert len(json.loads(connection.getresponse().read())["predictions"]) == 1000
    connection.close()


def test_curl_is_answered_as_the_documentation_says(secured: Any) -> None:
    asked = ["curl", "--silent", "--cacert", secured.trusted, "--user", f"admin:{PASSWORD}"]
    address = f"https://localhost:{secured.port}/models"

    done = subprocess.run([*asked, address], capture_output=True, text=True, check=True, timeout=30)

    assert {model["name"] for model in json.loads(done.stdout)["models"]} == {"tiny", "tinyseq"}


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
def test_what_is_older_than_tls_1_2_is_refused(secured: Any, version: ssl.TLSVersion) -> None:
    context = ssl.create_default_context(cafile=str(secured.trusted))
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = version

    with (
        socket.create_connection(("127.0.0.1", secured.port), timeout=10) as connection,
        pytest.raises(ssl.SSLError),
    ):
        context.wrap_socket(connection, server_hostname="localhost")


def test_nothing_is_answered_in_the_clear(secured: Any) -> None:
    with socket.create_connection(("127.0.0.1", secured.port), timeout=10) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        received = b""
        try:
            while piece := connection.recv(1000):
                received += piece
        except ConnectionResetError:
            pass

    assert b"HTTP/1.1" not in received


def test_a_client_that_never_ends_its_handshake_loses_its_connection(secured: Any) -> None:
    with socket.create_connection(("127.0.0.1", secured.port), timeout=20) as connection:
        connection.sendall(b"\x16\x03\x01")

        assert connection.recv(1000) == b""
    assert secured.get("/healthz").status == 200


def test_a_new_certificate_is_taken_with_sighup(secured: Any, files: Path) -> None:
    for source, target in (("second.pem", "certificate.pem"), ("second.key", "key.pem")):
        shutil.copy(files / source, files / target)
    before = ssl.get_server_certificate(("127.0.0.1", secured.port))

    os.kill(secured.process.pid, signal.SIGHUP)

    until(lambda: ssl.get_server_certificate(("127.0.0.1", secured.port)) != before)
    secured.trusted = files / "second.pem"
    assert secured.get("/models").status == 200


def test_with_a_certificate_that_cannot_be_used_the_old_workers_stay(secured: Any, files: Path) -> None:
    (files / "key.pem").write_text("no key")
    workers = secured.workers()

    os.kill(secured.process.pid, signal.SIGHUP)

    until(lambda: "reload refused" in secured.log.read_text())
    assert secured.workers() == workers
    assert secured.get("/healthz").status == 200


def _settings(folder: Path, **paths: Path) -> Any:
    return load_settings(folder, environment={f"PARLEY_{key.upper()}": str(path) for key, path in paths.items()})


def test_a_certificate_or_a_key_alone_is_refused(tmp_path: Path) -> None:
    for alone in ("tls_certificate", "tls_key"):
        with pytest.raises(InvalidValueError, match="belong together"):
            _settings(tmp_path, **{alone: tmp_path / "file"})


def test_files_that_are_no_certificate_and_key_are_refused_by_name(files: Path, tmp_path: Path) -> None:
    locked = tmp_path / "locked.key"
    asked = ["openssl", "ec", "-in", str(files / "first.key"), "-aes128", "-passout", "pass:word", "-out", str(locked)]
    subprocess.run(asked, check=True, capture_output=True)
    right = files / "first.pem"

    for certificate, key, problem in (
        (tmp_path / "absent", files / "first.key", r"tls_certificate: .*absent cannot be read"),
        (right, tmp_path / "absent", r"tls_key: .*absent cannot be read"),
        (right, files / "second.key", r"tls_key: .*belongs to tls_certificate"),
        (right, right, r"tls_key: .*private key"),
        (right, locked, r"tls_key: .*needs no password"),
    ):
        with pytest.raises(InvalidValueError, match=problem):
            wire_tls(_settings(tmp_path, tls_certificate=certificate, tls_key=key))
