"""What `train.py` cannot use ends it with code 2 and a sentence that says where, before anything is trained."""

from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

Train = Callable[..., CompletedProcess[str]]

# The command with another folder as the project's, for its config/models/.
IN_ANOTHER_PROJECT = """
import sys
from pathlib import Path
from app.cli.train import train
train(sys.argv[2:], obj=Path(sys.argv[1]), prog_name="train.py")
"""

GOOD = "hello\tgreeting\ngood morning\tgreeting\nwill it rain\tweather\nis it cold\tweather\n"


@pytest.fixture
def train(python: Train, tmp_path: Path) -> Train:
    """Run `train.py` for model `x` on content in a file `data`, with a registry that is not there yet."""

    def run(content: str | bytes, *flags: str, model: str = "x") -> CompletedProcess[str]:
        (tmp_path / "data").write_bytes(content if isinstance(content, bytes) else content.encode())
        return python(
            *("train.py", "--model", model, "--data", tmp_path / "data", "--models-dir", tmp_path / "models", *flags)
        )

    return run


def assert_refused(done: CompletedProcess[str], tmp_path: Path, *sentences: str) -> None:
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    for sentence in sentences:
        assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "models").exists()


@pytest.mark.parametrize(
    ("content", "problems"),
    [
        pytest.param(
            f"{GOOD}no intent\na\tb\tc\n",
            ["data:5: 1 value", "data:6: 3 values where text and intent make 2"],
            id="malformed rows",
        ),
        pytest.param(f"{GOOD} \tweather\n", ["data:5: the text is empty"], id="empty text"),
        pytest.param(f"{GOOD}hi\t\n", ["data:5: the intent is empty"], id="empty intent"),
        pytest.param('intent,text\na,"x\nb,y\n', ["data:2: not CSV: "], id="an open quote"),
        pytest.param('{"intents": [\n{"tag": "a",\n "patterns": ["x", ""]}]}', ["data:3: intent 'a': "], id="JSON"),
        pytest.param('{"intents": [\n', ["data:2: not JSON: "], id="half a JSON file"),
        pytest.param(b"hello\tgreeting\n\xff\tweather\n", ["data:2: not UTF-8: byte 0xff"], id="not UTF-8"),
        pytest.param("a\tgreeting\nb\tgreeting\n", ["data: only the intent 'greeting'"], id="one intent"),
        pytest.param("", ["data: no example"], id="empty file"),
        pytest.param("!!!\ta\n...\tb\n", ["data: no text has a usable word in it"], id="no usable word"),
    ],
)
def test_data_that_cannot_be_used_are_refused_with_file_and_line(train, tmp_path, content, problems):
    done = train(content)

    assert_refused(done, tmp_path, *(f"{tmp_path}/{problem}" for problem in problems))


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        (["--set", "training.epoch=3"], "model x: training: unknown key 'epoch'; did you mean 'epochs'?"),
        (["--set", "min_confidense=0"], "model x: unknown key 'min_confidense'; did you mean 'min_confidence'?"),
        (["--set", "training.epochs=0"], "model x: Expected `int` >= 1 - at `$.training.epochs`"),
        (["--set", "training.epochs"], "--set training.epochs: expected KEY=VALUE"),
        (["--set", "training.epochs=["], "--set training.epochs=[: the value is not YAML"),
        (["--set", "training=3"], "model x: training: expected keys and values, got 3"),
        (["--set", "family.name=bow"], "family: there is no family {'name': 'bow'}; there are bow, "),
        (["--family", "bwo"], "family: there is no family 'bwo'; there are bow, "),
        (["--seed", "-1"], "model x: Expected `int` >= 0 - at `$.training.seed`"),
        (["--test", "/nowhere.tsv"], "/nowhere.tsv: cannot be read: No such file or directory"),
        (["--format", "xlsx"], "'xlsx' is not one of 'auto', 'intents-json', 'rasa-json', 'jsonl', 'csv', 'tsv'"),
    ],
)
def test_flags_that_make_no_sense_are_refused_with_what_is_wrong(train, tmp_path, flags, sentence):
    assert_refused(train(GOOD, *flags), tmp_path, sentence)


@pytest.mark.parametrize("name", ["../evil", "a/b", "", "x" * 65, "x" * 300])
def test_a_name_that_no_model_can_have_is_refused(train, tmp_path, name):
    assert_refused(train(GOOD, model=name), tmp_path, "is not a model name: 1 to 64 letters")


def test_a_bad_name_is_told_as_one_where_no_data_are_given_either(python, tmp_path):
    done = python("train.py", "--model", "../evil", "--models-dir", tmp_path / "models")

    assert_refused(done, tmp_path, "'../evil' is not a model name")


def test_a_data_file_that_is_not_there_is_refused_by_name(python, tmp_path):
    done = python("train.py", "--model", "x", "--data", tmp_path / "nowhere", "--models-dir", tmp_path / "models")

    assert_refused(done, tmp_path, f"{tmp_path}/nowhere: cannot be read: No such file or directory")


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        # a heading that says which column is which; without it the first is the text
        ([], "data:2: the text is empty"),
        (["--header"], "data:2: the text is empty"),
        (["--no-header"], "data:2: the intent is empty"),
    ],
)
def test_whether_the_first_row_is_a_heading_can_be_said(train, tmp_path, flags, sentence):
    assert_refused(train("intent\ttext\nweather\t\n", *flags), tmp_path, sentence)


def test_a_first_row_that_looks_like_an_example_can_be_said_to_be_a_heading(train, tmp_path):
    assert_refused(train("column 1\tcolumn 2\nhello\tgreeting\n", "--header"), tmp_path, "only the intent 'greeting'")


def test_one_broken_configuration_stops_all_models_before_any_is_trained(python, tmp_path):
    (tmp_path / "config" / "models").mkdir(parents=True)
    (tmp_path / "config" / "models" / "good.yaml").write_text("data: good.tsv\n")
    (tmp_path / "config" / "models" / "wrong.yaml").write_text("data: good.tsv\ntraining: {epoch: 3}\n")
    (tmp_path / "good.tsv").write_text(GOOD)

    done = python("-c", IN_ANOTHER_PROJECT, tmp_path)

    sentence = "config/models/wrong.yaml: training: unknown key 'epoch'; did you mean 'epochs'?"
    assert_refused(done, tmp_path, sentence)


def test_data_of_one_model_are_not_taken_for_those_of_two(python, tmp_path):
    done = python("train.py", "a", "b", "--data", "x.tsv", "--models-dir", tmp_path / "models")

    assert_refused(done, tmp_path, "belong to one model: name it with --model")
