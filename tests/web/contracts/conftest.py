"""One server with all contracts on, and the systems' clients."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from app.domain.example import Reply
from app.entities.declaration import entities_json, settled
from app.pipeline.artifacts import ENTITIES, RESPONSES, SERVED_FILES, replies_json
from app.registry.model_registry import ModelRegistry
from tests.server import Server

REPLIES = {
    "greeting": Reply(("Hello yourself!", "Good day to you.")),
    "booking": Reply(("For how many?",), context_set="at the table"),
    "bill": Reply(("Cash or card?",), context_filter="at the table"),
}
DECLARED = {"place": {"gazetteer": {"berlin": ["BER"]}}, "people": {"number": "en"}, "when": {"date": "en"}}
OPEN = "{spawn: {model: bot}, atis: {model: bot, open: true}, chatbot: {model: bot, open: true}, accounts: {open: true}, pega: {model: bot, open: true}}"  # noqa: E501


@pytest.fixture(scope="session")
def contracts(
    start_server: Callable[..., Server], record_models: Path, tmp_path_factory: pytest.TempPathFactory
) -> Server:
    """A server that answers the clients of all five systems; `spawn` alone wants credentials. `bot` talks and finds."""
    folder = tmp_path_factory.mktemp("contracts") / "models"  # it is trained further
    shutil.copytree(record_models, folder)
    stored = ModelRegistry(folder).load("tiny", 2, SERVED_FILES)
    talk = {RESPONSES: replies_json(REPLIES), ENTITIES: entities_json(settled(DECLARED, "bot"))}
    files = {**stored.files, **talk}
    ModelRegistry(folder).publish("bot", files, stored.manifest.facts)
    settings = {"PARLEY_DEFAULT_MODEL": "tiny", "PARLEY_CONTRACTS": OPEN, "PARLEY_JOB_WORKERS": "1"}
    return start_server(folder, **settings)


@pytest.fixture(scope="session")
def anybody(contracts: Server) -> Server:
    """The same server, asked without credentials."""
    return Server(contracts.process, contracts.port, contracts.log, authorization="")
