"""Replies as bytes of HTTP/1.1."""

from http.client import responses

from ..reply import Reply


def written(reply: Reply, *, is_last: bool) -> bytes:
    """
    Write a reply; the last one of its connection says so.

    Raises:
        ValueError: a header that would end its line.
    """
    lines = [f"HTTP/1.1 {reply.status} {responses.get(reply.status, 'Unknown')}"]
    lines += [f"{name}: {value}" for name, value in reply.headers]
    if is_last:
        lines.append("Connection: close")
    n_lines = len(lines)
    head = "\r\n".join(lines)
    if head.count("\n") >= n_lines or head.count("\r") >= n_lines:
        raise ValueError("a header of a reply holds a line break")
    return f"{head}\r\n\r\n".encode("latin-1") + reply.body
