"""What a generator makes."""

from typing import NamedTuple


class Output(NamedTuple):
    """One generated file: its path from the root of the project, and all of its text."""

    path: str
    text: str
