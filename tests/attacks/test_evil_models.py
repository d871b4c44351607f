"""Whoever can write to the registry, digests and all, cannot have anything run by it: S4, S17, S18."""

import pytest

from tests.attacks.conftest import Prey
from tests.attacks.markers import evil_pickle


@pytest.mark.controls("plain-pickles")
@pytest.mark.parametrize("file", ["tokenizer_pkl", "label_encoder_pkl"])
def test_a_pickle_that_would_run_code_is_refused_and_the_version_before_it_answers(prey: Prey, file: str) -> None:
    """S4, S18, amended: pickles of plain values are the format of the tokenizer; all that name anything are refused."""
    name = "evil-" + file.replace("_", "-")
    prey.publish(name)
    assert prey.settled(name, "ready", "available")["error"] is None

    prey.publish(name, **{file.replace("_pkl", ".pkl"): evil_pickle(prey.harm)})
    found = prey.settled(name, "degraded", "failed")

    assert not prey.harm.exists()
    assert found["state"] == "degraded"
    assert "only plain values may stand in it" in found["error"]
    assert prey.predict(name).json()["version"] == 1
