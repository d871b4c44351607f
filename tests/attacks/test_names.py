"""Names that are paths: no way in leads out of the registry, and what they say is told nobody (S19, S20)."""

import ast
import http.client
import json
import os
import re
import shutil
import sys
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from app.domain.quotation import shortened
from tests.wellbeing import answers_rightly

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]

# The list of the table. Where it and the design disagree, the design decides: `..` is refused in any name, and so are
# the three that Triton's own lists call valid (`...`, `..my_model`, `model..1`).
PATHS = [
    "../etc", "a/../b", "../../etc/passwd", "tiny/..", "..", "/etc/passwd", "tiny/subdir", "tiny/", " ..", ".. ",
    "..\\x", "..%2f", "%2e%2e/", "a%00b", "a\0b", "\t\n", "...", "..my_model", "model..1", ".", "./tiny", "tiny/1",
    "../tiny", "file:///etc/passwd", "\\\\host\\share", "C:\\x", "~root", "tiny\0.txt", "\u2025/x", "\uff0e\uff0e/x",
]  # fmt: skip
LONG = ["m" * 256, "m" * 4_096, "../" * 1_365]
TWINS = ["caf\u00e9", unicodedata.normalize("NFD", "caf\u00e9"), "ti\u0301ny", "tin\u00ff", "\uff54iny"]

Ask = Callable[[Any, str], Any]


def _json(method: str, path: str, **content: object) -> Ask:
    def ask(server: Any, name: str) -> Any:
        written = json.dumps({key: name if value == "NAME" else value for key, value in content.items()}).encode()
        return server.request(method, path.format(_in_a_path(name)), written, {"Content-Type": "application/json"})

    return ask


def _bare(method: str, path: str) -> Ask:
    return lambda server, name: server.request(method, path.format(_in_a_path(name)))


def _form(server: Any, name: str) -> Any:
    lines = [b"--b", b'Content-Disposition: form-data; name="model"', b"", name.encode()]
    lines += [
        b"--b",
        b'Content-Disposition: form-data; name="file"; filename="x.csv"',
        b"",
        b"text,intent\na,b\n",
        b"--b--",
    ]
    return server.request("POST", "/train", b"\r\n".join(lines), {"Content-Type": "multipart/form-data; boundary=b"})


def _in_a_path(name: str) -> str:
    return quote(name, safe="")


