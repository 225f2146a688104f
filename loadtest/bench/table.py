"""The figures of a benchmark as a table for the terminal."""

from collections.abc import Sequence

from rich.table import Table

from loadtest.bench.figure import Figure


def table_of(figures: Sequence[Figure]) -> Table:
    table = Table("figure", "value", "ratio", "goal", "met")
    for one in figures:
        ratio = "" if one.ratio is None else f"{one.ratio:,}"
        goal = "" if one.goal is None else f"{one.goal:,}"
        met = {None: "", True: "yes", False: "no"}[one.met]
        table.add_row(one.name, f"{one.value:,} {one.unit}", ratio, goal, met)
    return table
