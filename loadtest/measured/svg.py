"""Plots as SVG, drawn by hand: text, rectangles and lines on a transparent ground, for light and for dark pages."""

from collections.abc import Iterable, Sequence
from html import escape
from typing import Final, Literal

import msgspec

Weight = Literal["ours", "theirs", "bare"]


class Theme(msgspec.Struct, frozen=True):
    """`weights`: the colour of each kind of bar or line."""

    text: str
    muted: str
    grid: str
    weights: dict[Weight, str]


THEMES: Final = {
    "light": Theme("#1f2328", "#59636e", "#d1d9e0", {"ours": "#0969da", "theirs": "#818b98", "bare": "#c8d1da"}),
    "dark": Theme("#f0f6fc", "#9198a1", "#3d444d", {"ours": "#4493f8", "theirs": "#767e88", "bare": "#474e57"}),
}
_FONT: Final = "-apple-system, 'Segoe UI', 'Noto Sans', Helvetica, Arial, sans-serif"
_WIDTH: Final = 760
_TOP: Final = 58
"""Above the plot: its title, and a line that says what is measured."""
_ROW: Final = 32
_BAR: Final = 20
_NAMES: Final = 230
_VALUES: Final = 80


class Bar(msgspec.Struct, frozen=True):
    name: str
    value: float
    weight: Weight


class Line(msgspec.Struct, frozen=True):
    """`points`: of each the place and the value."""

    name: str
    points: Sequence[tuple[float, float]]
    weight: Weight


def bars(title: str, said: str, rows: Sequence[Bar], theme: Theme) -> str:
    """One bar under the other, with its value beside it."""
    room, most = _WIDTH - _NAMES - _VALUES, max(row.value for row in rows)
    parts = []
    for place, row in enumerate(rows):
        y = _TOP + place * _ROW
        width = max(1.0, row.value / most * room)
        middle = y + _BAR / 2 + 5
        is_ours, colour = row.weight == "ours", theme.weights[row.weight]
        parts += [
            _text(_NAMES - 12, middle, row.name, theme.text, anchor="end", bold=is_ours),
            f'<rect x="{_NAMES}" y="{y}" width="{width:.1f}" height="{_BAR}" rx="3" fill="{colour}"/>',
            _text(_NAMES + width + 8, middle, f"{row.value:,.0f}", theme.text, bold=is_ours),
        ]
    return _svg(title, said, _TOP + len(rows) * _ROW + 4, parts, theme)


def lines(title: str, said: str, rows: Sequence[Line], unit: str, theme: Theme) -> str:
    """Values over places, both from zero, with a mark and its value at each point."""
    height, left, right, bottom = 320, 60, 150, 34
    room_x, room_y = _WIDTH - left - right, height - _TOP - bottom
    last = max(x for row in rows for x, _ in row.points)
    step = _step(max(y for row in rows for _, y in row.points))
    most = step * (int(max(y for row in rows for _, y in row.points) / step) + 1)

    def at(x: float, y: float) -> tuple[float, float]:
        return left + x / last * room_x, _TOP + room_y - y / most * room_y

    parts = []
    for number in range(round(most / step) + 1):
        _, y = at(0, number * step)
        parts += [
            f'<line x1="{left}" x2="{left + room_x}" y1="{y:.1f}" y2="{y:.1f}" stroke="{theme.grid}"/>',
            _text(left - 8, y + 4, f"{number * step:,.0f}", theme.muted, anchor="end"),
        ]
    parts += [
        _text(at(x, 0)[0], height - 12, f"{x:,.0f}", theme.muted, anchor="middle")
        for x in _apart(sorted({x for row in rows for x, _ in row.points}), last / 12)
    ]
    for row in rows:
        points = [at(*point) for point in row.points]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        colour = theme.weights[row.weight]
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2.5"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}"/>' for x, y in points]
        parts.append(_text(points[-1][0] + 10, points[-1][1] + 4, f"{row.name}", theme.text))
    return _svg(title, f"{said} ({unit})", height, parts, theme)


def _apart(places: Iterable[float], least: float) -> Iterable[float]:
    """Those that are not too near to the one before."""
    before = float("-inf")
    for place in places:
        if place - before >= least:
            yield place
            before = place


def _step(most: float) -> float:
    """A round number, of which a few go up to this."""
    step = 1.0
    while most / step > 5:
        step *= 2 if str(step)[0] in "15" else 2.5
    return step


def _text(
    x: float, y: float, text: str, colour: str, *, anchor: str = "start", bold: bool = False, size: int = 13
) -> str:
    weight = ' font-weight="600"' if bold else ""
    look = f'fill="{colour}" font-size="{size}" text-anchor="{anchor}"{weight}'
    return f'<text x="{x:.1f}" y="{y:.1f}" {look}>{escape(text)}</text>'


def _svg(title: str, said: str, height: float, parts: Iterable[str], theme: Theme) -> str:
    size = f'viewBox="0 0 {_WIDTH} {height:.0f}" width="{_WIDTH}" height="{height:.0f}"'
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="{_FONT}" role="img" aria-label="{escape(title)}">'
    )
    titles = [
        _text(0, 18, title, theme.text, bold=True, size=16),
        _text(0, 38, said, theme.muted),
    ]
    return "\n".join((head, *titles, *parts, "</svg>")) + "\n"
