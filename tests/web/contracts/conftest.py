"""One server with all contracts on, and the systems' clients."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.domain.example import Reply
from app.pipeline.artifacts import RESPONSES, SERVED_FILES, replies_json
from app.registry.model_registry import ModelRegistry
from tests.server import Server

REPLIES = {
    "greeting": Reply(("Hello yourself!", "Good day to you.")),
    "booking": Reply(("For how many?",), context_set="at the table"),
    "bill": Reply(("Cash or card?",), context_filter="at the table"),
}
OPEN = "{spawn: {model: bot}, atis: {model: bot, open: true}, chatbot: {model: bot, open: true}, accounts: {open: true}, pega: {model: bot, open: true}}"  # noqa: E501


@pytest.fixture(scope="session")
def contract_models(once: Callable[..., Path], root: Path, tiny_models: Path, python: Callable[..., Any]) -> Path:
    """A registry of `bot`, which is the tiny model with replies and contexts, `tiny`, and `accounts`."""

    def train(folder: Path) -> None:
        shutil.copytree(tiny_models, folder, dirs_exist_ok=True)
        stored = ModelRegistry(folder).load("tiny", 2, SERVED_FILES)
        files = {**stored.files, RESPONSES: replies_json(REPLIES)}
        ModelRegistry(folder).publish("bot", files, stored.manifest.facts)
        lines = (root / "training_data" / "accounts" / "train.jsonl").read_text().splitlines()[:500]
        (folder.parent / "some-accounts.jsonl").write_text("\n".join(lines))
        few_steps = ("--set", "training.epochs=4", "--set", "training.refit=false")
        flags = ("--data", folder.parent / "some-accounts.jsonl", *few_steps, "--models-dir", folder)
        done = python("train.py", "--model", "accounts", *flags)
        assert done.returncode == 0, done.stderr

    return once("contract-models", train)


@pytest.fixture(scope="session")
def contracts(start_server, contract_models: Path, tmp_path_factory: pytest.TempPathFactory) -> Server:
    """A server that answers the clients of all five systems; `spawn` alone wants credentials."""
    folder = tmp_path_factory.mktemp("contracts") / "models"  # it is trained further
    shutil.copytree(contract_models, folder)
    settings = {"PARLEY_DEFAULT_MODEL": "tiny", "PARLEY_CONTRACTS": OPEN, "PARLEY_JOB_WORKERS": "1"}
    return start_server(folder, **settings)


@pytest.fixture(scope="session")
def anybody(contracts: Server) -> Server:
    """The same server, asked without credentials."""
    return Server(contracts.process, contracts.port, contracts.log, authorization="")
