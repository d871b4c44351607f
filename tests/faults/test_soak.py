"""Everything at once, for a minute; `python -m benchmarks.soak` does it for longer."""

import pytest

from tests.conftest import run_python


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize("database", [(), ("--postgresql",)], ids=["SQLite", "PostgreSQL"])
def test_a_server_keeps_its_promises_while_everything_around_it_comes_and_goes(
    request: pytest.FixtureRequest, database: tuple[str, ...]
) -> None:
    if database:
        request.getfixturevalue("postgres_server")  # skips where there is none
    done = run_python(
        "-m", "benchmarks.soak", "--requests", 12_000, "--memory-after", 3_000, "--kill-s", 5, "--outage-s", 6,
        "--away-s", 2, "--growth-mb", 32, *database,  # so soon, what is bounded is not full yet
    )  # fmt: skip

    assert done.returncode == 0, done.stdout + done.stderr
