"""
Versions that say different things of the same texts, published and pointed at in turn.

Two are trained; what the second learned has each intent under another's name. Those published later are copies of one
of the two: the odd ones of the first, the even ones of the second. So a version's number says what it has to answer.
"""

import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from itertools import product
from pathlib import Path
from typing import Final

from filelock import FileLock

from app.domain.model_reference import ACTIVE, PREVIOUS
from app.registry import manifest as manifests
from app.registry.layout import ALIASES, LOCK
from app.registry.manifest import MANIFEST
from app.registry.model_registry import ModelRegistry
from app.registry.verified_files import replace_durably
from app.service.loaded_models import LoadedModels

ROOT: Final = Path(__file__).resolve().parents[2]
MODEL: Final = "soak"
_KEPT: Final = 40
_INTENTS: Final = {
    "greeting": ["hello", "hi there", "good morning", "hey you", "hello again", "good evening", "hi", "greetings"],
    "weather": ["will it rain", "is it sunny", "weather tomorrow", "how cold is it", "will it snow", "rain or sun"],
    "booking": ["book a table", "reserve a table", "i want to book", "table for four", "make a reservation"],
    "bill": ["the bill please", "can i pay", "i would like to pay", "how much is it", "pay by card"],
}
_AROUND: Final = [
    "",
    "please",
    "now",
    "for my friends",
    "tomorrow",
    "or not",
    "today",
    "again",
    "in the garden",
    "soon",
]

Answer = tuple[str | None, float]


def texts() -> list[str]:
    """Give what is asked."""
    known = [text for of_intent in _INTENTS.values() for text in of_intent]
    return [" ".join(filter(None, parts)) for parts in product(known, _AROUND, _AROUND)]


class Versions:
    """The versions of one model, and which of them `active` meant when."""

    def __init__(self, folder: Path) -> None:
        """Train the first two; it takes half a minute."""
        self.registry, self._home = ModelRegistry(folder / "models"), folder / "models" / MODEL
        names = list(_INTENTS)
        for shift in (0, 1):
            rows = [
                f"{text}\t{names[(names.index(intent) + shift) % len(names)]}\n"
                for intent, of_intent in _INTENTS.items()
                for text in of_intent
            ]
            _train(folder, "text\tintent\n" + "".join(rows))
        models = LoadedModels(self.registry, MODEL)
        models.load_all()
        self._said = [self._answers(models, version) for version in (2, 1)]
        wanted = {path.name for path in (self._home / "1").iterdir()} - {MANIFEST}
        self._copies = [self.registry.load(MODEL, version, wanted) for version in (2, 1)]
        self._moved_at: list[tuple[float, float, int]] = [(0.0, 0.0, 2)]
        self._moving = threading.Lock()
        self.n_published = self.n_moved = self.n_rolled_back = 0

    def says(self, version: int, text: str) -> Answer:
        """Give what a version has to answer."""
        return self._said[version % 2][text]

    def exists(self, version: int) -> bool:
        """Whether it was ever published."""
        return 1 <= version <= self.n_published + 2

    @property
    def newest(self) -> int:
        """A version that stays for a while."""
        return self.n_published + 2

    def was_active(self, version: int, since: float, until: float) -> bool:
        """Whether `active` meant it at any time between two, by the monotonic clock."""
        with self._moving:
            moves = self._moved_at[-200:]
        ends = [move[1] for move in moves[1:]] + [until + 1]
        return any(
            moved == version and began <= until and ended >= since
            for (began, _, moved), ended in zip(moves, ends, strict=True)
        )

    def publish(self) -> None:
        """Publish a copy of one of the first two."""
        copy = self._copies[(self.newest + 1) % 2]
        self.n_published += 1
        began = time.monotonic()
        self.registry.publish(MODEL, copy.files, copy.manifest.facts)
        self._note(began, self.newest)
        aliased = set(self.registry.aliases(MODEL).values())
        for old in self.registry.versions(MODEL)[:-_KEPT]:
            if old not in aliased | {1, 2}:
                shutil.rmtree(self._home / str(old))

    def roll_back(self) -> None:
        """Let `active` mean what it meant before."""
        self.n_rolled_back += 1
        self._point_to(self.registry.aliases(MODEL)[PREVIOUS])

    def move(self) -> None:
        """Let `active` mean another of the last few."""
        self.n_moved += 1
        self._point_to(self.registry.versions(MODEL)[-3])

    def _point_to(self, version: int) -> None:
        with FileLock(self._home / LOCK):
            aliases = self.registry.aliases(MODEL)
            moved = {**aliases, ACTIVE: version, PREVIOUS: aliases[ACTIVE]}
            began = time.monotonic()
            replace_durably(self._home / ALIASES, manifests.sealed({"aliases": moved}))
            self._note(began, version)

    def _note(self, began: float, version: int) -> None:
        with self._moving:
            self._moved_at.append((began, time.monotonic(), version))

    def _answers(self, models: LoadedModels, version: int) -> dict[str, Answer]:
        asked = texts()
        pipeline = models.get(f"{MODEL}@{version}").pipeline
        given = [pipeline.predict([text], top_k=1)[0] for text in asked]
        return {text: (one.intent, one.confidence) for text, one in zip(asked, given, strict=True)}

    def prove(self) -> None:
        """
        Make sure that the two can be told from each other.

        Raises:
            ValueError: they answer alike.
        """
        one, other = self._said
        differ = sum(one[text][0] != other[text][0] for text in one)
        if differ < len(one) / 2:
            raise ValueError(f"only {differ} of {len(one)} texts are answered differently by the two versions")


def _train(folder: Path, rows: str) -> None:
    data = folder / "soak.tsv"
    data.write_text(rows)
    command: Sequence[object] = (
        sys.executable, ROOT / "train.py", "--force", "--model", MODEL, "--family", "bow",
        "--set", "training.epochs=12", "--data", data, "--models-dir", folder / "models",
    )  # fmt: skip
    done = subprocess.run(list(map(str, command)), cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    with suppress(FileNotFoundError):
        data.unlink()
