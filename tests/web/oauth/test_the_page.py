"""Every command of docs/oauth.md works, in the order of the page."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.person import Person
from tests.readme.test_readme_commands import blocks
from tests.web.oauth.conftest import BACK, PASSWORD, Office, Registered, told_at


def _typing(office: Office, client: Registered) -> Callable[..., str]:
    """Give what types a command of the page into a terminal."""

    def typed(command: str, **known: str) -> str:
        done = subprocess.run(
            ["bash", "-ec", command.replace("127.0.0.1:8080", f"127.0.0.1:{office.server.port}")],
            env={"PATH": "/usr/bin:/bin:/usr/local/bin", "CLIENT": client.id, "SECRET": client.secret, **known},
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    return typed


def test_every_command_of_the_page_works(office: Office, ada: Person, bot: Registered, root: Path) -> None:
    describe, for_itself, use, question, exchange, refresh, end, old = blocks(root, "sh", "docs/oauth.md")
    typed = _typing(office, bot)

    def told(command: str, **known: str) -> dict[str, Any]:
        content: dict[str, Any] = json.loads(typed(command, **known))
        return content

    assert told(describe)["issuer"] == office.server.url

    token = told(for_itself)
    [example, refusal] = (json.loads(block) for block in blocks(root, "json", "docs/oauth.md"))
    assert token.keys() == example.keys()
    assert token["scope"] == "predict"
    answer = told(use, TOKEN=token["access_token"])
    assert answer["error"]["code"] == "model_not_found"  # let in: this server has no models

    asked, verifier = typed(question + 'echo "$VERIFIER"\n', REDIRECT=BACK).splitlines()
    page = ada.get(asked.removeprefix(office.server.url))
    hidden = {given["name"]: given["value"] for _, given in page.elements if given.get("type") == "hidden"}
    code = told_at(ada.send("/oauth/authorize", {**hidden, "answer": "yes"}).location or "")["code"]
    tokens = told(exchange, CODE=code, REDIRECT=BACK, VERIFIER=verifier)
    further = told(refresh, REFRESH=tokens["refresh_token"])
    known, ended = end.splitlines()
    assert told(known, TOKEN=further["access_token"])["active"] is True
    assert told(ended, TOKEN=further["access_token"]) == {}
    assert told(known, TOKEN=further["access_token"]) == {"active": False}

    by_password = told(old, OLD_CLIENT=bot.id, OLD_SECRET=bot.secret, PASSWORD=PASSWORD)
    assert by_password["scope"] == "profile"
    assert told(for_itself, SECRET="wrong") == refusal
