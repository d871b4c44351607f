"""Everything that reads bytes from elsewhere, and something that it reads well."""

import gzip
import io
import json
import resource
import signal
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, NamedTuple

import hypothesis
from hypothesis import strategies as st

from app.data import snapshot
from app.data.asked_lines import read_lines
from app.data.compressed import gunzipped
from app.data.reader import DataFormat, read_dataset_text
from app.data.text_file import decoded
from app.domain.errors import ParleyError
from app.domain.model_reference import ModelReference, check_model_name, check_own_alias
from app.outgoing.target import read_target
from app.pipeline.plain_pickle import plain_pickle, read_plain_pickle
from app.registry import manifest as manifests
from app.registry.archive import ArchivedVersion
from app.text.plain_yaml import read_yaml
from app.web.api.predict_shapes import PredictRequest
from app.web.api.train import TrainRequest
from app.web.decoding import decode
from app.web.operation import Upload
from app.web.uploaded_form import UploadedForm

LIMIT: Final = 1 << 22
CPU_S: Final = 1.0
MEMORY: Final = 200 << 20


class Reader(NamedTuple):
    """One reader, and a text or bytes that it takes."""

    read: Callable[[bytes], object]
    seed: bytes
    refuses_by: tuple[type[Exception], ...] = (ParleyError,)


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _lenient(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _data(data_format: DataFormat) -> Callable[[bytes], object]:
    return lambda data: read_dataset_text(decoded(data, "f"), "f", data_format)


def _archive(data: bytes) -> object:
    with ArchivedVersion(io.BytesIO(data), LIMIT) as archive:
        return dict(archive)


def _sealed(data: bytes) -> object:
    """Read a manifest whose digest was made right."""
    try:
        content = json.loads(data)
    except (ValueError, RecursionError):
        content = None
    if isinstance(content, dict):
        content = {key: value for key, value in content.items() if key != "digest"}
        data = json.dumps({**content, "digest": sha256(manifests.canonical(content)).hexdigest()}).encode()
    return manifests.from_bytes(data, "m")


def _form(data: bytes) -> object:
    with UploadedForm(Upload(io.BytesIO(data), "multipart/form-data; boundary=b", len(data)), {"model"}) as form:
        return form.file.read(), form.fields


def _weights(data: bytes) -> None:
    from app.training.weights_file import check_weights  # noqa: PLC0415 - h5py takes a while

    check_weights(data, "w")


_INTENTS: Final = {"intents": [{"tag": "a", "patterns": ["x", "y"], "responses": ["z"], "context_set": "c"}]}
_ROWS: Final = 'text,intent\n"a, b",c\n\'x\',"d ""e"""\n'
_SNAPSHOT: Final = b'{"source":"","examples":[["a","b"]],"out_of_scope":["c"],"replies":{"b":{"texts":["x"]}}}'
_FORM: Final = (
    '--b\r\nContent-Disposition: form-data; name="model"\r\n\r\nx\r\n'
    '--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\na,b\r\n--b--\r\n'
)
_PREDICT: Final = {"text": "a", "model": "m@7", "top_k": 2, "intents": ["a"]}
_TRAIN: Final = {"model": "m", "examples": [{"text": "a", "intent": None}], "config": {"network": {"size": 1e3}}}


def readers(models: Path) -> Mapping[str, Reader]:
    """Name all of them; what a version is made of is taken from a registry with `tiny`."""
    from app.registry.archive import write_archive  # noqa: PLC0415
    from app.registry.model_registry import ModelRegistry  # noqa: PLC0415

    archive = io.BytesIO()
    write_archive(ModelRegistry(models), "tiny", 1, archive)
    version = models / "tiny" / "1"
    names = {"json": json.dumps(_INTENTS).encode(), "csv": _ROWS.encode()}
    return {
        "prediction": Reader(lambda data: decode(data, PredictRequest), json.dumps(_PREDICT).encode()),
        "training": Reader(lambda data: decode(data, TrainRequest), json.dumps(_TRAIN).encode()),
        "reference": Reader(lambda data: ModelReference.parse(_text(data)), b"name@previous"),
        "name": Reader(lambda data: check_model_name(_text(data)), b"a.b-c_d"),
        "alias": Reader(lambda data: check_own_alias(_text(data)), b"staging"),
        "address": Reader(lambda data: read_target(_lenient(data)), b"https://hooks.example:8443/a?b"),
        "archive": Reader(_archive, archive.getvalue()),
        "manifest": Reader(_sealed, (version / "manifest.json").read_bytes()),
        "pickle": Reader(
            lambda data: read_plain_pickle("p", data), plain_pickle({"a": [1, 2.5, "x" * 300, None, (True, b"y")]})
        ),
        "weights": Reader(_weights, (version / "model.weights.h5").read_bytes()),
        "yaml": Reader(read_yaml, b"a: &x [1, 2.5, '3', 2001-01-01, !!set {a, b}]\nb: *x\n<<: {c: 0o17}\n"),
        "form": Reader(_form, _FORM.encode()),
        "gzip": Reader(gunzipped, gzip.compress(b"abc" * 99), (ValueError,)),
        "snapshot": Reader(
            lambda data: snapshot.from_bytes(gzip.compress(data)), _SNAPSHOT
        ),
        "any data": Reader(_data(DataFormat.AUTO), names["json"]),
        "csv": Reader(_data(DataFormat.CSV), names["csv"]),
        "tsv": Reader(_data(DataFormat.TSV), b"text\tintent\na b\tc\n"),
        "lines to answer": Reader(
            lambda data: list(read_lines(io.BytesIO(data))), b'{"text": "a", "id": 7}\n{"record": {"b": [1]}}\n"c"\n'
        ),
        "jsonl": Reader(_data(DataFormat.JSONL), b'{"text": "a", "intent": null}\n{"text": "b", "intent": "c"}\n'),
        "intents": Reader(_data(DataFormat.INTENTS_JSON), names["json"]),
    }  # fmt: skip


_PIECES: Final = st.one_of(
    st.binary(max_size=8),
    st.sampled_from(
        [
            b"\0", b"\xff" * 8, b"[" * 5000, b'{"a":' * 3000, b"9" * 5000, b"1e999", b"-0", b"NaN", b"\xed\xa0\x80",
            b"\xef\xbb\xbf", b'"', b"\r", b"\n", b"\t", b"*x", b"&x ", b"!!python/name:os.system ", b": ", b"- ",
            b"\\ud800", b"\\u0000", b"../", b"@", b"%00", b"--b", b"PK\x05\x06", b"r\xff\xff\xff\x7f", b"\x96",
            b"\x8d\xff\xff\xff\xff\xff\xff\xff\x7f", b"cos\nsystem\n", b"?" * 100, b"1:1" + b":1" * 300, b"<<: *x\n",
        ]
    ),
)  # fmt: skip


@st.composite
def spoiled(draw: st.DrawFn, seed: bytes) -> bytes:
    """Give something like what is read well: with pieces put in, cut out, doubled, or put in place of others."""
    data = seed
    for _ in range(draw(st.integers(0, 6))):
        at = draw(st.integers(0, len(data)))
        until = min(len(data), at + draw(st.integers(0, 16)))
        piece = draw(_PIECES)
        how = draw(st.sampled_from(["insert", "replace", "cut", "double"]))
        middle = {"insert": piece + data[at:until], "replace": piece, "cut": b"", "double": data[at:until] * 50}[how]
        data = data[:at] + middle + data[until:]
    return data if draw(st.integers(0, 9)) else draw(st.binary(max_size=200))


def try_out(reader: Reader, data: bytes) -> None:
    """Read; only what is refused by an error of its kind may be raised."""
    with suppress(*reader.refuses_by):
        reader.read(data)


def _too_long(*_: Any) -> None:
    raise TimeoutError(f"it computed for more than {CPU_S} s")


def fuzz_long(reader: Reader, n_examples: int) -> None:
    """Read many things, each within so much computing and so much more memory; for a process of its own."""
    signal.signal(signal.SIGVTALRM, _too_long)

    @hypothesis.settings(
        max_examples=n_examples,
        deadline=None,
        database=None,
        derandomize=False,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(spoiled(reader.seed))
    def run(data: bytes) -> None:
        signal.setitimer(signal.ITIMER_VIRTUAL, CPU_S)
        used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY, resource.RLIM_INFINITY))
        try:
            try_out(reader, data)
        finally:
            resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY,) * 2)
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)

    run()


if __name__ == "__main__":
    fuzz_long(readers(Path(sys.argv[1]))[sys.argv[2]], int(sys.argv[3]))
