"""A training is as long as its examples ask for, and a configuration overrules that."""

import pytest

from app.families.model_config import TrainingConfig
from app.networks.schedule import Schedule


@pytest.mark.parametrize(
    ("n_examples", "batch_size", "n_epochs"),
    [
        (1, 32, 100),
        (100, 32, 40),
        (640, 32, 40),
        (1_600, 32, 20),
        (3_200, 32, 12),
        (6_400, 64, 12),
        (15_000, 128, 12),
        (1_000_000, 128, 12),
    ],
)
def test_batches_and_epochs_go_by_the_number_of_examples(n_examples, batch_size, n_epochs):
    schedule = Schedule.of(TrainingConfig(), n_examples)

    assert (schedule.batch_size, schedule.n_epochs) == (batch_size, n_epochs)


def test_the_defaults_stay_within_their_bounds_whatever_the_number_of_examples():
    found = [Schedule.of(TrainingConfig(), round(1.3**power)) for power in range(60)]

    assert {schedule.batch_size for schedule in found} == {32, 64, 128}
    assert {schedule.n_epochs for schedule in found} <= set(range(12, 101))


def test_more_examples_never_mean_smaller_batches_or_more_epochs_of_the_same_batches():
    found = [Schedule.of(TrainingConfig(), n) for n in range(1, 20_000, 97)]

    assert [schedule.batch_size for schedule in found] == sorted(schedule.batch_size for schedule in found)
    of_smallest = [schedule.n_epochs for schedule in found if schedule.batch_size == 32]
    assert of_smallest == sorted(of_smallest, reverse=True)


@pytest.mark.parametrize(("n_examples", "n_steps"), [(1, 3), (5, 3), (6, 6), (10, 6), (11, 9)])
def test_the_steps_are_those_of_all_epochs_the_last_batch_of_each_included(n_examples, n_steps):
    assert Schedule.of(TrainingConfig(epochs=3, batch_size=5), n_examples).n_steps == n_steps


def test_a_configuration_overrules_the_number_of_examples():
    schedule = Schedule.of(TrainingConfig(epochs=3, batch_size=7, learning_rate=0.02), 10_000)

    assert (schedule.n_epochs, schedule.batch_size, schedule.peak) == (3, 7, 0.02)


def test_a_number_of_epochs_that_is_known_overrules_the_configuration():
    assert Schedule.of(TrainingConfig(epochs=30), 100, n_epochs=4).n_epochs == 4


def test_the_learning_rate_rises_to_its_peak_over_a_twentieth_and_falls_to_nothing():
    schedule = Schedule.of(TrainingConfig(epochs=10, batch_size=1, learning_rate=0.01), 100)
    rate_at = schedule.learning_rate()

    rates = [float(rate_at(step)) for step in range(schedule.n_steps + 1)]

    assert schedule.n_steps == 1_000
    assert rates[0] > 0
    assert rates[:51] == sorted(rates[:51])
    assert rates[50] == pytest.approx(0.01)
    assert rates[50:] == sorted(rates[50:], reverse=True)
    assert rates[-1] == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize("epochs", [1, 2])
def test_a_training_of_a_step_or_two_has_a_learning_rate_at_each(epochs):
    schedule = Schedule.of(TrainingConfig(epochs=epochs), 1)
    rate_at = schedule.learning_rate()

    assert all(float(rate_at(step)) > 0 for step in range(schedule.n_steps))