EXAMPLES = [{"text": "open the door", "intent": "open"}, {"text": "shut the door", "intent": "close"}]
OF_MODELS: dict[str, Ask] = {
    "predict": _json("POST", "/predict", text="hello", model="NAME"),
    "predict, a version": lambda server, name: _json("POST", "/predict", text="hello", model=f"{name}@1")(server, ""),
    "train": _json("POST", "/train", model="NAME", examples=EXAMPLES),
    "train on a file": _form,
    "a model": _bare("GET", "/models/{}"),
    "versions": _bare("GET", "/models/{}/versions"),
    "a report": _bare("GET", "/models/{}/versions/1/report"),
    "a page of a report": _bare("GET", "/models/{}/versions/1/report.html"),
    "an archive": _bare("GET", "/models/{}/versions/1/archive"),
    "an archive to take in": lambda server, name: server.request(
        "POST", f"/models/{_in_a_path(name)}/archive", b"PK", {"Content-Type": "application/zip"}
    ),
    "a difference": _bare("GET", "/models/{}/diff"),
    "activate": _json("POST", "/models/{}/activate", version=1),
    "rollback": _json("POST", "/models/{}/rollback"),
    "an alias of": _json("PUT", "/models/{}/aliases/canary", version=1),
    "to remove a version": _bare("DELETE", "/models/{}/versions/1"),
    "checks": _bare("GET", "/models/{}/checks"),
    "examples": _bare("GET", "/models/{}/examples"),
    "examples to keep": _bare("GET", "/models/{}/examples/export?format=csv"),
}
OTHERS: dict[str, Ask] = {
    "predict, an alias": lambda server, name: _json("POST", "/predict", text="hello", model=f"tiny@{name}")(server, ""),
    "a report's version": _bare("GET", "/models/tiny/versions/{}/report"),
    "an archive's version": _bare("GET", "/models/tiny/versions/{}/archive"),
    "a difference from": _bare("GET", "/models/tiny/diff?from={}"),
    "an alias": _json("PUT", "/models/tiny/aliases/{}", version=1),
    "to remove an alias": _bare("DELETE", "/models/tiny/aliases/{}"),
    "a job": _bare("GET", "/jobs/{}"),
    "a job's log": _bare("GET", "/jobs/{}/log"),
}
DOORS = [
    *(pytest.param(ask, id=name, marks=pytest.mark.controls("model-names")) for name, ask in OF_MODELS.items()),
    *(pytest.param(ask, id=name) for name, ask in OTHERS.items()),
]
NO_NAME = {"invalid_model_name", "invalid_model_reference", "invalid_request", "not_found"}
"""Codes of what is refused before anything is looked for."""


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file that names each file which the server opens."""
    return tmp_path_factory.mktemp("opened") / "files"


@pytest.fixture(scope="module")
def watched(start_server: Callable[..., Any], tiny_models: Path, opened: Path) -> Any:
    """A server that tells which files it opens."""
    models = opened.parent / "models"  # of its own: without what this shows, names lead to files
    shutil.copytree(tiny_models, models, ignore=shutil.ignore_patterns(".*"))
    return start_server(
        models, PARLEY_DEFAULT_MODEL="tiny", PYTHONPATH=str(HERE / "watched"), PARLEYS_OPENED_FILES=str(opened)
    )


def _belongs_to_it(line: str, server: Any, folder: Path) -> bool:
    """Whether a file is the server's, or of what it runs on."""
    named = ast.literal_eval(line.partition(" ")[2])
    if isinstance(named, int) or named in {str(ROOT), str(HERE / "watched"), "/dev/null"}:
        return True  # a descriptor that was open before, or where modules are looked for
    path = Path(os.fsdecode(named))
    roots = [
        folder,
        server.log.parent,
        ROOT / "app",
        Path(sys.prefix),
        Path(sys.base_prefix),
        Path("/proc"),
        Path("/dev/shm"),  # noqa: S108 - metrics are counted there
    ]
    return ".." not in path.parts and any(
        (server.log.parent / path).resolve().is_relative_to(root.resolve()) for root in roots
    )


def _said(reply: Any, name: str) -> tuple[int, str, str]:
    """What an answer says, but for the name."""
    error = reply.json()["error"]
    return reply.status, error["code"], re.sub(r"'.*?'", "NAME", error["message"].replace(shortened(name), "NAME"))


@pytest.mark.parametrize("ask", DOORS)
def test_a_name_that_is_a_path_is_refused_wherever_it_is_said_and_no_file_is_looked_for(
    watched: Any, opened: Path, ask: Ask
) -> None:
    """S19. What is there and what is not is refused in the same words."""
    n_before = opened.stat().st_size

    try:
        replies = {name: ask(watched, name) for name in [*PATHS, *TWINS]}
    except http.client.HTTPException as error:
        pytest.fail(f"no answer: {error}")

    told = opened.read_bytes()[n_before:].decode().splitlines()
    assert {name: reply.status for name, reply in replies.items() if reply.status not in (400, 404)} == {}
    if ask in OF_MODELS.values():
        assert {_said(reply, name)[1] for name, reply in replies.items()} <= NO_NAME
    assert len({_said(reply, name) for name, reply in replies.items() if not {"/", "\0"} & {*name}}) == 1
    assert [line for line in told if not _belongs_to_it(line, watched, opened.parent)] == []


@pytest.mark.parametrize("ask", [*OF_MODELS.values(), *OTHERS.values()], ids=[*OF_MODELS, *OTHERS])
def test_a_name_longer_than_a_file_system_bears_is_refused(watched: Any, ask: Ask) -> None:
    """S20. One of a million characters is not even read where it stands in a path: the head is too long."""
    for name in LONG:
        assert ask(watched, name).status in (400, 404, 413), len(name)
    with suppress(ConnectionError, http.client.BadStatusLine):
        assert ask(watched, "m" * 1_000_000).status in (400, 404, 413, 431)
    answers_rightly(watched)


def test_what_differs_in_case_is_another_model_whatever_the_file_system_thinks(watched: Any) -> None:
    """S20."""
    for name in ("Tiny", "TINY", "tinY"):
        reply = watched.post("/predict", {"text": "hello", "model": name})

        assert (reply.status, reply.json()["error"]["code"]) == (404, "model_not_found")
