"""A model is talked to and measured in the terminal, without a server."""

import json

import pytest
from click.testing import CliRunner

from app.__main__ import main


@pytest.fixture
def run(tiny_models):
    def invoke(command, *arguments, **options):
        return CliRunner().invoke(
            main, [command, "tiny", *map(str, arguments), "--models-dir", str(tiny_models)], **options
        )

    return invoke


def test_lines_through_a_pipe_are_answered_until_somebody_quits(run):
    done = run("chat", input="good morning\n\nქართული\n/quit\nnever answered\n")

    lines = done.stdout.splitlines()
    assert done.exit_code == 0
    assert lines[0] == "> good morning"
    assert lines[1].split()[0] == "greeting"
    assert [float(line.split()[0]) for line in lines[2:5]] == sorted(
        [float(line.split()[0]) for line in lines[2:5]], reverse=True
    )
    assert lines[5:] == ["> ქართული", "  no intent: no word of it is known (no_known_words, 0.000)"]


def test_nothing_that_a_terminal_would_obey_comes_back(run):
    assert "\x1b" not in run("chat", input="good \x1b[31m morning\n").stdout


def test_a_model_that_is_not_there_is_told_and_ends_with_2(tiny_models):
    done = CliRunner().invoke(main, ["chat", "nobody", "--models-dir", str(tiny_models)])

    assert done.exit_code == 2
    assert "nobody" in done.stderr


def test_an_evaluation_tells_figures_scores_and_what_is_out_of_scope(run, tiny_data, tmp_path):
    (tmp_path / "test.tsv").write_text(tiny_data.read_text() + "ქართული\t<unknown>\n")

    told = json.loads(run("evaluate", "--test", tmp_path / "test.tsv", "--json").stdout)

    assert told["test"]["examples"] == 32
    assert {"accuracy", "weighted_precision", "weighted_recall", "weighted_f1", "confusion", "intents"} <= told[
        "test"
    ].keys()
    assert set(told["scores"]["intents"]) == set(told["test"]["intents"])
    assert {"average", "minimum", "maximum", "standard_deviation"} <= told["scores"]["confidence"].keys()
    assert told["out_of_scope"]["recall"] == 1.0


def test_an_evaluation_writes_a_page_and_tables(run, tiny_data, tmp_path):
    done = run("evaluate", "--test", tiny_data, "--html", tmp_path / "page.html")

    assert done.exit_code == 0
    assert "standard deviation" in done.stdout
    assert "<svg" in (tmp_path / "page.html").read_text()
