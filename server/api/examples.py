"""An example of each operation for the OpenAPI document: what a server was asked, and what it answered.

`python -m tests.examples` records them.
"""

from importlib.resources import files
from typing import Any, Final

import msgspec
from msgspec import UNSET, UnsetType

NAME: Final = "examples.json"


class Example(msgspec.Struct, frozen=True, omit_defaults=True):
    """The bodies of one call: JSON, or the text of a file that was sent. Absent: it had none that is text."""

    request: Any | UnsetType = UNSET
    reply: Any | UnsetType = UNSET


def examples() -> dict[str, Example]:
    """Method and path of each operation → its example."""
    return msgspec.json.decode(files(__package__).joinpath(NAME).read_bytes(), type=dict[str, Example])
