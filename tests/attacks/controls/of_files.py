"""Controls of what lies in files, and of what is read: rows S1-S18, S29, S30, S36."""

import pickle
from collections.abc import Callable, Mapping
from typing import Any, Final

from .control import Control, Patch, constant, nothing, returning


def _yaml_that_runs(_: object) -> Callable[..., Any]:
    def read(text: Any) -> Any:
        import yaml  # noqa: PLC0415 - nothing but the standard library is imported before the product

        return yaml.load(text, yaml.UnsafeLoader)  # noqa: S506 - what is shown

    return read


def _unpickled(_: str, data: bytes) -> Any:
    return pickle.loads(data)  # noqa: S301 - what is shown


def _read_again(check: Callable[..., bytes]) -> Callable[..., bytes]:
    def read_verified(folder: Any, path: str, n_bytes: int, digest: str) -> bytes:
        check(folder, path, n_bytes, digest)
        return bytes((folder / path).read_bytes())

    return read_verified


def _followed(init: Callable[..., None]) -> Callable[..., None]:
    """A form whose file may be an address, which is fetched."""

    def __init__(form: Any, upload: Any, known: Any) -> None:  # noqa: N807 - it becomes one
        import re  # noqa: PLC0415
        import urllib.request  # noqa: PLC0415

        at = upload.file.tell()
        for address in re.findall(rb"http://127[^\s]+", upload.file.read()):
            urllib.request.urlopen(address.decode(), timeout=5)  # noqa: S310 - what is shown
        upload.file.seek(at)
        init(form, upload, known)

    return __init__


def _extracting(check: Callable[..., None]) -> Callable[..., None]:
    """Take tar too, as servers did that extract whatever it holds."""

    def check_end(source: Any) -> None:
        import tarfile  # noqa: PLC0415
        import tempfile  # noqa: PLC0415

        if tarfile.is_tarfile(source):
            source.seek(0)
            with tempfile.TemporaryDirectory() as folder, tarfile.open(fileobj=source) as archive:
                archive.extractall(folder, filter="fully_trusted")  # noqa: S202 - what is shown
        check(source)

    return check_end


def _runs_messages(_: object) -> Callable[..., bool]:
    """A bell that runs what it is told, as workers of RQ do."""

    def listen(bell: Any) -> bool:
        from rq.exceptions import DequeueTimeout  # noqa: PLC0415
        from rq.job import Job  # noqa: PLC0415

        connection = bell._queue.connection
        try:
            _, message = bell._queue.lpop([bell._queue.key], 1, connection=connection)
        except DequeueTimeout:
            return False
        pickle.loads(__import__("zlib").decompress(connection.hget(Job.key_for(message.decode()), "data")))  # noqa: S301
        return True

    return listen


def _backtracking(_: object) -> Any:
    import re  # noqa: PLC0415

    return re.compile(r"(?:[^b]b?){0,6000}!|\S")


def _with_source(texts_of: Callable[..., dict[str, str]]) -> Callable[..., dict[str, str]]:
    """The sources of the product, with one that reads what it should not."""
    return lambda *given: {**texts_of(*given), "app/web/evil.py": "import joblib\nimport numpy as np\n"}


