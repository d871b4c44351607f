"""Figures as a person reads them in a terminal."""

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ..evaluation.entity_figures import EntityReport
from ..evaluation.figures import Figures
from ..evaluation.out_of_scope import OutOfScopeFigures
from ..evaluation.score_figures import ScoreFigures


def print_figures(console: Console, title: str, figures: Figures) -> None:
    """Print the headline, a row for each intent, and the pairs most confused."""
    console.print(
        f"\n[bold]{title}[/bold]: accuracy {figures.accuracy:.1%}, macro F1 {figures.macro_f1:.3f} "
        f"on {figures.examples} examples; {figures.abstention.coverage:.1%} answered"
        + (f", {figures.abstention.precision:.1%} of those right" if figures.abstention.precision is not None else "")
    )
    table = Table("intent", box=None, pad_edge=False)
    for heading in ("precision", "recall", "F1", "support"):
        table.add_column(heading, justify="right")
    for intent, of_intent in figures.intents.items():
        table.add_row(
            escape(intent),
            f"{of_intent.precision:.3f}",
            f"{of_intent.recall:.3f}",
            f"{of_intent.f1:.3f}",
            str(of_intent.support),
        )
    console.print(table)
    if figures.two_classes:
        for intent, errors in figures.two_classes.errors.items():
            kinds = {"type-1 error": errors.type_1_error, "type-2 error": errors.type_2_error}
            told = ", ".join(f"{kind} {value:.1%}" for kind, value in kinds.items() if value is not None)
            console.print(f"  {intent}: {told}", markup=False)
        sure = figures.two_classes.confidence
        console.print(
            f"  confidence: average {sure.average:.3f}, minimum {sure.minimum:.3f}, maximum {sure.maximum:.3f}, "
            f"standard deviation {sure.standard_deviation:.3f}",
        )
    for pair in figures.most_confused:
        console.print(f"  {pair.count} x {pair.intent} taken for {pair.taken_for or 'nothing known'}", markup=False)


def print_scores(console: Console, figures: ScoreFigures) -> None:
    """Print how sure the model was, and the areas under the curves of its scores."""
    sure = figures.confidence
    console.print(
        f"\n[bold]confidence[/bold]: {sure.average:.3f} on average, from {sure.minimum:.3f} to {sure.maximum:.3f}, "
        f"standard deviation {sure.standard_deviation:.3f}"
    )
    if figures.all_intents is not None:
        area, precision = figures.all_intents.roc_auc, figures.all_intents.average_precision
        console.print(f"[bold]scores[/bold]: area under ROC {area:.3f}, average precision {precision:.3f}, all intents")


def print_out_of_scope(console: Console, figures: OutOfScopeFigures) -> None:
    """Print how many texts out of scope were left without an intent."""
    console.print(
        f"\n[bold]out of scope[/bold]: {figures.recall:.1%} of {figures.examples} texts left without an intent"
    )


def print_entities(console: Console, report: EntityReport) -> None:
    """Print how well entities were found in marked texts."""
    if not report.texts or report.all is None:
        console.print("\n[bold]entities[/bold]: no example is marked with any, so none were measured")
        return
    console.print(f"\n[bold]entities[/bold], on {report.texts} marked texts")
    table = Table("entity", box=None, pad_edge=False)
    for heading in ("precision", "recall", "F1", "marked", "found", "right"):
        table.add_column(heading, justify="right")
    for name, one in {**report.entities, "all": report.all}.items():
        shares = ["-" if share is None else f"{share:.3f}" for share in (one.precision, one.recall, one.f1)]
        table.add_row(escape(name), *shares, *map(str, (one.marked, one.found, one.right)))
    console.print(table)
