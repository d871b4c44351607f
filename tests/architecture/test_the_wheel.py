"""The built wheel installs the package under the name `parley`, with all that it needs to serve."""

import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def installed(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    # from a copy, since building leaves a folder beside the sources
    copy = folder / "source"
    subprocess.run(["git", "-C", root, "checkout-index", "--all", f"--prefix={copy}/"], check=True)
    build: list[str | Path] = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "-w",
        folder,
        copy,
    ]
    subprocess.run(build, check=True)
    [wheel] = folder.glob("parley-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "installed")
    return folder / "installed"


def test_the_package_list_is_the_folders(root: Path) -> None:
    listed = tomllib.loads((root / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]
    folders = [init.parent.relative_to(root / "app") for init in (root / "app").rglob("__init__.py")]

    assert sorted(listed) == sorted(".".join(("parley", *folder.parts)) for folder in folders)


def test_the_wheel_serves_under_the_name_parley(installed: Path, tiny_models: Path, tmp_path: Path) -> None:
    script = f"""
import os, sys
os.environ.update(PARLEY_MODELS_DIR={str(tiny_models)!r}, PARLEY_DEFAULT_MODEL="tiny")
os.environ["PARLEY_ADMIN_PASSWORD"] = "open, sesame, open"
from parley.web.wsgi import create_application
client = create_application().test_client()
while client.get("/readyz").status_code != 200: pass
reply = client.post("/predict", json={{"text": "hello"}}, auth=("admin", "open, sesame, open"))
pages = [client.get(path).status_code for path in ("/", "/apidocs/", "/static/apidocs.js", "/static/pages.css")]
print(reply.json["intent"], pages, "app" in sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env={"PYTHONPATH": str(installed), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stdout.strip() == "greeting [200, 200, 200, 200] False", done.stderr
