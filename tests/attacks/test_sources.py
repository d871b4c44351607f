"""The product can not read what runs: S3, S11, S12 to S14, S17, S30. The lint that keeps it so."""

import ast
from pathlib import Path
from typing import Final

import pytest

from tests.attacks.sources import texts_of

_THE_TOKENIZERS: Final = "app/pipeline/plain_pickle.py"  # plain values, by a reader that refuses names
_OF_OLD_SYSTEMS: Final = "app/old_models/closed_unpickler.py"  # in a child process, by a closed list of inert stand-ins
_OF_WHOEVER_TRAINS: Final = "app/networks/network_plan.py"  # a file of Python that somebody names to run it
_MODULES: Final = frozenset(
    {"pickle", "cPickle", "_pickle", "cloudpickle", "dill", "joblib", "marshal", "shelve", "jsonpickle"}
)
_NAMES: Final = frozenset({"eval", "exec", "compile", "__import__"})
_ATTRIBUTES: Final = frozenset(
    {
        # of Keras and TensorFlow: what builds objects of what a file names
        "load_model", "model_from_json", "model_from_config", "deserialize_keras_object", "from_config",
        "enable_unsafe_deserialization", "get_file", "saved_model", "TFSMLayer",
        # of YAML, for all but the one reader; of nltk; of torch; of numpy
        "unsafe_load", "full_load", "unsafe_load_all", "download", "read_pickle",
        # of archives and shells
        "extractall", "extract", "unpack_archive", "system", "popen",
    }
)  # fmt: skip
_YAML: Final = {
    "app/text/plain_yaml.py": {"SafeLoader", "Node", "ScalarNode", "AliasEvent", "YAMLError"},
    "app/pipeline/artifacts.py": {"safe_dump"},
    "app/bootstrap/old_models.py": {"safe_dump"},
    "app/old_models/keras_architecture.py": {"SafeLoader", "SequenceNode", "YAMLError", "load"},
}


def faults_of(path: str, text: str) -> list[str]:
    """Name what in a module could run what it reads."""
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names if alias.name.split(".")[0] in _MODULES]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            found += [str(node.module)] if str(node.module).split(".")[0] in _MODULES else []
        elif isinstance(node, ast.Name) and node.id in _NAMES:
            found.append(node.id)
        elif isinstance(node, ast.Attribute):
            of_yaml = isinstance(node.value, ast.Name) and node.value.id == "yaml"
            if node.attr in _ATTRIBUTES or (of_yaml and node.attr not in _YAML.get(path, set())):
                found.append(node.attr)
        elif isinstance(node, ast.keyword) and node.arg in {"allow_pickle", "shell", "custom_objects"}:
            found += [] if isinstance(node.value, ast.Constant) and node.value.value is False else [node.arg]
    return found


@pytest.mark.controls("no-readers-that-run")
def test_no_module_reads_what_could_run(root: Path) -> None:
    """S3, amended: pickles of plain values are the tokenizer's format, written and read in one module."""
    found = {path: faults for path, text in texts_of(root).items() if (faults := faults_of(path, text))}

    assert found == {
        _THE_TOKENIZERS: ["pickle"],
        _OF_OLD_SYSTEMS: ["pickle"],
        _OF_WHOEVER_TRAINS: ["exec", "compile"],
    }


def test_the_lint_sees_what_it_is_for() -> None:
    for line in (
        "import joblib", "from dill import loads", "eval('1')", "keras.models.load_model(p)", "yaml.load(t)",
        "np.load(f, allow_pickle=True)", "subprocess.run(c, shell=True)", "nltk.download('punkt')", "os.system('x')",
    ):  # fmt: skip
        assert faults_of("app/x.py", line), line
    assert not faults_of("app/x.py", "np.load(f, allow_pickle=False)")
