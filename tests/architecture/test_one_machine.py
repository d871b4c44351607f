"""docs/one-machine.md and its unit name commands, options and settings that there are."""

import configparser
import re
import shlex
from pathlib import Path

import click
import pytest
import yaml

from app.__main__ import main
from app.settings import Settings, load_settings
from tests.readme.test_readme_commands import blocks

PAGE = "docs/one-machine.md"


@pytest.fixture(scope="module")
def unit(root: Path) -> dict[str, list[str]]:
    """The lines of the service, by key."""
    reader = configparser.RawConfigParser(strict=False, interpolation=None)
    reader.optionxform = str  # type: ignore[assignment,method-assign]  # keys are told apart by capitals
    text = (root / "deploy" / "systemd" / "parley.service").read_text()
    reader.read_string(text)
    assert reader.sections() == ["Unit", "Service", "Install"]
    found: dict[str, list[str]] = {}
    for key, value in re.findall(r"^(\w+)=(.*)$", text, re.MULTILINE):
        found.setdefault(key, []).append(value)
    return found


def settings_named(text: str) -> set[str]:
    return {name.removesuffix("_FILE").lower() for name in re.findall(r"PARLEY_([A-Z_]+)=", text)}


def test_every_setting_is_one(root: Path, unit: dict[str, list[str]]) -> None:
    named = settings_named((root / PAGE).read_text()) | settings_named("\n".join(unit["Environment"]))

    assert named == {"models_dir", "var_dir", "admin_password"}
    assert named <= set(Settings.__struct_fields__)


@pytest.mark.parametrize("number", range(2))
def test_a_file_of_settings_is_taken(root: Path, tmp_path: Path, number: int) -> None:
    block = blocks(root, "yaml", PAGE)[number]
    (tmp_path / "service.yaml").write_text(block)

    settings = load_settings(tmp_path, file=tmp_path / "service.yaml", environment={})

    assert set(yaml.safe_load(block)) <= set(Settings.__struct_fields__)
    assert settings.behind_tls or settings.tls_key


def test_every_command_takes_what_it_is_given(root: Path) -> None:
    text = (root / PAGE).read_text().replace("\\\n", " ")
    typed = re.findall(r"-m app ([\w -]*(?:http\S+)?[\w -]*)", text)
    assert {line.split()[0] for line in typed} == {"models", "loadtest"}
    spoken = [line.split() for line in re.findall(r"`(users \w+|keys \w+|models \w+)`", text)]

    for words in [shlex.split(line) for line in typed] + spoken:
        command: click.Command = main
        while isinstance(command, click.Group) and words:
            command = command.commands[words.pop(0)]
        known = {name for one in command.params for name in one.opts}
        assert {word for word in words if word.startswith("--")} <= known, command.name


def test_the_unit_starts_the_server_and_waits_for_it_to_end(root: Path, unit: dict[str, list[str]], python) -> None:
    script, *options = unit["ExecStart"][0].split()[1:]
    help_of_it = python(root / script, "--help").stdout
    settings = load_settings(root, environment={})

    assert (root / script).exists()
    assert [word for word in options if word.startswith("--") and word not in help_of_it] == []
    assert int(unit["TimeoutStopSec"][0]) > settings.drain_grace_s + settings.drain_s + 5
    assert (unit["KillMode"], unit["ExecReload"]) == (["mixed"], ["/bin/kill -HUP $MAINPID"])


def test_what_the_page_installs_is_there(root: Path) -> None:
    text = (root / PAGE).read_text()

    for name in re.findall(r"(?:-r|install -m \d+) ((?:requirements|config|deploy)\S+)", text):
        assert (root / name).exists(), name
    assert "train.py --model smalltalk" in text
    assert (root / "config" / "models" / "smalltalk.yaml").exists()
