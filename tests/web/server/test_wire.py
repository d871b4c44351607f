"""A reply is written as HTTP has it, and no header of it can become two."""

import pytest

from app.web.reply import Reply
from app.web.server.wire import written


def test_status_headers_and_body_are_written() -> None:
    reply = Reply(404, (("Content-Length", "2"), ("X-Request-ID", "r1")), b"hi")

    assert written(reply, is_last=False) == b"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\nX-Request-ID: r1\r\n\r\nhi"


def test_the_last_reply_of_a_connection_says_so() -> None:
    assert b"\r\nConnection: close\r\n\r\n" in written(Reply(200, (), b""), is_last=True)


@pytest.mark.parametrize("value", ["a\r\nSet-Cookie: b", "a\nb", "a\rb"])
def test_a_line_break_in_a_header_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="line break"):
        written(Reply(200, (("X", value),), b""), is_last=False)
