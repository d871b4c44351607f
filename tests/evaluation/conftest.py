"""Reports as trainings make them, without a training."""

from collections.abc import Callable, Sequence

import pytest

from app.domain.prediction import FallbackReason, IntentScore, Prediction
from app.evaluation.figures import Figures, measure
from app.evaluation.report import EpochFigures, Report

MARKUP = """</style><script>document.title = "broken"</script><img src=x onerror=alert(1)> "'&"""


def predicted(intents: Sequence[str], place: int) -> Prediction:
    """Answer mostly rightly; now and then with the next intent, without being sure, or with nothing."""
    if place % 29 == 0:
        return Prediction(None, 0.0, FallbackReason.NO_KNOWN_WORDS, ())
    best = intents[(place + (place % 7 == 0)) % len(intents)]
    ranking = (IntentScore(best, 0.7), IntentScore("another", 0.3))
    if place % 11 == 0:
        return Prediction(None, 0.7, FallbackReason.LOW_CONFIDENCE, ranking)
    return Prediction(best, 0.7, None, ranking)


def figures_of(intents: Sequence[str], n_examples: int) -> Figures:
    places = range(1, n_examples + 1)
    return measure([intents[place % len(intents)] for place in places], [predicted(intents, n) for n in places])


def curve(stage: str, n_epochs: int, *, validated: bool) -> list[EpochFigures]:
    return [
        EpochFigures(
            stage=stage,
            number=n,
            loss=3 / n,
            accuracy=1 - 0.8 / n,
            validation_loss=3 / n + n / 20 if validated else None,
            validation_accuracy=0.9 - 0.7 / n if validated else None,
        )
        for n in range(1, n_epochs + 1)
    ]


@pytest.fixture(scope="session")
def reported() -> Callable[..., Report]:
    """Make a report: `reported(intents=30, epochs=20, test=False)`; `named` stands for every name and sentence."""

    def make(
        intents: int = 30, epochs: int = 20, named: str = "", *, validation: bool = True, test: bool = True
    ) -> Report:
        names = [f"{named}book_a_flight_{n:03d}" for n in range(intents)]
        return Report(
            model=named or "flights",
            family=named or "lstm_attention",
            validation=figures_of(names, 3 * intents) if validation else None,
            test=figures_of(names, 5 * intents) if test else None,
            warnings=[f"{named}train.tsv:{n}: the text stands twice" for n in range(14)],
            learning_curve=[
                *curve(named or "finding the best epoch", epochs, validated=True),
                *curve(f"{named}training on all examples", epochs, validated=False),
            ],
            notes=[f"{named}auto took bow: few examples"],
        )

    return make


@pytest.fixture(scope="session")
def markup() -> str:
    """A text that would run a script, were it ever markup."""
    return MARKUP
