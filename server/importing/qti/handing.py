"""Handing in a file: `uploadInteraction`, and Canvas' questions of that kind."""

from collections.abc import Sequence
from typing import ClassVar, Final

from protocol.content import Interaction
from protocol.messages.base import PartValue
from server.importing.handing import upload
from server.importing.qti.asked import Asked, Worth, mpt
from server.importing.qti.declarations import Declaration
from server.importing.qti.values import Value
from server.importing.qti.writing import joined

_A_FILE: Final = "a file"
"""Stands for any: nothing but whether there is one can be judged."""


class AskedFile(Asked):
    """A file of these types is handed in, and a person marks it. `guidance` is what the author says to whoever does; it
    may stand behind it."""

    needs_person: ClassVar[bool] = True

    def __init__(
        self, response_id: str, declared: Declaration, types: Sequence[str], guidance: list[str], losses: list[str]
    ) -> None:
        super().__init__(response_id, declared)
        self._types = types
        self._guidance = guidance
        self._losses = losses

    def tried(self) -> list[PartValue]:
        return [_A_FILE]

    def right(self) -> list[PartValue]:
        return []

    def value(self, part: PartValue) -> Value:
        return str(part)

    def keyed(self, worth: Worth) -> Interaction:
        return upload(self._types, self._losses, mpt(worth(_A_FILE)), self.response_id, joined(self._guidance))
