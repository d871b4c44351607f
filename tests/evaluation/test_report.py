"""A report keeps what a training came to, and can be read again."""

import msgspec

from app.evaluation.report import EpochFigures, Report


def test_a_report_read_from_its_file_is_the_same_report(reported) -> None:
    report = reported()

    assert msgspec.json.decode(report.to_json(), type=Report) == report


def test_metrics_are_accuracy_and_macro_f1_of_each_set_that_was_measured(reported) -> None:
    report = reported(validation=False)

    test = {"accuracy": report.test.accuracy, "macro_f1": report.test.macro_f1}
    assert report.metrics() == {"validation": None, "test": test}


def test_the_figures_of_an_epoch_are_read_from_what_a_training_tells_of_it() -> None:
    from app.networks.network_plan import Epoch  # noqa: PLC0415 - TensorFlow comes with it

    told = Epoch("finding the best epoch", 3, 10, 0.5, 0.75, None, 0.5, eta_s=2.0)

    assert msgspec.convert(told, EpochFigures, from_attributes=True) == EpochFigures(
        "finding the best epoch", 3, 0.5, 0.75, None, 0.5
    )
