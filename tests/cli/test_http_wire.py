"""A load test's requests are HTTP, and it reads whatever a server may answer, however it is cut into pieces."""

import pytest

from app.cli.http_wire import Response, ResponseReader, Target

PLAIN = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\n\r\n"
TRAILED = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n"


def read_in_pieces(data: bytes, size: int) -> list[Response]:
    reader = ResponseReader()
    fed = [reader.feed(data[start : start + size]) for start in range(0, len(data), size)]
    return [response for response in fed if response]


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
@pytest.mark.parametrize("data", [PLAIN, CHUNKED, TRAILED])
def test_a_response_is_read_however_it_is_cut(data: bytes, size: int) -> None:
    [response] = read_in_pieces(data, size)

    assert (response.status, response.body, response.stays) == (200, b"hello", True)


@pytest.mark.parametrize("first", [PLAIN, CHUNKED, TRAILED])
def test_one_response_leaves_nothing_behind_for_the_next(first: bytes) -> None:
    reader = ResponseReader()
    reader.feed(first)

    assert reader.feed(b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nRetry-After: 1\r\n\r\n") == (
        503,
        b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nRetry-After: 1\r\n",
        b"",
        True,
    )


def test_an_interim_response_is_not_the_answer() -> None:
    [response] = read_in_pieces(b"HTTP/1.1 100 Continue\r\n\r\n" + PLAIN, 1000)

    assert response.status == 200


def test_a_body_without_a_length_ends_with_the_connection() -> None:
    reader = ResponseReader()

    assert reader.feed(b"HTTP/1.0 200 OK\r\n\r\nhel") is None
    assert reader.feed(b"lo") is None
    ended = reader.feed(b"", ended=True)
    assert ended is not None
    assert (ended.body, ended.stays) == (b"hello", False)


def test_a_connection_that_is_closed_is_not_used_again() -> None:
    [response] = read_in_pieces(PLAIN.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"), 1000)

    assert not response.stays


def test_headers_are_found_whatever_their_case() -> None:
    [response] = read_in_pieces(PLAIN, 1000)

    assert response.has("CONTENT-TYPE")
    assert not response.has("Retry-After")


@pytest.mark.parametrize("data", [b"SSH-2.0-OpenSSH_9\r\n\r\n", b"HTTP/2 200\r\n\r\n", b"x" * 100_000])
def test_what_is_no_http_is_said_to_be_none(data: bytes) -> None:
    with pytest.raises(ValueError, match="an answer"):
        ResponseReader().feed(data)


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("http://127.0.0.1:8080", ("127.0.0.1", 8080, False, "127.0.0.1:8080", "")),
        ("http://[::1]:8080/", ("::1", 8080, False, "[::1]:8080", "")),
        ("https://bots.example/parley/", ("bots.example", 443, True, "bots.example", "/parley")),
        ("http://bots.example/predict", ("bots.example", 80, False, "bots.example", "")),
    ],
)
def test_a_url_says_where_requests_go(url: str, target: tuple[object, ...]) -> None:
    assert Target.parse(url) == target


def test_a_request_is_complete() -> None:
    request = Target.parse("http://here:1/parley").post("/predict", {"text": "Größe"}, "Basic eA==")

    assert request == (
        b"POST /parley/predict HTTP/1.1\r\nHost: here:1\r\nAuthorization: Basic eA==\r\n"
        b"Content-Type: application/json\r\nContent-Length: 18\r\n\r\n" + '{"text":"Größe"}'.encode()
    )
