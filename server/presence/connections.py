"""The open connections of this node: finds silent ones, and checks tokens that end."""

import asyncio
import contextlib
from collections.abc import Callable
from random import Random
from typing import Protocol

from protocol import limits
from protocol.codes import Close, Code
from protocol.errors import Refusal, refuse
from protocol.marks import mark
from server.access.principal import Principal
from server.sockets.outbound import Outbound


class AnySession(Protocol):
    """A connection, as the node sees it."""

    kind: str
    last_contact_ms: int
    principal: Principal | None
    token_due_ms: int
    out: Outbound

    def check_token(self, now_ms: int) -> None:
        """Called when the token is about to end, or has ended."""
        ...

    def end(self, refusal: Refusal) -> None:
        """Refuses the connection as a whole."""
        ...


class Connections:
    """Every open connection, in order of arrival, so that a simulated run can be repeated."""

    def __init__(self, heartbeat_ms: int) -> None:
        self._silence_ms = (limits.MISSED_BEATS + 1) * heartbeat_ms
        self._open: dict[AnySession, None] = {}
        self._deserted = asyncio.Event()

    def __len__(self) -> int:
        return len(self._open)

    @property
    def all(self) -> list[AnySession]:
        """Every open connection."""
        return list(self._open)

    def opened(self, session: AnySession) -> None:
        self._open[session] = None

    def closed(self, session: AnySession) -> None:
        self._open.pop(session, None)
        if not self._open:
            self._deserted.set()

    def send_away(self, after_ms: Callable[[], int]) -> None:
        """Tells each peer after how many milliseconds to come back, and closes."""
        for session in self.all:
            session.out.close(Close.TRY_AGAIN, after_ms=after_ms())

    def send_some_away(self, share: float, chance: Random, after_ms: Callable[[], int]) -> int:
        """Does the same for a random share of the connections. Returns how many."""
        chosen = chance.sample(self.all, int(len(self._open) * share))
        for session in chosen:
            session.out.close(Close.TRY_AGAIN, after_ms=after_ms())
        return len(chosen)

    async def until_deserted(self, timeout_s: float) -> None:
        """Returns when no connection is left, or after the given time."""
        if self._open:
            self._deserted.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._deserted.wait(), timeout_s)

    def end_revoked(self, covers: Callable[[Principal], bool]) -> None:
        """Ends those whose token has been withdrawn."""
        for session in self.all:
            if session.principal is not None and covers(session.principal):
                mark("connections: ended by a withdrawal")
                session.end(refuse(Code.TOKEN_REVOKED))

    def silent_since_ms(self, now_ms: int) -> int:
        """A connection last heard before this instant counts as lost."""
        return now_ms - self._silence_ms

    def look(self, now_ms: int) -> None:
        """Closes silent connections, and checks the tokens that are due."""
        silent_ms = self.silent_since_ms(now_ms)
        for session in self.all:
            if session.last_contact_ms < silent_ms:
                session.out.close(Close.HEARTBEAT_LOST)
            elif session.token_due_ms <= now_ms:
                session.check_token(now_ms)
