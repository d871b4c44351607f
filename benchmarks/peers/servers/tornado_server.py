"""Tornado's HTTP server with a bare callback: the least that an HTTP server in Python can do around the model."""

import asyncio

import msgspec
from tornado.httpserver import HTTPServer
from tornado.httputil import HTTPHeaders, HTTPServerRequest, ResponseStartLine

from .published import answer, pipeline, port


class Question(msgspec.Struct):
    """The body of a request."""

    text: str


class Answer(msgspec.Struct):
    """The body of a reply."""

    intent: str | None
    confidence: float


async def main() -> None:
    """Serve until killed."""
    model = pipeline()
    decode, encode = msgspec.json.Decoder(Question).decode, msgspec.json.Encoder().encode
    start_line = ResponseStartLine("HTTP/1.1", 200, "OK")

    def predict(request: HTTPServerRequest) -> None:
        body = encode(Answer(*answer(model, decode(request.body).text)))
        headers = HTTPHeaders({"Content-Type": "application/json", "Content-Length": str(len(body))})
        connection = request.connection
        if connection is not None:
            connection.write_headers(start_line, headers, body)
            connection.finish()

    HTTPServer(predict).listen(port(), "127.0.0.1")
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
