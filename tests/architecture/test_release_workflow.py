"""A release is checked before anything is built of it, and its workflow may do no more than it must."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml


@pytest.fixture(scope="module")
def text(root: Path) -> str:
    return (root / ".github" / "workflows" / "release.yml").read_text()


@pytest.fixture(scope="module")
def workflow(text: str) -> dict[Any, Any]:
    found: dict[Any, Any] = yaml.safe_load(text)
    return found


def scripts(job: dict[str, Any]) -> list[str]:
    return [step["run"] for step in job["steps"] if "run" in step]


def test_a_tag_of_a_version_begins_it_and_nothing_else(workflow: dict[Any, Any]) -> None:
    assert workflow[True] == {"push": {"tags": ["v[0-9]+.[0-9]+.[0-9]+"]}}  # `on` is true to YAML 1.1


def test_the_checks_of_everybody_come_before_the_image(workflow: dict[Any, Any]) -> None:
    jobs = workflow["jobs"]

    assert "make check" in scripts(jobs["check"])
    assert {name: job.get("needs") for name, job in jobs.items()} == {"check": None, "image": "check"}


def test_it_builds_the_stages_that_there_are(workflow: dict[Any, Any], root: Path) -> None:
    image = workflow["jobs"]["image"]
    stages = re.findall(r"^FROM \S+ AS (\w+)", (root / "Dockerfile").read_text(), re.MULTILINE)

    assert set(image["strategy"]["matrix"]["target"]) == set(stages) - {"base"}
    assert any(script.startswith("docker build ") for script in scripts(image))


def test_it_may_do_what_it_must_and_no_more(workflow: dict[Any, Any]) -> None:
    assert workflow["permissions"] == {}
    assert {name: job["permissions"] for name, job in workflow["jobs"].items()} == {
        "check": {"contents": "read"},
        "image": {"contents": "read", "packages": "write"},
    }


def test_what_it_uses_is_of_one_version(workflow: dict[Any, Any]) -> None:
    used = [step["uses"] for job in workflow["jobs"].values() for step in job["steps"] if "uses" in step]

    assert len(used) == 3
    assert [one for one in used if not re.fullmatch(r"actions/[\w-]+@v\d+\.\d+\.\d+", one)] == []


def test_nothing_that_others_choose_is_put_into_a_script(workflow: dict[Any, Any]) -> None:
    for job in workflow["jobs"].values():
        assert [script for script in scripts(job) if "${{" in script] == []
