"""The instructor's client: a live roster of one test, and commands to its attempts.

async with Monitor("http://127.0.0.1:8000", test_id, token) as monitor:
    rows = await monitor.roster()
    await monitor.extend(attempt_id, add_ms=300_000, reason="fire alarm")
"""

import asyncio
import logging
import random
import uuid
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from clients.python.background import Background
from clients.python.client import CLIENT_NAME
from clients.python.errors import Refused
from clients.python.link import Link
from clients.python.shell import Renew, Shell, socket_url
from clients.python.watch import Changed, Watch
from clients.python.wire import unpack_to_instructor
from protocol.messages.directions import ToInstructor
from protocol.messages.monitor import CommandDone, CommandRefused, Row
from protocol.messages.staff import (
    AcceptAttempt,
    AccommodateAttempt,
    AcknowledgeHand,
    AdmitAttempt,
    AllowDevice,
    ApplyRules,
    CancelAttempt,
    EndAttempt,
    ExtendAttempt,
    MessageAttempt,
    PauseAttempt,
    ReinstateAttempt,
    ReopenAttempt,
    ResumeAttempt,
    StaffCommand,
    WarnAttempt,
)

_log = logging.getLogger(__name__)


class Monitor(Background):
    """See above. `changed` is called with the rows that are news, on the event loop."""

    def __init__(
        self,
        base_url: str,
        test_id: str,
        token: str,
        *,
        changed: Callable[[list[Row]], None] | None = None,
        renew: Renew | None = None,
        name: str = CLIENT_NAME,
        chance: Callable[[], float] = random.random,
    ) -> None:
        """`base_url` is the server's web address. `chance` draws the jitter. Opens nothing yet: see `open`."""
        link = Link(token, name, chance, renewable=renew is not None)
        self._watch = Watch(link)
        url = socket_url(base_url, f"/ws/monitor/{quote(test_id, safe='')}")
        shell: Shell[ToInstructor] = Shell(url, self._watch, unpack_to_instructor, self._dispatch, renew)
        super().__init__(link, shell)
        self._changed = changed
        self._futures: dict[str, asyncio.Future[CommandDone]] = {}
        self._waiting: list[tuple[Callable[[Mapping[str, Row]], bool], asyncio.Future[None]]] = []

    # ── the roster ─────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def rows(self) -> Mapping[str, Row]:
        """The newest row of each attempt, by attempt id."""
        return self._watch.roster.rows

    async def roster(self) -> Mapping[str, Row]:
        """The rows, once a whole roster has come. Raises `ConnectionEnded`."""
        return await self.until(lambda _: True)

    async def until(self, condition: Callable[[Mapping[str, Row]], bool]) -> Mapping[str, Row]:
        """Waits until the rows of a whole roster are so. Raises `ConnectionEnded`."""
        if not (self._watch.roster.complete and condition(self.rows)):
            if self._link.ended is not None:
                raise self._link.ended
            future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.append((condition, future))
            await future
        return self.rows

    # ── commands: each future gives `CommandDone`, or raises `Refused` or `ConnectionEnded` ────────────────────

    def pause(self, attempt_id: str, *, reason: str = "") -> asyncio.Future[CommandDone]:
        """Stop the clock of one attempt."""
        return self.command(PauseAttempt(_new_id(), attempt_id, reason))

    def resume(self, attempt_id: str, *, reason: str = "") -> asyncio.Future[CommandDone]:
        """Let the clock of a paused attempt run again."""
        return self.command(ResumeAttempt(_new_id(), attempt_id, reason))

    def extend(self, attempt_id: str, *, add_ms: int, reason: str = "") -> asyncio.Future[CommandDone]:
        """Move the deadline of one attempt."""
        return self.command(ExtendAttempt(_new_id(), attempt_id, add_ms, reason))

    def message(self, attempt_id: str, text: str) -> asyncio.Future[CommandDone]:
        """Send a message to one test-taker."""
        return self.command(MessageAttempt(_new_id(), attempt_id, text))

    def warn(self, attempt_id: str, *, reason: str) -> asyncio.Future[CommandDone]:
        """Give one test-taker a formal warning, who reads the reason."""
        return self.command(WarnAttempt(_new_id(), attempt_id, reason))

    def end(self, attempt_id: str, *, reason: str, said: str = "") -> asyncio.Future[CommandDone]:
        """Collect the paper now. The test-taker is told what is `said`, and never the reason."""
        return self.command(EndAttempt(_new_id(), attempt_id, reason, said=said))

    def cancel(
        self, attempt_id: str, *, reason: str, counts: bool = False, said: str = ""
    ) -> asyncio.Future[CommandDone]:
        """Make one attempt void. `counts`: it still is one of those that the test-taker may have. She is told what is
        `said`, and never the reason."""
        return self.command(CancelAttempt(_new_id(), attempt_id, counts, reason, said=said))

    def reinstate(self, attempt_id: str, *, reason: str, on_return: bool = False) -> asyncio.Future[CommandDone]:
        """Make a void attempt what it was before; `on_return`: its clocks stand until the test-taker is there."""
        return self.command(ReinstateAttempt(_new_id(), attempt_id, on_return, reason))

    def admit(self, attempt_id: str, *, reason: str = "") -> asyncio.Future[CommandDone]:
        """Let a test-taker in who waits before the start."""
        return self.command(AdmitAttempt(_new_id(), attempt_id, reason))

    def reopen(
        self, attempt_id: str, *, left_ms: int | None, reason: str, on_return: bool = False
    ) -> asyncio.Future[CommandDone]:
        """Let a test-taker go on after the end, with this much time; nil: without a limit, as the attempt had none.
        `on_return`: the clock stands until the test-taker is there."""
        return self.command(ReopenAttempt(_new_id(), attempt_id, left_ms, reason, on_return))

    def accept(self, attempt_id: str, *, reason: str, said: str = "") -> asyncio.Future[CommandDone]:
        """Take what a test-taker has abandoned as it stands: it is handed in. She is told what is `said`, and never the
        reason."""
        return self.command(AcceptAttempt(_new_id(), attempt_id, reason, said=said))

    def allow_device(self, attempt_id: str, *, reason: str) -> asyncio.Future[CommandDone]:
        """Let one new device have an attempt whose link another device has bound."""
        return self.command(AllowDevice(_new_id(), attempt_id, reason))

    def acknowledge_hand(self, attempt_id: str, *, reason: str = "") -> asyncio.Future[CommandDone]:
        """Tell a test-taker whose hand is up that she was seen."""
        return self.command(AcknowledgeHand(_new_id(), attempt_id, reason))

    def accommodate(
        self, attempt_id: str, extra_time_ms: int | None, *, reason: str = "", may_shorten: bool = False
    ) -> asyncio.Future[CommandDone]:
        """Grant a test-taker extra time on top of the test's duration, instead of what she had."""
        return self.command(AccommodateAttempt(_new_id(), attempt_id, extra_time_ms, reason, may_shorten))

    def apply_rules(
        self, attempt_id: str, *, reason: str = "", may_shorten: bool = False
    ) -> asyncio.Future[CommandDone]:
        """Put the rules of the test's newest version in force for an attempt that has started."""
        return self.command(ApplyRules(_new_id(), attempt_id, reason, may_shorten))

    def command(self, command: StaffCommand) -> asyncio.Future[CommandDone]:
        """Any command, under an id of the caller's. Raises `QueueFull`, and `ValueError` for an id under way."""
        if self._link.ended is not None:
            raise self._link.ended
        self._watch.ask(command)
        future: asyncio.Future[CommandDone] = asyncio.get_running_loop().create_future()
        self._futures[command.command_id] = future
        self._shell.flush()
        return future

    # ── within ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _dispatch(self) -> None:
        events = self._watch.events
        while events:
            match event := events.popleft():
                case CommandDone():
                    future = self._futures.pop(event.command_id, None)
                    if future is not None and not future.done():
                        future.set_result(event)
                case CommandRefused():
                    future = self._futures.pop(event.command_id, None)
                    if future is not None and not future.done():
                        future.set_exception(Refused(event.code, event.detail, event.retry))
                case Changed():
                    self._tell(event.rows)
                case _:
                    pass

    def _tell(self, rows: list[Row]) -> None:
        if self._changed is not None and rows:
            # The connection must survive whatever its listener does.
            try:
                self._changed(rows)
            except Exception:  # noqa: BLE001
                _log.exception("a callback failed")
        if self._watch.roster.complete:
            for waiting in [pair for pair in self._waiting if pair[0](self.rows)]:
                self._waiting.remove(waiting)
                if not waiting[1].done():
                    waiting[1].set_result(None)

    def _let_go(self) -> Iterator[asyncio.Future[Any]]:
        yield from self._futures.values()
        yield from (future for _, future in self._waiting)
        self._futures.clear()
        self._waiting.clear()


def _new_id() -> str:
    return str(uuid.uuid4())
