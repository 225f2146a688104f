"""A test-taker's session as one pure object: the connection's life and the queue of operations, driven by messages.

Whoever drives it (the asyncio client, or a simulator in virtual time) calls `link.connecting`, `opened`, `received`,
`closed` and `wake` with the time, sends what `link.outgoing` holds, and takes what has happened from `events`.
`now_ms` never goes back; it is also the client's word for the time of an operation (`client_at_ms`).
"""

from collections import deque
from collections.abc import Callable
from typing import Final, NamedTuple

import msgspec

from clients.python.backoff import Backoff
from clients.python.candidate_link import CandidateLink
from clients.python.errors import QueueFull
from clients.python.link import Phase
from clients.python.pace import Pace
from clients.python.queue import UNNUMBERED, Entry, Queue
from protocol import limits
from protocol.messages.candidate import Ack, Offer, StaffMessage, StatePush, TimeWarning, Welcome
from protocol.messages.connection import Echo, Goodbye, RefusedOp, Renewed, TokenExpiring
from protocol.messages.directions import ToCandidate
from protocol.messages.operations import Answer, Operation, Receipt, Start, Submit
from protocol.messages.state import AttemptState
from protocol.operations import subject

ENDED: Final = frozenset({"submitted", "expired", "cancelled", "completed", "absent", "abandoned"})
"""The statuses of an attempt that has ended: each of them answers a `submit`."""

MAX_WAITING: Final = limits.MAX_OPERATIONS
"""Operations that may wait: more than an attempt accepts in its whole life can't ever be sent."""


class Accepted(NamedTuple):
    """An operation is durable."""

    entry: Entry
    ack: Ack


class Rejected(NamedTuple):
    """An operation was refused for good, and changed nothing."""

    entry: Entry
    refusal: RefusedOp


class HandedIn(NamedTuple):
    """A `submit` has its answer: the attempt has ended."""

    entry: Entry
    state: AttemptState


Event = Accepted | Rejected | HandedIn | Welcome | StatePush | Offer | TimeWarning | StaffMessage | Goodbye | RefusedOp
"""What has happened, for the program. A `RefusedOp` by itself is a message of ours that the server could not read."""


class _Saved(NamedTuple):
    """An acknowledged answer, and when the server said so, by its clock."""

    answer: Answer
    at_ms: int


