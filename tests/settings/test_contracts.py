"""Contracts are switched on by name, each with its model and whether it is open; a slip is an error that says so."""

from pathlib import Path

import pytest

from app.domain.errors import ConfigurationError
from app.settings import Settings, load_settings
from app.settings.contract_terms import CONTRACTS

FILE = "contracts: {chatbot: {model: smalltalk, open: true}, atis: {model: flights@2}}\n"


def read(folder: Path, file: str = "", **environment: str) -> Settings:
    (folder / "config").mkdir(exist_ok=True)
    (folder / "config" / "service.yaml").write_text(file or "{}")
    return load_settings(folder, environment=environment)


def test_none_is_on_unless_named(tmp_path: Path) -> None:
    assert read(tmp_path).contracts == {}
    assert read(tmp_path, FILE, PARLEY_CONTRACTS="").contracts == {}


@pytest.mark.parametrize(
    "value", ["all", " all ", ",".join(CONTRACTS), " ".join(CONTRACTS), f"[{', '.join(CONTRACTS)}]"]
)
def test_all_may_be_named_at_once_and_none_is_open(tmp_path: Path, value: str) -> None:
    contracts = read(tmp_path, PARLEY_CONTRACTS=value).contracts

    assert set(contracts) == set(CONTRACTS)
    assert not any(terms.open for terms in contracts.values())


def test_the_file_has_the_terms_of_those_that_the_environment_names(tmp_path: Path) -> None:
    contracts = read(tmp_path, FILE, PARLEY_CONTRACTS="chatbot, spawn").contracts

    assert set(contracts) == {"chatbot", "spawn"}
    assert (contracts["chatbot"].model, contracts["chatbot"].open) == ("smalltalk", True)
    assert (contracts["spawn"].model, contracts["spawn"].open) == (None, False)


def test_who_names_no_model_has_the_default_one_or_the_bundled_one_of_its_kind(tmp_path: Path) -> None:
    contracts = read(tmp_path, PARLEY_CONTRACTS="all").contracts

    meant = {name: terms.model_for(name, "tiny") for name, terms in contracts.items()}
    assert meant == {
        "spawn": "tiny", "atis": "flights", "chatbot": "tiny", "accounts": "accounts", "pega": "tiny"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("file", "told"),
    [
        ("contracts: [chatbto]", "did you mean 'chatbot'"),
        ("contracts: {nope: {open: true}}", "known are"),
        ("contracts: 5", "expected `all`"),
        ("contracts: {chatbot: {modle: tiny}}", "modle"),
        ("contracts: {chatbot: {open: sometimes}}", "open"),
        ("contracts: {chatbot: {model: ../tiny}}", "chatbot.model"),
        ("contracts: {chatbot: {translate: 'string:capwords'}}", "only `spawn`"),
        ("contracts: {spawn: {translate: 'nowhere:at_all'}}", "spawn.translate"),
        ("contracts: {spawn: {translate: 'string:digits'}}", "no function"),
    ],
)
def test_a_slip_is_refused_with_what_would_be_right(tmp_path: Path, file: str, told: str) -> None:
    with pytest.raises(ConfigurationError, match=told):
        read(tmp_path, file)


def test_a_step_that_translates_is_found(tmp_path: Path) -> None:
    translate = read(tmp_path, "contracts: {spawn: {translate: 'string:capwords'}}").contracts["spawn"].translator()

    assert translate is not None
    assert translate("hello there") == "Hello There"


@pytest.mark.parametrize(
    ("environment", "port"),
    [
        ({}, 8080),
        ({"PORT": "9001"}, 8080),
        ({"PORT": "9001", "PARLEY_CONTRACTS": "spawn"}, 8080),
        ({"PORT": "9001", "PARLEY_CONTRACTS": "atis"}, 9001),
        ({"PORT": "9001", "PARLEY_CONTRACTS": "atis", "PARLEY_PORT": "9002"}, 9002),
    ],
)
def test_the_port_may_be_said_as_atis_was_told_it(tmp_path: Path, environment: dict[str, str], port: int) -> None:
    assert read(tmp_path, **environment).port == port
    assert load_settings(tmp_path, environment=environment, flags={"port": 9003}).port == 9003
