"""A WebSocket of the `websockets` package that hands over each message while its bytes are being read, and writes at
once: no queue, no task and no switch in between, which would cost more than everything else about a message."""

from collections.abc import Callable
from typing import Any, Final

from websockets.asyncio.client import ClientConnection
from websockets.asyncio.server import broadcast
from websockets.frames import Frame, Opcode
from websockets.protocol import Event

_DATA: Final = frozenset({Opcode.BINARY, Opcode.TEXT, Opcode.CONT})


class Carrier(ClientConnection):
    """Calls `heard` for each message, text ones too. The connection's limit of size holds for fragmented ones."""

    def __init__(self, *arguments: Any, heard: Callable[[bytes], None], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._heard = heard
        self._fragments: list[bytes] = []

    def process_event(self, event: Event) -> None:
        """Called by the base class for each frame that was read."""
        if not isinstance(event, Frame) or event.opcode not in _DATA:
            super().process_event(event)
        elif event.fin and event.opcode is not Opcode.CONT:
            self._heard(bytes(event.data))
        else:
            self._fragments.append(bytes(event.data))
            if event.fin:
                whole = b"".join(self._fragments)
                self._fragments.clear()
                self._heard(whole)

    def say(self, data: bytes) -> None:
        """Writes one message; nothing happens once the connection is closing.

        Whoever says more than the other side reads fills memory here, so the window of operations bounds it.
        """
        broadcast((self,), data)
