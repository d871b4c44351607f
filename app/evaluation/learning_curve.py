"""The learning curve in the page of a report: loss and accuracy, epoch by epoch, for each run of the training."""

from collections.abc import Callable, Sequence
from typing import NamedTuple
from xml.etree.ElementTree import Element

from .line_chart import Line, LineChart, written
from .markup import element, table
from .report import EpochFigures

_TRAINING, _VALIDATION = "training", "validation"


def learning_curve(epochs: Sequence[EpochFigures]) -> list[Element]:
    """Show every run, in the order in which they ran."""
    return [part for number, run in enumerate(_runs(epochs), 1) for part in _shown(run, f"run-{number}")]


class _Figure(NamedTuple):
    """A figure that each epoch has of the training examples, and may have of the validation examples."""

    title: str
    training: Callable[[EpochFigures], float]
    validation: Callable[[EpochFigures], float | None]
    top: float | None

    def lines(self, run: Sequence[EpochFigures]) -> list[Line]:
        validation = [(epoch.number, value) for epoch in run if (value := self.validation(epoch)) is not None]
        training = Line(_TRAINING, [(epoch.number, self.training(epoch)) for epoch in run])
        return [training, Line(_VALIDATION, validation)] if validation else [training]

    def chart(self, run: Sequence[EpochFigures], name: str, marked: int | None) -> LineChart:
        lines = self.lines(run)
        ends = (f"{line.kind} from {written(line.points[0][1])} to {written(line.points[-1][1])}" for line in lines)
        return LineChart(
            name=f"{name}-{self.title.lower()}",
            title=f"{self.title}, {run[0].stage}",
            description=f"{self.title} by epoch, {run[0].number} to {run[-1].number}: {'; '.join(ends)}.",
            lines=lines,
            top=self.top,
            marked=marked,
        )


_FIGURES = (
    _Figure("Loss", lambda epoch: epoch.loss, lambda epoch: epoch.validation_loss, None),
    _Figure("Accuracy", lambda epoch: epoch.accuracy, lambda epoch: epoch.validation_accuracy, 1.0),
)


def _runs(epochs: Sequence[EpochFigures]) -> list[list[EpochFigures]]:
    """Divide epochs where another stage begins, or the same one anew."""
    runs: list[list[EpochFigures]] = []
    for epoch in epochs:
        if runs and runs[-1][-1].stage == epoch.stage and runs[-1][-1].number < epoch.number:
            runs[-1].append(epoch)
        else:
            runs.append([epoch])
    return runs


def _shown(run: Sequence[EpochFigures], name: str) -> list[Element]:
    stage = run[0].stage
    heading = element("h3", stage[:1].upper() + stage[1:])
    if len(run) == 1:  # one point is no curve
        return [heading, _table(run)]
    losses = [(epoch.validation_loss, epoch.number) for epoch in run if epoch.validation_loss is not None]
    best = min(losses)[1] if losses else None
    legend = [element("span", kind, class_=f"key {kind}") for kind in (_TRAINING, _VALIDATION)[: 2 if losses else 1]]
    if best is not None:
        legend.append(element("span", f"lowest validation loss: epoch {best}", class_="key mark"))
    figures = [
        element("figure", element("figcaption", figure.title), figure.chart(run, name, best).drawn())
        for figure in _FIGURES
    ]
    return [
        heading,
        element("p", *legend, class_="legend"),
        element("div", *figures, class_="charts"),
        element("details", element("summary", "The same as a table"), _table(run)),
    ]


def _table(run: Sequence[EpochFigures]) -> Element:
    columns = [
        (f"{figure.title}, {kind}", read)
        for figure in _FIGURES
        for kind, read in ((_TRAINING, figure.training), (_VALIDATION, figure.validation))
    ]
    rows = [
        [
            element("th", f"{epoch.number}", scope="row"),
            *(element("td", "–" if (value := read(epoch)) is None else written(value)) for _, read in columns),
        ]
        for epoch in run
    ]
    return table(f"Epochs of: {run[0].stage}", ["Epoch", *(head for head, _ in columns)], rows, "numbers")
