"""A pickle of a stranger runs nothing: what is not on the list is refused by its name, whatever it is and wherever."""

import os
import pickle
import pickletools
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.training_errors import ForbiddenNameError, UnimportableModelError
from app.old_models.closed_unpickler import Inert, read_pickle
from tests.old_models.old_folders import Tokenizer, dumped


class Evil:
    """Runs a command where it is read."""

    def __init__(self, kind, *arguments):
        self.kind, self.arguments = kind, arguments

    def __reduce__(self):
        return self.kind, self.arguments


@pytest.fixture
def path(tmp_path):
    return tmp_path / "bot_tok.pkl"


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (os.system, "posix.system"),
        (subprocess.Popen, "subprocess.Popen"),
        (eval, "builtins.eval"),
        (getattr, "builtins.getattr"),
        (__import__, "builtins.__import__"),
        (open, "_io.open"),
    ],
    ids=lambda kind: kind if isinstance(kind, str) else "",
)
@pytest.mark.parametrize("protocol", [0, 2, 5])
def test_a_name_that_is_not_on_the_list_is_refused_and_never_called(path, tmp_path, kind, name, protocol):
    trace = tmp_path / "trace"
    path.write_bytes(pickle.dumps({"word_index": [Evil(kind, f"touch {trace}")]}, protocol=protocol))

    with pytest.raises(ForbiddenNameError) as refusal:
        read_pickle(path)

    assert refusal.value.name.rpartition(".")[2] == name.rpartition(".")[2]
    assert refusal.value.name in str(refusal.value)
    assert not trace.exists()


@pytest.mark.parametrize(
    "name",
    [
        "sklearn.pipeline.os",
        "keras_preprocessing.text.json.loads",
        "numpy.load",
        "numpy.core.multiarray.fromfile",
        "collections.Counter",
        "sklearn.svm.Pipeline",
        "Tokenizer.Tokenizer",
    ],
)
def test_what_lies_near_to_a_name_on_the_list_is_not_on_it(path, name):
    module, _, last = name.rpartition(".")
    path.write_bytes(
        pickle.PROTO
        + b"\x04"
        + pickle.SHORT_BINUNICODE
        + bytes([len(module)])
        + module.encode()
        + pickle.SHORT_BINUNICODE
        + bytes([len(last)])
        + last.encode()
        + pickle.STACK_GLOBAL
        + pickle.STOP
    )

    with pytest.raises(ForbiddenNameError) as refusal:
        read_pickle(path)

    assert refusal.value.name == name


def test_what_is_on_the_list_becomes_an_inert_object(path):
    path.write_bytes(dumped(Tokenizer().fit(["a b"]), "keras_preprocessing.text"))

    read = read_pickle(path)

    assert isinstance(read, Inert)
    assert (read.kind, read.get("word_index")) == ("Tokenizer", {"a": 1, "b": 2})
    assert not callable(read)


def test_what_is_no_pickle_is_refused(path):
    path.write_bytes(b"not a pickle at all")

    with pytest.raises(UnimportableModelError, match="not a pickle that can be read"):
        read_pickle(path)


GOOD = dumped(Tokenizer().fit(["a b", "b c"]), "keras_preprocessing.text", protocol=4)


@settings(database=None, deadline=None, max_examples=200)
@given(
    st.integers(0, len(GOOD) - 1),
    st.sampled_from([bytes([opcode.code.encode("latin-1")[0]]) for opcode in pickletools.opcodes])
    | st.binary(min_size=1, max_size=4),
)
def test_a_pickle_with_other_bytes_in_it_is_read_or_refused(tmp_path_factory, place, patch):
    path = tmp_path_factory.mktemp("p") / "bot_tok.pkl"
    path.write_bytes(GOOD[:place] + patch + GOOD[place + len(patch) :])
    try:
        read_pickle(path)
    except UnimportableModelError as error:
        assert str(error)  # noqa: PT017 - either will do
