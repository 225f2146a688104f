"""Writes results of a test as a file in a process of its own: python -m server.analysis.gradebook_file

It reads from its standard input a line of JSON, the order, and then each `Entry` as `cohort.frame` makes of it. At the
end of the input it writes the file.
"""

import os
import sys
from typing import BinaryIO, Final, Literal

import msgspec

from protocol.gradebooks import Entry, Layout, rows_of
from protocol.tables import write_csv
from server.analysis.cohort import frames

_NICE: Final = 10
"""Those who sit go first."""


Form = Literal["csv", "xlsx", "parquet"]


class Order(msgspec.Struct, frozen=True):
    """What is written. `marked`: a CSV with a byte order mark."""

    title: str
    form: Form
    layout: Layout = "plain"
    marked: bool = False


def write(source: BinaryIO) -> bytes:
    """The file of what `source` has."""
    order = msgspec.json.decode(source.readline(), type=Order)
    if order.form == "parquet":
        from server.exporting.parquet import write_parquet

        return write_parquet([Entry(*one) for one in frames(source)])
    rows = rows_of(order.layout, order.title, [Entry(*one) for one in frames(source)])
    if order.form == "csv":
        return write_csv(rows, marked=order.marked).encode()
    from server.exporting.workbook import write_workbook

    return write_workbook(order.title, rows)


def main() -> None:
    os.nice(_NICE)
    sys.stdout.buffer.write(write(sys.stdin.buffer))


if __name__ == "__main__":
    main()
