"""
Ask what is known of the packages that are installed: `python -m supply_chain`.

pip-audit asks the service that knows; it ends well where it could look nothing up, so what it says is held against the
requirements here. Exit code 0: nothing is known against any package; 1: there are holes; 2: some packages could not be
looked up; 3: none could be.
"""

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from .findings import Findings, Outcome, findings, read_ignored
from .requirements import read_requirements

_ROOT: Final = Path(__file__).resolve().parents[1]
_IGNORED: Final = Path(__file__).with_name("ignored.toml")
_REQUIREMENTS: Final = "requirements-dev.txt"
"""It holds what the two others hold."""
_TOLD: Final = {
    Outcome.CLEAN: "nothing is known against any package",
    Outcome.HOLES: "there are known holes",
    Outcome.NOT_ALL_AUDITED: "not all packages were audited: those named above could not be looked up",
    Outcome.NOT_AUDITED: "NOTHING WAS AUDITED: no service that knows of holes answered. This says neither good nor bad",
}


def main() -> int:
    """Audit, say what was found, and give the exit code."""
    report, problem = _audit(_ROOT / _REQUIREMENTS)
    today = datetime.now(UTC).date()
    requirements = read_requirements(_ROOT / _REQUIREMENTS)
    here = [one for one in requirements if one.is_of_this_machine]
    found = findings(report, here, read_ignored(_IGNORED), today)
    for one in requirements:
        if one not in here:
            print(f"elsewhere    {one.name} {one.version}: installed only where {one.marker}; audit it there")
    print("\n".join(told(found)))
    if found.outcome is Outcome.NOT_AUDITED and problem:
        print(f"pip-audit said: {problem}")
    return found.outcome


def told(found: Findings) -> list[str]:
    """Say it in lines."""
    lines = [
        f"HOLE         {one.package} {one.version}: {one.id}, fixed in {_list(one.fixed_in)}" for one in found.holes
    ]
    lines += [f"EXPIRED      {one.id} of {one.package} was to be borne until {one.until}" for one in found.expired]
    lines += [f"borne        {hole.id} of {hole.package} until {one.until}: {one.reason}" for hole, one in found.borne]
    lines += [f"needless     {one.id} of {one.package} is on the list and was not found" for one in found.needless]
    lines += [f"not audited  {name}: {reason}" for name, reason in sorted(found.unknown.items())]
    return [*lines, f"{found.n_audited} packages audited, {len(found.unknown)} not: {_TOLD[found.outcome]}"]


def _audit(requirements: Path) -> tuple[dict[str, Any], str]:
    """Run pip-audit; give what it found, nothing where it failed, and the last line of what it complained of."""
    command = [sys.executable, "-m", "pip_audit", "--requirement", str(requirements), "--require-hashes"]
    command += ["--disable-pip", "--format", "json", "--progress-spinner", "off"]
    done = subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, check=False)
    complaints = done.stderr.strip().splitlines()
    try:
        return json.loads(done.stdout), complaints[-1] if complaints else ""
    except ValueError:
        return {}, complaints[-1] if complaints else f"nothing, with exit code {done.returncode}"


def _list(versions: tuple[str, ...]) -> str:
    return ", ".join(versions) or "no version yet"


if __name__ == "__main__":
    sys.exit(main())
