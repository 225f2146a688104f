"""A server that believes the relay: what its tests plant in the nodes of a drill, which are processes of their own."""

from typing import Final

from msgspec.structs import replace

from server.attempts.live import LiveAttempt
from server.monitor.room import Room
from server.relay.seal import Seal

_CODE: Final = 16
_SENDER: Final = 8
_HEAD: Final = _CODE + _SENDER + 8 + 8


def believe() -> None:
    """From now on nobody looks at the code of a message, and nobody reads in the log what it says."""
    Seal.open = _open  # type: ignore[method-assign]
    LiveAttempt.hear = _hear  # type: ignore[method-assign]
    Room.forget_ahead = _keep  # type: ignore[method-assign]


def _open(self: Seal, channel: str, message: bytes) -> tuple[bool, bytes]:
    return message[_CODE : _CODE + _SENDER] == self._own, message[_HEAD:]


def _hear(self: LiveAttempt, seq: int, head: bytes, traceparents: object = ()) -> None:
    if seq > self.committed.seq and not self.busy:
        self.committed = self._head = replace(self.committed, seq=seq, head=head)


def _keep(self: Room, shown: dict[str, int], positions: dict[str, int]) -> None:
    """Rows that are ahead of the log stay."""
