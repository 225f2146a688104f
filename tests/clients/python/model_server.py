"""The server's rules for numbered operations, and nothing else of it: what the client's core is held against."""

from collections import deque

from protocol.codes import REFUSALS, Code
from protocol.messages.candidate import Ack
from protocol.messages.connection import RefusedOp
from protocol.messages.operations import Operation


class ModelServer:
    """Takes one connection's operations in order. What it accepts is pending until `commit`, then logged and acked.

    `refusing` names the code for every new operation; a repeated one is found by its number before anything else.
    """

    def __init__(self) -> None:
        self.log: dict[int, Operation] = {}
        self.refusing: Code | None = None
        self.to_client: deque[Ack | RefusedOp] = deque()
        self._pending: dict[int, Operation] = {}
        self._ack_up_to = 0

    @property
    def last_n(self) -> int:
        return max([*self.log, *self._pending], default=0)

    def receive(self, operation: Operation) -> None:
        code = self._refusal(operation)
        if code is not None:
            rule = REFUSALS[code]
            self.to_client.append(RefusedOp(operation.n, code, rule.sentence, rule.retry))
            return
        self._pending[operation.n] = operation
        self._ack_up_to = max(self._ack_up_to, operation.n)

    def commit(self) -> None:
        self.log |= self._pending
        self._pending.clear()
        if self._ack_up_to:
            self.to_client.append(Ack(self._ack_up_to, len(self.log), 0, ""))
            self._ack_up_to = 0

    def crash(self) -> None:
        """Whatever was not committed is gone, and so is the connection."""
        self._pending.clear()
        self.cut()

    def cut(self) -> None:
        """The connection is gone: nobody hears of what is committed now."""
        self.log |= self._pending
        self._pending.clear()
        self._ack_up_to = 0
        self.to_client.clear()

    def _refusal(self, operation: Operation) -> Code | None:
        known = self.log.get(operation.n, self._pending.get(operation.n))
        if known is not None:
            return None if known == operation else Code.NUMBER_REUSED
        if operation.n <= self.last_n:
            return Code.NUMBER_SKIPPED
        return self.refusing
