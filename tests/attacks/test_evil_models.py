"""Whoever can write to the registry, digests and all, has nothing run by it and nothing read that is not of a model."""

import secrets
from collections.abc import Callable
from pathlib import Path

import pytest

from app.registry.model_registry import ModelRegistry
from app.registry.signing import SIGNATURE, Signing
from tests.attacks.conftest import Prey
from tests.attacks.markers import evil_pickle, evil_yaml
from tests.registries import move_alias, publish_again
from tests.server import Server
from tests.workers import until

KEY = secrets.token_hex(32)


def name_of(request: pytest.FixtureRequest) -> str:
    """Give a model a name of its own, since all tests share a server."""
    return "".join(character if character.isalnum() else "-" for character in request.node.name.removeprefix("test_"))


@pytest.fixture
def name(request: pytest.FixtureRequest, prey: Prey) -> str:
    """A model that answers, by version 1."""
    name = name_of(request)[-60:].strip("-")
    prey.publish(name)
    prey.settled(name, "ready", "available")
    return name


@pytest.mark.controls("plain-pickles")
@pytest.mark.parametrize("file", ["tokenizer.pkl", "label_encoder.pkl"])
def test_a_pickle_that_would_run_code_is_refused_and_the_version_before_it_answers(
    prey: Prey, name: str, file: str
) -> None:
    """S4, S18, amended: pickles of plain values are the format of the tokenizer; all that name anything are refused."""
    prey.publish(name, **{file: evil_pickle(prey.harm)})
    found = prey.settled(name, "degraded")

    assert not prey.harm.exists()
    assert "only plain values may stand in it" in found["error"]
    assert prey.predict(name).json()["version"] == 1


@pytest.mark.controls("known-files")
def test_a_version_with_a_pickle_of_another_name_is_refused(prey: Prey, name: str) -> None:
    """S4: listed in the manifest with its digest, and no file that a version is made of."""
    prey.publish(name, **{"classes.pkl": evil_pickle(prey.harm)})
    until(lambda: prey.state(name).get("error") or prey.state(name).get("version") == 2)
    found = prey.state(name)

    assert not prey.harm.exists()
    assert found.get("error") == f"{name}/2/classes.pkl is no file that a version is made of"
    assert prey.predict(name).json()["version"] == 1


@pytest.mark.controls("listed-files")
@pytest.mark.parametrize("file", ["classes.pkl", "saved_model.pb", "variables/variables.index"])
def test_what_was_laid_into_the_folder_of_a_version_is_refused(prey: Prey, name: str, file: str) -> None:
    """S4, S17: no SavedModel is ever loaded, and files that no manifest lists are not passed over."""
    version = prey.publish(name)
    staged = prey.models / name / str(version) / file
    staged.parent.mkdir(exist_ok=True)
    staged.write_bytes(evil_pickle(prey.harm))
    move_alias(prey.models, name, {"active": version, "previous": 1})

    reply = prey.server.post(f"/models/{name}/activate", {"version": version, "force": True})

    assert reply.status == 409
    assert f"{file.partition('/')[0]} is not listed in the manifest" in reply.json()["error"]["message"]
    assert not prey.harm.exists()


@pytest.mark.controls("plain-yaml")
def test_yaml_that_would_run_code_is_refused(prey: Prey, name: str) -> None:
    """S11: in the configuration of a version."""
    prey.publish(name, **{"config.yaml": evil_yaml(prey.harm)})
    found = prey.settled(name, "degraded")

    assert not prey.harm.exists()
    assert f"{name}/2/config.yaml cannot be used: not YAML: line 1" in found["error"]


@pytest.mark.controls("yaml-limits")
def test_yaml_whose_aliases_stand_for_a_million_values_is_refused(prey: Prey, name: str) -> None:
    """S11: the bomb is counted, not made; made, it would be refused all the same, after all that."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 7)]
    prey.publish(name, **{"config.yaml": "\n".join(lines).encode()})
    found = prey.settled(name, "degraded")

    assert "config.yaml cannot be used: not YAML: it h" in found["error"]


@pytest.mark.controls("signatures")
def test_where_signatures_are_required_a_version_of_somebody_without_the_key_is_refused(
    start_server: Callable[..., Server], tiny_models: Path, tmp_path: Path
) -> None:
    """S4, S18: whoever can write to the registry cannot publish; what was signed before goes on answering."""
    publish_signed(tiny_models, tmp_path / "models", KEY)
    server = start_server(
        tmp_path / "models",
        PARLEY_DEFAULT_MODEL="tiny",
        PARLEY_SIGNING_KEY=KEY,
        PARLEY_REQUIRE_SIGNED_MODELS="true",
    )
    prey = Prey(server, tmp_path / "models", tmp_path / "harm")
    assert prey.predict("tiny").json()["version"] == 1

    unsigned = publish_again(prey.models, "tiny")
    until(lambda: prey.state("tiny").get("error") or prey.state("tiny")["version"] == unsigned)
    assert "is not signed" in (prey.state("tiny").get("error") or "")

    stolen = (prey.models / "tiny/1" / SIGNATURE).read_bytes()
    for forged in (stolen, Signing(b"k" * 32).signature(b"{}") or b"", b"hmac-sha256 \n", b"\xff"):
        (prey.models / "tiny" / str(unsigned) / SIGNATURE).write_bytes(forged)
        reply = server.post("/models/tiny/activate", {"version": unsigned, "force": True})
        assert reply.status == 409
        assert "has a signature that was not made for it" in reply.json()["error"]["message"]
    assert KEY not in server.log.read_text()


def publish_signed(models: Path, into: Path, key: str) -> None:
    stored = ModelRegistry(models).load("tiny", 1, {entry.name for entry in (models / "tiny/1").iterdir()})
    ModelRegistry(into, signing=Signing(key.encode())).publish("tiny", stored.files, stored.manifest.facts)


@pytest.mark.controls("closed-models")
@pytest.mark.parametrize("opened", ["{name}", "{name}/2", "{name}/2/model.onnx", "{name}/2/manifest.json"])
def test_a_version_that_every_user_can_write_to_is_refused(prey: Prey, name: str, opened: str) -> None:
    """S36: whoever can write there can put another file in its place between two looks."""
    prey.publish(name)
    (prey.models / opened.format(name=name)).chmod(0o777)
    try:
        reply = prey.server.post(f"/models/{name}/activate", {"version": 2, "force": True})
        assert reply.status in {409, 503}
        assert "can be written to by every user of this machine (mode 777)" in reply.json()["error"]["message"]
    finally:
        (prey.models / opened.format(name=name)).chmod(0o755)


@pytest.mark.controls("digest-of-what-is-used")
def test_a_file_that_is_exchanged_while_its_digest_is_made_is_not_what_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S36: the bytes that are given back are those the digest was made of, whatever lies there a moment later."""
    from app.registry import verified_files  # noqa: PLC0415

    file = tmp_path / "model.onnx"
    file.write_bytes(b"good")
    good, made = verified_files.sha256(b"good"), verified_files.sha256

    def exchanged_meanwhile(data: bytes) -> str:
        file.write_bytes(b"evil")
        return made(data)

    monkeypatch.setattr(verified_files, "sha256", exchanged_meanwhile)

    assert verified_files.read_verified(tmp_path, "model.onnx", 4, good) == b"good"
