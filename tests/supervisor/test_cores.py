"""A container that may use two cores of sixty gets two workers."""

import os
from pathlib import Path

import pytest

from app.supervisor.cores import n_usable_cores


@pytest.fixture(autouse=True)
def eight_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the process be allowed to run on eight."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)), raising=False)


def groups(root: Path, own: str, **quotas: str) -> Path:
    """Lay out control groups as the kernel shows them; `_` stands for a slash."""
    (root / "proc/self").mkdir(parents=True)
    (root / "proc/self/cgroup").write_text(f"0::{own}\n")
    for group, quota in quotas.items():
        folder = root / "sys/fs/cgroup" / group.replace("_", "/").strip("/")
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "cpu.max").write_text(quota + "\n")
    return root


def test_without_control_groups_all_cores_that_are_allowed_count(tmp_path: Path) -> None:
    assert n_usable_cores(tmp_path) == 8


@pytest.mark.parametrize(
    ("quota", "expected"),
    [("max 100000", 8), ("200000 100000", 2), ("150000 100000", 2), ("10000 100000", 1), ("6400000 100000", 8)],
)
def test_the_quota_of_a_container_counts(tmp_path: Path, quota: str, expected: int) -> None:
    assert n_usable_cores(groups(tmp_path, "/", _=quota)) == expected


def test_the_quota_of_a_group_further_out_counts_too(tmp_path: Path) -> None:
    root = groups(tmp_path, "/system/parley", system="300000 100000", system_parley="max 100000")

    assert n_usable_cores(root) == 3
