"""Curves of shares over shares as SVG, both axes from 0 to 1; colours are left to the stylesheet."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from xml.etree.ElementTree import Element

from .markup import element
from .score_figures import Point

_SIDE: Final = 300
_LEFT, _TOP, _SPAN = 54, 12, 220
_TICKS: Final = (0.0, 0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True, slots=True)
class UnitChart:
    """A curve; `name` is unique in the page, `diagonal` draws what chance would do."""

    name: str
    title: str
    description: str
    across: str
    points: Sequence[Point]
    diagonal: bool = False

    def drawn(self) -> Element:
        """Draw it."""
        places = " ".join(f"{_x(point.x):.1f},{_y(point.y):.1f}" for point in self.points)
        return element(
            "svg",
            element("title", self.title, id=f"{self.name}-title"),
            element("desc", self.description, id=f"{self.name}-desc"),
            *(part for tick in _TICKS for part in _ruler(tick)),
            element("text", self.across, x=f"{_x(0.5):.1f}", y=_TOP + _SPAN + 42, class_="epoch"),
            _line("mark", Point(0, 0), Point(1, 1)) if self.diagonal else None,
            element("polyline", points=places, class_="validation"),
            viewBox=f"0 0 {_SIDE} {_SIDE - 10}",
            class_="chart",
            role="img",
            aria_labelledby=f"{self.name}-title {self.name}-desc",
        )


def _ruler(tick: float) -> list[Element]:
    return [
        _line("ruler" if tick else "axis", Point(0, tick), Point(1, tick)),
        element("text", f"{tick:g}", x=_LEFT - 8, y=f"{_y(tick) + 4:.1f}", class_="value"),
        element("text", f"{tick:g}", x=f"{_x(tick):.1f}", y=_TOP + _SPAN + 20, class_="epoch"),
    ]


def _line(kind: str, begin: Point, end: Point) -> Element:
    ends = {"x1": _x(begin.x), "y1": _y(begin.y), "x2": _x(end.x), "y2": _y(end.y)}
    return element("line", class_=kind, **{key: f"{value:.1f}" for key, value in ends.items()})


def _x(share: float) -> float:
    return _LEFT + share * _SPAN


def _y(share: float) -> float:
    return _TOP + (1 - share) * _SPAN
