"""Moves of aliases end when every worker answers by them, and agree when many happen at once."""

import threading
from typing import Any

import pytest

from app.domain.served import NotServedError, Served
from app.pipeline.artifacts import SERVED_FILES
from app.registry.model_registry import ModelRegistry
from app.service.served_everywhere import ServedEverywhere
from app.service.versions import Versions
from tests.deeds import ListedDeeds
from tests.published_versions import wired


def test_rollbacks_beside_publishes_leave_aliases_that_agree(versions: Versions, store: ModelRegistry) -> None:
    stored = store.load("tiny", 1, SERVED_FILES)
    failed: list[Exception] = []

    def roll_back() -> None:
        try:
            for _ in range(8):
                versions.roll_back("tiny", "ada")
        except Exception as error:  # noqa: BLE001 - told below
            failed.append(error)

    other = threading.Thread(target=roll_back)
    other.start()
    for _ in range(8):
        newest = store.publish("tiny", stored.files, stored.manifest.facts).version
        aliases = store.aliases("tiny")
        assert aliases["active"] != aliases["previous"]
    other.join()

    assert failed == []
    assert store.versions("tiny") == list(range(1, newest + 1))
    assert {store.aliases("tiny")[alias] for alias in ("active", "previous")} <= set(store.versions("tiny"))


class _Announced:
    """One worker that answers by a version, having seen aliases of that signature."""

    def __init__(self, store: ModelRegistry, version: int) -> None:
        self._store, self._version = store, version

    def announce(self, served: Any) -> None: ...
    def withdraw(self) -> None: ...
    def of_the_living(self) -> dict[str, dict[str, Served]]:
        return {"worker": {"tiny": Served(self._version, self._store.aliases_signature("tiny"))}}


def test_a_worker_that_answers_by_another_version_is_told_of(store: ModelRegistry, deeds: ListedDeeds) -> None:
    everywhere = ServedEverywhere(_Announced(store, 2), store.aliases_signature)
    versions = wired(store, deeds, everywhere=everywhere)

    with pytest.raises(NotServedError, match="it answers by version 2"):
        versions.activate("tiny", 1, "ada")
    with pytest.raises(NotServedError):
        wired(store, deeds, everywhere=ServedEverywhere(_Announced(store, 9), store.aliases_signature)).roll_back(
            "tiny", "ada"
        )


def test_where_all_answer_by_it_activation_is_told_at_once(store: ModelRegistry, deeds: ListedDeeds) -> None:
    versions = wired(store, deeds, everywhere=ServedEverywhere(_Announced(store, 1), store.aliases_signature))

    assert versions.activate("tiny", 1, "ada")["active"] == 1