CONTROLS: Final[Mapping[str, Control]] = {
    "content-types": Control(
        rows=("S1", "S2"),
        what="a body is read by the types that its route names, whatever other headers say",
        patches=(Patch("app.web.request", "media_type", returning("application/json")),),
    ),
    "no-readers-that-run": Control(
        rows=("S3", "S11", "S12", "S13", "S14", "S17", "S30"),
        what="no part of the product can read what runs, whole Keras models or data from the network",
        patches=(Patch("tests.attacks.sources", "texts_of", _with_source),),
    ),
    "plain-pickles": Control(
        rows=("S4", "S18"),
        what="a pickle may name nothing: plain values alone are read",
        patches=(Patch("app.pipeline.plain_pickle", "read_plain_pickle", constant(_unpickled)),),
    ),
    "known-files": Control(
        rows=("S4", "S5"),
        what="a version is made of files of known names alone",
        patches=(Patch("app.pipeline.artifacts", "refuse_unknown_files", nothing),),
    ),
    "listed-files": Control(
        rows=("S4", "S17"),
        what="what no manifest lists is not passed over in the folder of a version",
        patches=(Patch("app.registry.layout", "belongs_to_a_version", returning(True)),),
    ),
    "signatures": Control(
        rows=("S4", "S18"),
        what="where signatures are required, versions of somebody without the key are refused",
        patches=(Patch("app.registry.signing", "Signing.check", nothing),),
    ),
    "plain-file-names": Control(
        rows=("S5",),
        what="files of a version have plain names, which lead nowhere",
        patches=(Patch("app.registry.manifest", "check_file_names", nothing),),
    ),
    "plain-members": Control(
        rows=("S6",),
        what="a member of an archive is a plain file",
        patches=(Patch("app.registry.archive", "_check_member", nothing),),
    ),
    "archive-sizes": Control(
        rows=("S7",),
        what="what an archive unpacks to is bounded before it is unpacked",
        patches=(Patch("app.registry.archive", "_check_sizes", nothing),),
    ),
    "archive-index": Control(
        rows=("S7",),
        what="the index of an archive is bounded before it is read",
        patches=(Patch("app.registry.archive", "_INDEX_AT_MOST", constant(1 << 40)),),
    ),
    "archive-members": Control(
        rows=("S7",),
        what="an archive has no more members than a version has files",
        patches=(Patch("app.registry.archive", "_FILES_AT_MOST", constant(1 << 40)),),
    ),
    "listed-members": Control(
        rows=("S7",),
        what="an archive holds what its manifest lists, and nothing else",
        patches=(Patch("app.registry.archive", "ArchivedVersion._compare", nothing),),
    ),
    "archives-are-zip": Control(
        rows=("S5", "S6"),
        what="an archive is a zip file that is never extracted",
        patches=(Patch("app.registry.archive", "_check_end", _extracting),),
    ),
    "gunzip-bound": Control(
        rows=("S7",),
        what="what is compressed within a file is unpacked up to what text can be",
        patches=(
            Patch("app.data.compressed", "_ALWAYS", constant(1 << 40)),
            Patch("app.data.compressed", "_AT_MOST", constant(1 << 40)),
        ),
    ),
    "public-addresses": Control(
        rows=("S8",),
        what="no address is called that is not public, however it is written",
        patches=(Patch("app.outgoing.addresses", "is_public", returning(True)),),
    ),
    "plain-targets": Control(
        rows=("S8", "S9"),
        what="an address has one reading: no user, no backslash, no fragment",
        patches=(Patch("app.outgoing.target", "read_target", lambda _: _lenient_target),),
    ),
    "known-query": Control(
        rows=("S8", "S9"),
        what="what stands behind a path and means nothing is refused",
        patches=(Patch("app.web.query", "read_query", returning({})),),
    ),
    "files-are-bytes": Control(
        rows=("S10",),
        what="the file of a form is what was sent, never an address",
        patches=(Patch("app.web.uploaded_form", "UploadedForm.__init__", _followed),),
    ),
    "plain-yaml": Control(
        rows=("S11",),
        what="YAML holds plain values, and no tag that names anything",
        patches=(Patch("app.text.plain_yaml", "read_yaml", _yaml_that_runs),),
    ),
    "yaml-limits": Control(
        rows=("S11",),
        what="what YAML stands for is counted before it is made",
        patches=(
            Patch("app.text.plain_yaml", "_NODES_AT_MOST", constant(1 << 40)),
            Patch("app.text.plain_yaml", "_ALIASES_AT_MOST", constant(1 << 40)),
        ),
    ),
    "plain-weights": Control(
        rows=("S12", "S13", "S14", "S15", "S16"),
        what="a file of weights is looked at before Keras: plain tables in the file itself, no larger than it is",
        patches=(Patch("app.training.weights_file", "check_weights", nothing),),
    ),
    "messages-say-nothing": Control(
        rows=("S29",),
        what="nothing that stands in Redis is run or unpickled: a message says that there is something to do",
        patches=(Patch("app.jobs.rq_bell", "RqBell._listen", _runs_messages),),
    ),
    "linear-tokens": Control(
        rows=("S30",),
        what="a text is read once, in time that grows with its length",
        patches=(Patch("app.text.tokenizer", "TOKEN", _backtracking),),
    ),
    "closed-folders": Control(
        rows=("S36",),
        what="no start where every user can write to the registry or the server's own folder",
        patches=(Patch("app.settings.checks", "check_folders", nothing),),
    ),
    "closed-models": Control(
        rows=("S36",),
        what="no file or folder of a version may be written to by every user",
        patches=(Patch("app.registry.verified_files", "refuse_open", nothing),),
    ),
    "digest-of-what-is-used": Control(
        rows=("S36",),
        what="a digest is made of the very bytes that are used",
        patches=(Patch("app.registry.verified_files", "read_verified", _read_again),),
    ),
}


def _lenient_target(_: str) -> Any:
    """Read an address as a careless program does: whatever it says, the host that is looked at is a public one."""
    from app.outgoing.target import Target  # noqa: PLC0415

    return Target("https", "93.184.215.14", 443, "/")
