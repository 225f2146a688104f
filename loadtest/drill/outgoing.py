"""The queue of messages that a session has to send, with a callback for each message that leaves."""

from collections import deque
from collections.abc import Callable

from protocol.messages.base import Message


class Outgoing(deque[Message]):
    """Takes the place of a link's queue."""

    def __init__(self, leaves: Callable[[Message], None]) -> None:
        super().__init__()
        self._leaves = leaves

    def popleft(self) -> Message:
        message = super().popleft()
        self._leaves(message)
        return message
