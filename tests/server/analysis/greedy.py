"""Prints a report that takes too much of what its title says: python -m tests.server.analysis.greedy"""

from itertools import count

from server.analysis import report_file
from server.analysis.report_file import Order


def page_of(order: Order) -> str:
    if order.title == "memory":
        return str(bytearray(report_file._MOST_BYTES))
    return str(sum(count()))


def main() -> None:
    report_file._MOST_S = 1  # type: ignore[misc]
    report_file.page_of = page_of
    report_file.main()


if __name__ == "__main__":
    main()
