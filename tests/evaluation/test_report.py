"""A report keeps what a training came to, and can be read again."""

from dataclasses import dataclass

import msgspec

from app.evaluation.report import EpochFigures, Report


def test_a_report_read_from_its_file_is_the_same_report(reported) -> None:
    report = reported()

    assert msgspec.json.decode(report.to_json(), type=Report) == report


def test_a_report_without_learning_curve_or_notes_has_none() -> None:
    report = Report("flights", "bow", None, None, [])

    assert (report.learning_curve, report.notes) == ([], [])
    assert report.metrics() == {"validation": None, "test": None}


def test_metrics_are_the_headlines_of_both_sets(reported) -> None:
    report = reported()

    assert report.metrics() == {"validation": report.validation.headline(), "test": report.test.headline()}


def test_the_figures_of_an_epoch_are_read_from_what_a_training_tells_of_it() -> None:
    @dataclass(frozen=True, slots=True)
    class Told:
        stage: str = "finding the best epoch"
        number: int = 3
        n_epochs: int = 10
        loss: float = 0.5
        accuracy: float = 0.75
        validation_loss: float | None = None
        validation_accuracy: float | None = 0.5
        eta_s: float = 2.0

    assert msgspec.convert(Told(), EpochFigures, from_attributes=True) == EpochFigures(
        "finding the best epoch", 3, 0.5, 0.75, None, 0.5
    )
