"""A text costs what its length says, and nothing is loaded from elsewhere for it: S30."""

import psutil
import pytest

from tests.attacks.conftest import Prey

TEXTS = ["a." * 4_990, "." * 9_980, "'" * 9_980, "-" * 9_980, "(" * 9_980, "a'" * 4_990, ",:" * 4_990, "can't" * 1_990]


def cpu_of(prey: Prey) -> float:
    """Count the seconds that the workers have computed."""
    return sum(sum(psutil.Process(pid).cpu_times()[:2]) for pid in prey.server.workers())


@pytest.mark.controls("linear-tokens")
def test_texts_of_punctuation_cost_no_more_than_others(prey: Prey) -> None:
    """S30: 80,000 characters, in seconds of computing, for time on a busy machine says nothing."""
    before = cpu_of(prey)
    reply = prey.server.post("/predict", {"texts": TEXTS, "model": "tiny"})

    assert reply.status == 200
    assert cpu_of(prey) - before < 2


def test_a_text_of_a_hundred_thousand_characters_is_refused(prey: Prey) -> None:
    assert prey.server.post("/predict", {"text": "a." * 50_000, "model": "tiny"}).status in {400, 413}
