"""Carries a session without a task of its own: the protocol feeds it, and writes what it sends.

The reader and the writer of `shell.py` wait in a dozen coroutines, tasks and futures: 5 KB of each connection, and two
turns of the event loop for each message.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Any, Final, Protocol

from protocol.codes import CLOSES, Close
from server.pacing.soon import soon
from server.pacing.turns import Step, turns
from server.sockets.outbound import Outbound

log = logging.getLogger(__name__)

NO_TEXT: Final = b"\xc1"
"""What a text message is taken for: the protocol has none, so that it is refused as unreadable."""


class Fed(Protocol):
    """A session, or what stands for it until its hello is answered."""

    @property
    def out(self) -> Outbound:
        """What it sends."""
        ...

    @property
    def hasty(self) -> bool:
        """Whether the next one waits for a turn."""
        ...

    def feed(self, data: bytes) -> None:
        """Takes a message."""
        ...

    def charge(self, size: int) -> int:
        """In how many milliseconds the next one may be read."""
        ...

    def heard(self) -> None:
        """She was not read for a while, and is not lost."""
        ...


class Line(Protocol):
    """The connection, as a carrier needs it."""

    @property
    def can_write(self) -> bool:
        """Whether the peer takes what is written."""
        ...

    def write(self, data: bytes) -> None:
        """One message to the peer."""
        ...

    def close(self, code: int, reason: str) -> None:
        """Says that the connection is to end."""
        ...

    def hang_up(self) -> None:
        """Nothing follows: the connection ends, whatever the peer does."""
        ...

    def pause(self) -> None:
        """Reads nothing more for now."""
        ...

    def read_on(self) -> None:
        """Reads what has come, as long as the carrier is `hungry`, and then says so (`rest`)."""
        ...

    def resume(self) -> None:
        """Takes more from the network."""
        ...


class Carrier:
    """Between a line and a session. One message is fed in each turn of the loop."""

    __slots__ = (
        "_backlog",
        "_fed",
        "_last_words",
        "_last_words_s",
        "_line",
        "_on_end",
        "_over",
        "_session",
        "_soon",
        "_timer",
        "_writes",
    )

    def __init__(self, line: Line, session: Fed, on_end: Callable[[], None], last_words_s: float) -> None:
        """`on_end` is called once, when the session has no connection any more. `last_words_s`: how long closing may
        take."""
        self._line = line
        self._session = session
        self._on_end = on_end
        self._last_words_s = last_words_s
        self._soon = soon()
        self._last_words: asyncio.TimerHandle | None = None
        self._backlog: list[bytes] = []
        self._fed = False
        """Whether a message was fed in this turn, or the next one has to wait."""
        self._timer: asyncio.Handle | Step | None = None
        """Set while it goes on by itself."""
        self._writes = False
        """Whether a flush is under way."""
        self._over = False

    # In

    @property
    def hungry(self) -> bool:
        """Whether a message would be fed at once."""
        return not self._fed and not self._backlog and self._timer is None

    def take(self, data: bytes) -> None:
        """A message has come."""
        if self.hungry:
            self._feed(data)
        else:
            self._backlog.append(data)

    def rest(self, unread: bool) -> None:
        """Nothing more is read for now. `unread`: although there is more."""
        if self._over:
            return
        if self._timer is not None:
            if unread:
                self._line.pause()
            return
        if self._backlog or unread:
            self._line.pause()
            self._timer = asyncio.get_running_loop().call_soon(self._go_on)
        else:
            self._fed = False
            self._line.resume()

    def _go_on(self) -> None:
        self._timer = None
        self._fed = False
        if self._backlog:
            self._feed(self._backlog.pop(0))
        self._line.read_on()

    def _feed(self, data: bytes) -> None:
        session = self._session
        if session.out.closing is not None:
            return
        self._fed = True
        try:
            session.feed(data)
            wait_ms = session.charge(len(data))
        except Exception:
            log.exception("A session failed")
            session.out.close(Close.INTERNAL)
            return
        if wait_ms:
            self._line.pause()
            self._timer = asyncio.get_running_loop().call_later(wait_ms / 1000, self._release)
        elif session.hasty:
            self._line.pause()
            self._timer = turns().next(self._go_on)

    def _release(self) -> None:
        self._session.heard()
        self._go_on()

    def hold(self) -> None:
        """Nothing more is fed until `go_on_with`. That the peer leaves is still heard of, unless more has come."""
        self._timer = Step(_nothing)

    def go_on_with(self, session: Fed, on_end: Callable[[], None]) -> None:
        """What has come, and comes, goes to this session from now on; `on_end` takes the other one's place."""
        if not self._over:
            self._session = session
            self._on_end = on_end
            self._go_on()

    # Out

    def ready(self, at_once: bool = False) -> None:
        """Something is to be written: it is in the next turn, with what else is said until then, or `at_once`."""
        if self._writes:
            return
        if at_once:
            self.flush()
        else:
            self._writes = True
            self._soon.call(self.flush)

    def flush(self) -> None:
        """Writes as much as the peer takes."""
        self._writes = False
        out = self._session.out
        while not self._over and self._line.can_write:
            item = out.take()
            if item is None:
                return
            if isinstance(item, Close):
                self._line.close(int(item), CLOSES[item][:120])
                self.end()
            else:
                self._line.write(item)

    # The end

    def closing(self) -> None:
        """It is decided that the connection is to end."""
        if not self._over:
            self._last_words = asyncio.get_running_loop().call_later(self._last_words_s, self.end)

    def put_nowait(self, event: Any) -> None:
        """Stands for uvicorn's queue, into which only the end of the connection goes now."""
        asyncio.get_running_loop().call_soon(self.end)

    def end(self) -> None:
        """The connection is gone, or given up."""
        if self._over:
            return
        self._over = True
        for timer in (self._timer, self._last_words):
            if timer is not None:
                timer.cancel()
        self._timer = self._last_words = None
        self._fed = False
        self._backlog.clear()
        self._session.out.abandon()
        self._line.hang_up()
        self._on_end()


def _nothing() -> None:
    """Of whoever holds a carrier, until he lets it go on."""
