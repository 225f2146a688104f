"""Plots as SVG for documents, drawn as those of the pages are: scales with round ticks, and paths through points. What
the axes are called stands beside the picture, where every script is set as it should be."""

import math
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

_STEPS: Final = (1.0, 2.0, 2.5, 5.0, 10.0)
_WHOLE: Final = (1.0, 2.0, 5.0, 10.0)
_MINUTE_MS: Final = 60_000
_TIMES: Final = (1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1_440)
"""Minutes between the ticks of a scale of instants."""
_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 640.0, 220.0, 52.0, 14.0, 12.0, 26.0
GROUND: Final = _HEIGHT - _BOTTOM
_MOST_NAMES: Final = 12

_STYLE: Final = """
text { font-size: 9px; fill: #555d66 } .end { text-anchor: end } .middle { text-anchor: middle }
.grid { stroke: #e3e7eb; fill: none } .axis { stroke: #7c8691; fill: none } .bar { fill: #1d5fbf }
.dot { fill: #1d5fbf } .dot-bad { fill: #b3261e } .line { stroke: #1d5fbf; stroke-width: 2; fill: none }
.quiet { stroke: #7c8691; stroke-width: 2; fill: none; stroke-dasharray: 5 3 } .pale { fill: #eef1f4 }
.bad { stroke: #b3261e; stroke-width: 2; fill: none } .pale-bad { fill: #f7dedc }
.box { fill: #d6e4f8; stroke: #1d5fbf } .box-bad { fill: #f7dedc; stroke: #b3261e } .bar-pale { fill: #c3cad1 }
.bar-bad { fill: #b3261e }
"""
"""A picture in a document knows nothing of the styles around it."""

Point = tuple[float, float]


class Scale(NamedTuple):
    """From and to which values an axis runs, and where it has ticks."""

    least: float
    most: float
    ticks: tuple[float, ...]


def nice_scale(least: float, most: float) -> Scale:
    """From and to round numbers, in some five steps."""
    most = most if most > least else least + 1
    step = _step((most - least) / 5, _STEPS)
    first, last = math.floor(least / step + 1e-9), math.ceil(most / step - 1e-9)
    return _scale(tuple(round(n * step, 9) for n in range(first, max(first + 1, last) + 1)))


def count_scale(most: int) -> Scale:
    """Of a count from none: nobody is there by half."""
    step = _step(max(1.0, most / 5), _WHOLE)
    return _scale(tuple(n * step for n in range(max(1, math.ceil(most / step - 1e-9)) + 1)))


def row_scale(count: int) -> Scale:
    """Of so many things in a row, each as wide as one, with ticks in the middle of some."""
    step = int(_step(max(1.0, count / _MOST_NAMES), _WHOLE))
    numbers = sorted({1, *range(step, count + 1, step)})
    return Scale(0, max(1, count), tuple(number - 0.5 for number in numbers))


def time_scale(from_ms: int, until_ms: int) -> Scale:
    """Of instants, with ticks at round minutes of UTC."""
    span = max(until_ms - from_ms, _MINUTE_MS)
    days = math.ceil(span / 6 / 86_400_000) * 1_440
    step = next((one for one in _TIMES if one * _MINUTE_MS >= span / 6), days) * _MINUTE_MS
    first = math.ceil(from_ms / step) * step
    return Scale(from_ms, from_ms + span, tuple(float(at) for at in range(first, from_ms + span + 1, step)))


def _step(rough: float, steps: Sequence[float]) -> float:
    unit: float = 10.0 ** math.floor(math.log10(rough))
    return unit * next((one for one in steps if one * unit >= rough * 0.999_999), 10.0)


def _scale(ticks: tuple[float, ...]) -> Scale:
    return Scale(ticks[0], ticks[-1], ticks)


class Axes(NamedTuple):
    """Two scales, and where a value lies in the picture."""

    xs: Scale
    ys: Scale

    def x(self, value: float) -> float:
        return _place(self.xs, value, _LEFT, _WIDTH - _RIGHT)

    def y(self, value: float) -> float:
        return _place(self.ys, value, GROUND, _TOP)

    def points(self, values: Sequence[Point]) -> list[Point]:
        return [(self.x(x), self.y(y)) for x, y in values]


def _place(scale: Scale, value: float, start: float, end: float) -> float:
    return start + (value - scale.least) / (scale.most - scale.least) * (end - start)


def plot(axes: Axes, x_text: Callable[[float], str], y_text: Callable[[float], str], drawn: Sequence[str]) -> str:
    """The picture, with what is drawn between the axes."""
    right = _WIDTH - _RIGHT
    parts = []
    for tick in axes.ys.ticks:
        y = axes.y(tick)
        parts.append(f'<path class="grid" d="M{_LEFT} {y:.1f}H{right}"/>')
        parts.append(f'<text class="end" x="{_LEFT - 6}" y="{y + 3:.1f}">{y_text(tick)}</text>')
    every = max(1, math.ceil(len(axes.xs.ticks) / _MOST_NAMES))
    for tick in axes.xs.ticks[::every]:
        x = axes.x(tick)
        parts.append(f'<path class="axis" d="M{x:.1f} {GROUND}v4"/>')
        parts.append(f'<text class="middle" x="{x:.1f}" y="{GROUND + 16}">{x_text(tick)}</text>')
    parts += drawn
    parts.append(f'<path class="axis" d="M{_LEFT} {GROUND}H{right}"/>')
    return f'<svg viewBox="0 0 {_WIDTH:.0f} {_HEIGHT:.0f}"><style>{_STYLE}</style>{"".join(parts)}</svg>'


def bar(left: float, right: float, top: float, bottom: float = GROUND, kind: str = "bar") -> str:
    """A bar from `top` down."""
    return (
        f'<rect class="{kind}" x="{left:.1f}" y="{top:.1f}" width="{max(0.5, right - left):.1f}"'
        f' height="{max(0.0, bottom - top):.1f}"/>'
    )


def dots(points: Sequence[Point], kind: str = "dot") -> str:
    """A dot at each point."""
    return "".join(f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="2.5"/>' for x, y in points)


def line(points: Sequence[Point], kind: str = "line") -> str:
    """A line from point to point."""
    return f'<path class="{kind}" d="{_path(points)}"/>' if points else ""


def area(points: Sequence[Point], kind: str = "pale") -> str:
    """What lies between the line and the ground."""
    if not points:
        return ""
    last, first = points[-1][0], points[0][0]
    return f'<path class="{kind}" d="{_path(points)}L{last:.1f} {GROUND}L{first:.1f} {GROUND}Z"/>'


def _path(points: Sequence[Point]) -> str:
    return "".join(f"{'L' if n else 'M'}{x:.1f} {y:.1f}" for n, (x, y) in enumerate(points))