class Session:
    """See above."""

    def __init__(self, link: CandidateLink, random: Callable[[], float]) -> None:
        self.link = link
        self.queue = Queue()
        self.events: deque[Event] = deque()
        self.state: AttemptState | None = None
        """The attempt as last told, or nil before the first welcome."""
        self._pace = Pace()
        self._pace_at_ms: int | None = None
        self._backoff = Backoff(random)
        self._release_at_ms: int | None = None
        self._aside_backoff = Backoff(random)
        self._aside_at_ms: int | None = None
        self._submits: list[Entry] = []
        self._messages: set[str] = set()
        self._warned: TimeWarning | None = None
        self._saved: dict[str, _Saved] = {}
        """The last acknowledged answer to each question, in case the server forgets it."""
        self._started: Start | None = None

    # ── the program asks ───────────────────────────────────────────────────────────────────────────────────────

    def ask(self, operation: Operation, now_ms: int) -> Entry:
        """Take an operation with the number `UNNUMBERED`. Raises `QueueFull`."""
        if len(self.queue) >= MAX_WAITING:
            raise QueueFull(f"{MAX_WAITING} operations are waiting for an acknowledgement")
        entry = self.queue.add(operation)
        if isinstance(operation, Submit):
            self._submits.append(entry)
            self._finish_submits()
        self._send(now_ms)
        return entry

    # ── the connection happens ─────────────────────────────────────────────────────────────────────────────────

    def opened(self, now_ms: int) -> None:
        """The socket is open."""
        self._pace_at_ms = None
        self.link.opened(now_ms)

    def closed(self, code: int, detail: str, now_ms: int) -> None:
        """The socket is closed, or could not be opened."""
        self.link.closed(code, detail, now_ms)
        self._release_at_ms = self._aside_at_ms = self._pace_at_ms = None

    def received(self, message: ToCandidate, now_ms: int) -> None:
        """The server said something."""
        self.link.heard(now_ms)
        match message:
            case Ack():
                self._acked(message)
            case RefusedOp():
                self._refused(message, now_ms)
            case Echo():
                self.link.echoed(message, now_ms)
            case Welcome():
                self._welcomed(message, now_ms)
            case StatePush():
                # From another node an older one may come later.
                if self.state is None or message.state.seq >= self.state.seq:
                    self.events.append(message)
                    self._state_is(message.state)
            case Offer():
                self.events.append(message)
            case StaffMessage():
                self._told(message, now_ms)
            case TimeWarning():
                self._warn(message)
            case TokenExpiring():
                self.link.expiring()
            case Renewed():
                pass
            case Goodbye():
                self.link.goodbye(message)
                self.events.append(message)
        self._send(now_ms)

    def wake(self, now_ms: int) -> None:
        """Do what is due: heartbeats, operations that were refused for now, or were too many at once."""
        self.link.wake(now_ms)
        if self._release_at_ms is not None and now_ms >= self._release_at_ms:
            self._release()
        if self._aside_at_ms is not None and now_ms >= self._aside_at_ms:
            self._aside_at_ms = None
            self.queue.try_again()
        self._send(now_ms)

    def next_wake_ms(self) -> int | None:
        """When `wake` has something to do."""
        wake_ms = self.link.next_wake_ms()
        for instant in (self._release_at_ms, self._aside_at_ms, self._pace_at_ms):
            if instant is not None and (wake_ms is None or instant < wake_ms):
                wake_ms = instant
        return wake_ms

    # ── within ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _welcomed(self, welcome: Welcome, now_ms: int) -> None:
        restored = self.link.welcomed_candidate(welcome, now_ms)
        for backoff in (self._backoff, self._aside_backoff):
            backoff.base_ms = max(1, welcome.backoff_base_ms)
            backoff.cap_ms = max(1, welcome.backoff_cap_ms)
        self._release()
        self.queue.connected(welcome.last_n)
        if restored:
            self._say_again(welcome)
        self.events.append(welcome)
        self._state_is(welcome.state)
        for message in welcome.unseen:
            self._told(message, now_ms)
        if welcome.warning is not None:
            self._warn(welcome.warning)

    def _warn(self, warning: TimeWarning) -> None:
        """A welcome repeats the newest warning: it is news only to a client that was away when it was given."""
        if warning != self._warned:
            self._warned = warning
            self.events.append(warning)

    def _say_again(self, welcome: Welcome) -> None:
        """The server's log is older than its acknowledgements, because its database was restored from a backup. Asks
        for the forgotten operations again, under new numbers."""
        held = {saved.question_id: saved for saved in welcome.answers}
        waiting = {subject(entry.operation) for entry in self.queue.unsettled()}
        if self._started is not None and welcome.state.status == "initiated" and ("start",) not in waiting:
            self.queue.add(msgspec.structs.replace(self._started, n=UNNUMBERED))
        for question_id, (answer, at_ms) in self._saved.items():
            theirs = held.get(question_id)
            # Another device may have answered since the restoring, under a smaller number.
            is_forgotten = theirs is None or (theirs.n < answer.n and theirs.saved_at_ms <= at_ms)
            is_news = question_id in held or answer.value is not None
            if is_forgotten and is_news and subject(answer) not in waiting:
                self.queue.add(msgspec.structs.replace(answer, n=UNNUMBERED))

    def _state_is(self, state: AttemptState) -> None:
        self.state = state
        self.link.saw(state.seq, state.head)
        self.queue.told(state.status)
        self._finish_submits()

    def _finish_submits(self) -> None:
        if self.state is not None and self.state.status in ENDED:
            for entry in self._submits:
                self.queue.finish(entry)
                self.events.append(HandedIn(entry, self.state))
            self._submits.clear()

    def _told(self, message: StaffMessage, now_ms: int) -> None:
        if message.message_id not in self._messages:
            self._messages.add(message.message_id)
            self.queue.add(Receipt(UNNUMBERED, message.message_id, False, now_ms))
            self.events.append(message)

    def _acked(self, ack: Ack) -> None:
        settled = self.queue.acked(ack.n)
        self.link.saw(ack.seq, ack.head)
        for one in settled:
            if one.refusal is None:
                self._backoff.reset()
                self._saved_now(one.entry, ack)
            else:
                self._reject(one.entry, one.refusal)
        if settled and not self.queue.in_trouble:
            self._aside_backoff.reset()

    def _saved_now(self, entry: Entry, ack: Ack) -> None:
        if isinstance(entry.operation, Answer):
            known = self._saved.get(entry.operation.question_id)
            # What was sent again is acknowledged again, in the order of the numbers.
            if known is None or known.answer.n <= entry.operation.n:
                self._saved[entry.operation.question_id] = _Saved(entry.operation, ack.committed_at_ms)
        elif isinstance(entry.operation, Start):
            self._started = entry.operation
        # An accepted submit settles with the state that follows it, because the program waits for that state.
        if not isinstance(entry.operation, Submit):
            self.events.append(Accepted(entry, ack))

    def _reject(self, entry: Entry, refusal: RefusedOp) -> None:
        if entry in self._submits:
            self._submits.remove(entry)
        self.events.append(Rejected(entry, refusal))

    def _refused(self, refusal: RefusedOp, now_ms: int) -> None:
        if refusal.n is None:
            self.events.append(refusal)
            return
        held_before = self.queue.on_hold
        settled = self.queue.refused(refusal)
        if settled is not None and settled.refusal is not None:
            self._reject(settled.entry, settled.refusal)
        if self.queue.on_hold and not held_before:
            self._release_at_ms = now_ms + self._backoff.next_ms()
        if self.queue.aside and self._aside_at_ms is None:
            self._aside_at_ms = now_ms + self._aside_backoff.next_ms()

    def _release(self) -> None:
        self._release_at_ms = None
        self.queue.release()

    def _send(self, now_ms: int) -> None:
        self._pace_at_ms = None
        if self.link.phase != Phase.ONLINE:
            return
        while self.queue.ready:
            if not self._pace.take(now_ms):
                self._pace_at_ms = now_ms + self._pace.wait_ms()
                return
            self.link.outgoing.append(self.queue.next_operation())
