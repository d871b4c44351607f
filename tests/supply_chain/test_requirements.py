"""What is installed is what was chosen, byte for byte, and is written down."""

import itertools
import json
import subprocess
from pathlib import Path

import pytest

from supply_chain.requirements import read_requirements

FILES = ["requirements-serve.txt", "requirements.txt", "requirements-dev.txt"]


@pytest.mark.parametrize("name", [*FILES, "requirements-sbom.txt"])
def test_each_package_is_pinned_to_one_version_and_to_the_hashes_of_its_files(root: Path, name: str) -> None:
    found = read_requirements(root / name)

    assert len(found) > 20
    assert [one.name for one in found if not one.hashes] == []
    here = [one.name for one in found if one.is_of_this_machine]
    assert len(set(here)) == len(here)


@pytest.mark.parametrize(("smaller", "larger"), [*itertools.pairwise(FILES)])
def test_what_serves_trains_and_tests_is_the_same(root: Path, smaller: str, larger: str) -> None:
    assert set(read_requirements(root / smaller)) <= set(read_requirements(root / larger))


@pytest.mark.parametrize("name", ["Makefile", "Dockerfile"])
def test_nothing_is_installed_whose_hash_was_not_compared(root: Path, name: str) -> None:
    installs = [line for line in (root / name).read_text().splitlines() if "pip install" in line]

    assert installs
    assert [line for line in installs if "--require-hashes" not in line and "--no-deps" not in line] == []


def test_of_a_package_that_differs_by_python_only_one_is_of_this_machine(tmp_path: Path) -> None:
    hashes = f" --hash=sha256:{'0' * 64}"
    lines = [f"numpy==1 ; python_full_version < '3'{hashes}", f"numpy==2 ; python_full_version >= '3'{hashes}"]
    (tmp_path / "requirements.txt").write_text("\n".join(lines))

    found = read_requirements(tmp_path / "requirements.txt")

    assert [(one.version, one.is_of_this_machine) for one in found] == [("1", False), ("2", True)]


def test_a_line_that_is_not_one_version_is_refused(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("flask>=3\n")

    with pytest.raises(ValueError, match="not a package at one version"):
        read_requirements(tmp_path / "requirements.txt")


@pytest.mark.long
def test_the_bill_of_materials_names_every_package_with_its_hashes(root: Path) -> None:
    """`make sbom` looks nothing up but its own tool, and validates what it writes against the schema of CycloneDX."""
    subprocess.run(["make", "sbom"], cwd=root, check=True)

    components = json.loads((root / "build" / "sbom.json").read_text())["components"]
    listed = {(one["name"], one["version"]): len(one["externalReferences"][0]["hashes"]) for one in components}
    assert listed == {(one.name, one.version): len(one.hashes) for one in read_requirements(root / "requirements.txt")}
