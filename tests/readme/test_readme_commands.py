"""The README's commands do what it says, in a fresh clone, in the order of the page."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

# one after the other on one worker: the page is a story
pytestmark = [pytest.mark.xdist_group("readme"), pytest.mark.timeout(900)]


def blocks(root: Path, language: str, page: str = "README.md") -> list[str]:
    """Give the fenced blocks of a language, as they are on the page, without their indentation in lists."""
    text = (root / page).read_text()
    found = re.findall(rf"^( *)```{language}\n(.*?)^ *```", text, re.DOTALL | re.MULTILINE)
    return [re.sub(rf"^{indent}", "", block, flags=re.MULTILINE) for indent, block in found]


class Newcomer:
    """Somebody with a fresh clone and a terminal of their own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("PARLEY_")}  # noqa: TID251
        self.environment |= {"PARLEY_PORT": str(self.port)}
        self.password = ""
        self.serving: subprocess.Popen[bytes] | None = None

    def serve(self, command: str) -> None:
        """Start the server as the page says, where it does not run, and wait until its models are loaded."""
        if self.serving is not None:
            return
        log = self.folder.parent / "serve.log"
        with log.open("wb") as file:
            self.serving = subprocess.Popen(
                ["bash", "-ec", command],
                cwd=self.folder,
                env=self.environment,
                stdout=file,
                stderr=file,
                start_new_session=True,
            )
        while not self._is_ready():
            assert self.serving.poll() is None, log.read_text()
            time.sleep(0.2)
        told = re.search(r"New password of the user admin: (\S+)", log.read_text())
        self.password = told[1] if told else self.password

    def _is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=5) as reply:
                return bool(reply.status == 200)
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False

    def stop(self) -> None:
        """Press Ctrl-C."""
        if self.serving is not None:
            os.killpg(self.serving.pid, signal.SIGINT)
            self.serving.wait(timeout=30)
            self.serving = None

    def run(self, command: str) -> str:
        """Type a command of the page; port and password are this newcomer's."""
        typed = command.replace("8080", str(self.port)).replace("PASSWORD", self.password)
        done = subprocess.run(
            ["bash", "-ec", typed], cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def newcomer(root: Path, bundled_models: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newcomer]:
    """Somebody who waits for the training of one model; the others were trained by the same command before."""
    if not (root / ".git").exists():
        pytest.skip("not a git checkout: there is nothing to clone")
    folder = tmp_path_factory.mktemp("newcomer") / "parley"
    subprocess.run(["git", "clone", "--quiet", root, folder], check=True)
    for model in ("accounts", "flights", "support"):
        shutil.copytree(bundled_models / model, folder / "models" / model)
    somebody = Newcomer(folder)
    yield somebody
    somebody.stop()


def test_every_command_of_the_readme_works_in_a_fresh_clone(newcomer: Newcomer, root: Path) -> None:
    serve, ask, test, write, train, ask_own = blocks(root, "sh")
    [promised] = blocks(root, "json")
    assert (serve, test) == ("make serve\n", "make test\n")  # what runs this is `make test`

    newcomer.serve(serve)
    answer = json.loads(newcomer.run(ask))
    newcomer.run(write)
    newcomer.run(train)
    own: dict[str, Any] = {}
    while "intent" not in own:  # until then there is no such model
        own = json.loads(newcomer.run(ask_own))

    expected = json.loads(promised)
    assert answer.keys() == expected.keys()
    assert (answer["model"], answer["intent"], answer["fallback"]) == ("smalltalk", expected["intent"], None)
    assert answer["confidence"] == pytest.approx(expected["confidence"], abs=0.05)
    assert (own["model"], own["intent"]) == ("coffee", "order")


def test_every_command_of_the_tutorial_about_training_works(newcomer: Newcomer, root: Path) -> None:
    newcomer.serve(blocks(root, "sh")[0])
    train, ask, add, back, terminal = blocks(root, "sh", "docs/train-over-http.md")

    events = newcomer.run(train)
    asked = json.loads(newcomer.run(ask))
    added, knows = map(json.loads, newcomer.run(add).replace("}{", "}\n{").splitlines())
    gone_back, knows_no_more = map(json.loads, newcomer.run(back).replace("}{", "}\n{").splitlines())
    offline = [json.loads(line) for line in newcomer.run(terminal).splitlines() if line.startswith("{")]

    assert "event: progress" in events
    assert '"state":"succeeded"' in events.rpartition("event: end")[2]
    assert (asked["version"], asked["intent"]) == (1, "card_lost_or_stolen")
    assert (added["job"]["state"], added["job"]["version"], added["job"]["active"]) == ("succeeded", 2, True)
    assert (knows["version"], knows["intent"]) == (2, "parking")
    assert gone_back["aliases"] == {"original": 1, "active": 1, "previous": 2}
    assert knows_no_more["version"] == 1
    assert knows_no_more["intent"] != "parking"
    assert [answer["predictions"][0]["intent"] == "parking" for answer in offline] == [False, True, False]


def test_every_file_and_page_that_the_readme_names_is_there(root: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)\)", (root / "README.md").read_text())

    missing = [link for link in links if not link.startswith("http") and not (root / link).exists()]

    assert links
    assert missing == []
