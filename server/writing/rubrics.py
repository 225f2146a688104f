"""How a rubric is written in an item of QTI, which has no element for it: as a table for whoever marks. Each row is a
criterion, and each cell a level: its points, and in a `span` its words."""

from typing import Final

RUBRIC_CLASS: Final = "rubric"
"""The class of the table."""
LEVEL_POINTS: Final = "data-points"
"""The attribute of a cell with the points of the level."""
