"""A candidate's REST client with its connection: it comes back once, and names the connection in every call."""

from typing import Self

from clients.python.rest import Rest
from protocol.messages.operations import Enter, Flag, Progress
from protocol.rest.attempts import StateReply
from protocol.rest.connection import HeartbeatReply, ResumeReply
from protocol.rest.operations import NumberedAnswer, OperationsReply


class RestSeat:
    """One device of one attempt. `open` is a person's act."""

    def __init__(self, rest: Rest, attempt_id: str, device: str) -> None:
        self._rest = rest
        self._attempt_id = attempt_id
        self._device = device
        self._connects = 0
        self.connection_id: str | None = None

    @classmethod
    async def open(cls, rest: Rest, attempt_id: str, device: str = "phone") -> Self:
        seat = cls(rest, attempt_id, device)
        await seat.come_back(takeover=True)
        return seat

    async def come_back(self, *, takeover: bool = False) -> ResumeReply:
        self._connects += 1
        reply = await self._rest.come_back(
            self._attempt_id, device=self._device, connect_n=self._connects, takeover=takeover
        )
        self.connection_id = reply.connection_id
        return reply

    async def start(self) -> StateReply:
        return await self._rest.start(self._attempt_id, connection_id=self.connection_id)

    async def heartbeat(self, t0_ms: int = 1) -> HeartbeatReply:
        return await self._rest.heartbeat(self._attempt_id, connection_id=self.connection_id, t0_ms=t0_ms)

    async def answer(self, answers: list[NumberedAnswer]) -> OperationsReply:
        return await self._rest.answer(self._attempt_id, answers, connection_id=self.connection_id)

    async def progress(self, n: int, question_index: int) -> OperationsReply:
        operation = Progress(n, question_index, 0)
        return await self._rest.operate(self._attempt_id, operation, connection_id=self.connection_id)

    async def flag(self, n: int, question_id: str) -> OperationsReply:
        operation = Flag(n, question_id, True, 0)
        return await self._rest.operate(self._attempt_id, operation, connection_id=self.connection_id)

    async def enter(self, n: int, section_id: str) -> OperationsReply:
        operation = Enter(n, section_id, 0)
        return await self._rest.operate(self._attempt_id, operation, connection_id=self.connection_id)

    async def complete(self, n: int | None = None) -> OperationsReply:
        return await self._rest.complete(self._attempt_id, connection_id=self.connection_id, n=n)
