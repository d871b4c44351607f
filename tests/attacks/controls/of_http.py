"""Controls of what comes in over HTTP: rows S19-S28, S31-S35, S37."""

import json
import re
import socket
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from .control import Control, Patch, constant, nothing

_ENDLESS: Final = sys.maxsize


def _read_carelessly(data: bytes, kind: Any) -> Any:
    import msgspec  # noqa: PLC0415 - every process reads this module

    return msgspec.convert(json.loads(data), kind)


def _take_the_next_at_once(connection: Any, request: Any) -> None:
    connection._received = connection._received[request.n_bytes :]


def _method_as_it_came() -> str:
    from flask import request  # noqa: PLC0415 - every process reads this module

    return request.method


def _tell_all(error: Exception, request_id: str) -> Any:
    from app.web.errors import ErrorBody, ErrorReply  # noqa: PLC0415 - every process reads this module

    return ErrorReply(ErrorBody("told", f"{error} {error.__cause__} {error.__context__}", request_id))


def _id_as_it_came(given: str | None) -> str:
    return given or "none"


def _swagger_ui_of_2021() -> Path:
    import flasgger  # noqa: PLC0415 - every process reads this module

    return Path(flasgger.__file__).parent / "ui3" / "static"


def _any_password(password: str, *_: str) -> str:
    return password


def _listening_everywhere(listen: Callable[[str, int], list[socket.socket]]) -> Callable[..., list[socket.socket]]:
    return lambda _, port: listen("0.0.0.0", port)


CONTROLS: Final[Mapping[str, Control]] = {
    "model-names": Control(
        rows=("S19", "S20"),
        what="one rule says what a model may be called, and no path is a name",
        patches=(Patch("app.domain.model_reference", "_NAME", constant(re.compile(r".*", re.DOTALL))),),
    ),
    "bounded-bodies": Control(
        rows=("S21",),
        what="what is over the limit is thrown away as it comes in, however it is cut",
        patches=(Patch("app.web.server.incoming", "Incoming.is_too_large", lambda _: property(lambda _: False)),),
    ),
    "bounded-heads": Control(
        rows=("S28", "S32"),
        what="a head has so many bytes at the most",
        patches=(
            Patch("app.web.server.plain_request", "HEAD_AT_MOST", constant(_ENDLESS)),
            Patch("app.web.server.tornado_front", "_HEAD_AT_MOST", constant(_ENDLESS)),
        ),
    ),
    "plain-is-plain": Control(
        rows=("S33",),
        what="a request is read in one pass only where its length can be read in one way",
        patches=(
            Patch("app.web.server.plain_request", "_LENGTH", constant(re.compile(r"[0-9_+]{1,7}", re.ASCII))),
            Patch("app.web.server.plain_request", "_NOT_PLAIN", constant(frozenset())),
        ),
    ),
    "typed-json": Control(
        rows=("S34",),
        what="JSON is read into the types of the route, and what cannot be read so is said in a sentence",
        patches=(Patch("app.web.decoding", "decode", constant(_read_carelessly)),),
    ),
    "one-answer-at-a-time": Control(
        rows=("S35",),
        what="a connection's next request is read when the one before it is answered",
        patches=(
            Patch("app.web.server.plain_connection", "PlainConnection.take", constant(_take_the_next_at_once)),
            Patch("app.web.server.plain_connection", "PlainConnection.wait", nothing),
        ),
    ),
    "few-labels": Control(
        rows=("S37",),
        what="metrics are named after routes, known methods and models that there are",
        patches=(Patch("app.web.application", "_method", constant(_method_as_it_came)),),
    ),
    "told-addresses": Control(
        rows=("S31",),
        what="sockets are bound to the address that was told, the machine's own unless another is",
        patches=(Patch("app.supervisor.listening", "listen", _listening_everywhere),),
    ),
    "silent-failures": Control(
        rows=("S22",),
        what="of what went wrong here a client is told only that it did",
        patches=(Patch("app.web.errors", "error_reply", constant(_tell_all)),),
    ),
    "sane-ids": Control(
        rows=("S23",),
        what="of all headers only the id of a request comes back, where it is letters and digits",
        patches=(Patch("app.web.reply", "sane_request_id", constant(_id_as_it_came)),),
    ),
    "data-is-data": Control(
        rows=("S23",),
        what="replies with data forbid browsers to sniff, to show and to run them",
        patches=(Patch("app.web.security_headers", "JSON_HEADERS", constant(())),),
    ),
    "current-swagger-ui": Control(
        rows=("S24",),
        what="the files of swagger-ui are current ones, which take no document from their address",
        patches=(Patch("app.web.apidocs", "swagger_ui_folder", constant(_swagger_ui_of_2021)),),
    ),
    "page-policy": Control(
        rows=("S24",),
        what="pages may load and ask their own origin alone, and run nothing that stands in them",
        patches=(Patch("app.web.security_headers", "PAGE_HEADERS", constant(())),),
    ),
    "strong-passwords": Control(
        rows=("S26",),
        what="a password that is short, known or the user's own name is refused, wherever it comes from",
        patches=(Patch("app.domain.identity_rules", "check_password", constant(_any_password)),),
    ),
}
