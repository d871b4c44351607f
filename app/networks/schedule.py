"""How long to train, in what steps and how fast, by the number of examples; a configuration overrules each."""

import math
from dataclasses import dataclass
from typing import Final

import keras

from ..families.model_config import TrainingConfig

_SMALLEST_BATCH: Final = 32
_LARGEST_BATCH: Final = 128
_STEPS: Final = 1_000
_FEWEST_STEPS: Final = 100
_FEWEST_EPOCHS: Final = 12
_MOST_EPOCHS: Final = 40
_RISING: Final = 20  # one step in so many
_FURTHER_EPOCHS: Final = 6
_FEWEST_FURTHER_STEPS: Final = 200
# Of the rate that begins with nothing. Old scores have to make room for new ones, so their layer moves as it did then.
_FURTHER_RATE: Final = 0.4
_FURTHER_HURRY: Final = 2.5


@dataclass(frozen=True, slots=True)
class Schedule:
    """Epochs and batches of one training."""

    n_epochs: int
    batch_size: int
    n_steps: int
    peak: float
    hurry: float = 1.0
    """How much faster the layer of scores learns than the rest."""

    @classmethod
    def of(cls, settings: TrainingConfig, n_examples: int, n_epochs: int | None = None) -> "Schedule":
        """Plan a training on that many examples, for `n_epochs` where that is already known."""
        batch_size = settings.batch_size or _batch_size(n_examples)
        steps_of_epoch = max(1, -(-n_examples // batch_size))
        n_epochs = n_epochs or settings.epochs or _epochs(steps_of_epoch)
        return cls(n_epochs, batch_size, n_epochs * steps_of_epoch, settings.learning_rate)

    @classmethod
    def further(cls, settings: TrainingConfig, n_examples: int) -> "Schedule":
        """Plan to train on from weights that are good already, on so many examples."""
        batch_size = settings.batch_size or _batch_size(n_examples)
        steps_of_epoch = max(1, -(-n_examples // batch_size))
        n_epochs = max(_FURTHER_EPOCHS, -(-_FEWEST_FURTHER_STEPS // steps_of_epoch))
        peak = settings.learning_rate * _FURTHER_RATE
        return cls(n_epochs, batch_size, n_epochs * steps_of_epoch, peak, _FURTHER_HURRY)

    def learning_rate(self) -> keras.optimizers.schedules.LearningRateSchedule:
        """Rise to the peak, then fall to 0 along a cosine (Loshchilov & Hutter 2017, "SGDR", without restarts)."""
        rising = max(1, self.n_steps // _RISING)
        falling = max(1, self.n_steps - rising)
        return keras.optimizers.schedules.CosineDecay(
            self.peak / rising, falling, warmup_target=self.peak, warmup_steps=rising
        )


def _epochs(steps_of_epoch: int) -> int:
    n_epochs = min(max(_STEPS // steps_of_epoch, _FEWEST_EPOCHS), _MOST_EPOCHS)
    return max(n_epochs, -(-_FEWEST_STEPS // steps_of_epoch))


def _batch_size(n_examples: int) -> int:
    hundredth = 2 ** round(math.log2(max(n_examples, 1) / 100))
    return int(min(max(hundredth, _SMALLEST_BATCH), _LARGEST_BATCH))
