"""Plots are well-formed, and true to their values."""

import re
from xml.etree import ElementTree

import pytest

from loadtest.measured.svg import THEMES, Bar, Line, bars, lines

_NS = "{http://www.w3.org/2000/svg}"


def _parsed(text: str) -> ElementTree.Element:
    return ElementTree.fromstring(text)  # noqa: S314 -- our own


def test_a_bar_is_as_long_as_its_value() -> None:
    rows = [Bar("A & B", 200.0, "ours"), Bar("C", 50.0, "theirs")]
    root = _parsed(bars("Title", "said", rows, THEMES["light"]))
    widths = [float(one.attrib["width"]) for one in root.iter(f"{_NS}rect")]
    assert widths[0] == pytest.approx(4 * widths[1], rel=0.01)
    assert {"A & B", "200", "C", "50"} <= {one.text for one in root.iter(f"{_NS}text")}


def test_lines_begin_at_nought_and_rise_with_their_values() -> None:
    cost = Line("cost", [(100, 50.0), (1_000, 100.0)], "ours")
    root = _parsed(lines("Title", "said", [cost], "µs", THEMES["dark"]))
    low, high = [float(one.attrib["cy"]) for one in root.iter(f"{_NS}circle")]
    bottom = max(float(one.attrib["y1"]) for one in root.iter(f"{_NS}line"))
    assert bottom - high == pytest.approx(2 * (bottom - low), rel=0.01)


def test_colours_are_those_of_the_theme() -> None:
    for theme in THEMES.values():
        used = set(re.findall(r'fill="(#\w+)"', bars("Title", "said", [Bar("A", 1.0, "ours")], theme)))
        assert used == {theme.text, theme.muted, theme.weights["ours"]}
