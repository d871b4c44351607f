"""Line charts as SVG: figures by epoch, colours left to the stylesheet."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from .markup import element

_WIDTH, _HEIGHT = 440, 264
_LEFT, _RIGHT, _TOP, _BOTTOM = 54, 430, 12, 216
_MOST_TICKS = 6
_MOST_DOTS = 60

written = "{:.4g}".format
"""Writes a figure of an epoch."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line through (epoch, value) points; its kind is its class in the stylesheet."""

    kind: str
    points: Sequence[tuple[int, float]]


@dataclass(frozen=True, slots=True)
class LineChart:
    """Lines over the same epochs; `name` is unique in the page, `marked` an epoch worth a line of its own."""

    name: str
    title: str
    description: str
    lines: Sequence[Line]
    top: float | None = None
    """The highest value of the axis, which starts at 0; None: what the lines need."""
    marked: int | None = None

    def drawn(self) -> Element:
        """Draw it."""
        epochs = [epoch for line in self.lines for epoch, _ in line.points]
        highest = self.top or max(value for line in self.lines for _, value in line.points)
        step = _step(highest or 1.0)
        scale = _Scale(min(epochs), max(epochs), step * max(1, math.ceil(highest / step - 1e-9)))
        return element(
            "svg",
            element("title", self.title, id=f"{self.name}-title"),
            element("desc", self.description, id=f"{self.name}-desc"),
            *self._rulers(scale, step),
            *self._epochs(scale),
            *(part for line in self.lines for part in self._line(scale, line)),
            viewBox=f"0 0 {_WIDTH} {_HEIGHT}",
            class_="chart",
            role="img",
            aria_labelledby=f"{self.name}-title {self.name}-desc",
        )

    def _rulers(self, scale: "_Scale", step: float) -> list[Element]:
        values = [step * n for n in range(round(scale.highest / step) + 1)]
        return [
            part
            for value, y in ((value, scale.y(value)) for value in values)
            for part in (
                _stroke("ruler" if value else "axis", _LEFT, y, _RIGHT, y),
                element("text", written(value), x=_LEFT - 8, y=f"{y + 4:.1f}", class_="value"),
            )
        ]

    def _epochs(self, scale: "_Scale") -> list[Element]:
        step = max(1, math.ceil(_step(scale.last - scale.first + 1)))
        # both ends, and the round numbers that leave them room
        between = range(math.ceil((scale.first + step / 3) / step) * step, math.floor(scale.last - step / 3) + 1, step)
        ticks = sorted({scale.first, scale.last, *between})
        parts = [element("text", f"{tick}", x=f"{scale.x(tick):.1f}", y=_BOTTOM + 20, class_="epoch") for tick in ticks]
        parts.append(element("text", "epoch", x=(_LEFT + _RIGHT) / 2, y=_BOTTOM + 42, class_="epoch"))
        if self.marked is not None:
            parts.insert(0, _stroke("mark", scale.x(self.marked), _TOP, scale.x(self.marked), _BOTTOM))
        return parts

    def _line(self, scale: "_Scale", line: Line) -> list[Element]:
        places = [(scale.x(epoch), scale.y(value)) for epoch, value in line.points]
        parts = [element("polyline", points=" ".join(f"{x:.1f},{y:.1f}" for x, y in places), class_=line.kind)]
        if len(places) <= _MOST_DOTS:
            parts += [
                element(
                    "circle",
                    element("title", f"{line.kind}, epoch {epoch}: {written(value)}"),
                    cx=f"{x:.1f}",
                    cy=f"{y:.1f}",
                    r=2.5,
                    class_=line.kind,
                )
                for (epoch, value), (x, y) in zip(line.points, places, strict=True)
            ]
        return parts


@dataclass(frozen=True, slots=True)
class _Scale:
    """Where epochs and values lie in the drawing."""

    first: int
    last: int
    highest: float

    def x(self, epoch: int) -> float:
        if self.first == self.last:
            return (_LEFT + _RIGHT) / 2
        return _LEFT + 6 + (epoch - self.first) / (self.last - self.first) * (_RIGHT - _LEFT - 12)

    def y(self, value: float) -> float:
        return _BOTTOM - value / self.highest * (_BOTTOM - _TOP)


def _step(length: float) -> float:
    """Give the least of 1, 2, 5, 10, ... (and their tenths) that divides a length into few enough parts."""
    power = 10.0 ** math.floor(math.log10(length / (_MOST_TICKS - 1)) + 1e-9)
    return next(power * n for n in (1, 2, 5, 10) if length <= power * n * (_MOST_TICKS - 1) * (1 + 1e-9))


def _stroke(kind: str, x1: float, y1: float, x2: float, y2: float) -> Element:
    return element("line", x1=f"{x1:.1f}", y1=f"{y1:.1f}", x2=f"{x2:.1f}", y2=f"{y2:.1f}", class_=kind)
