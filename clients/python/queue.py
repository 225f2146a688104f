"""The numbered operations of one attempt, from being asked for to being settled: acknowledged or refused for good.

    add ──▶ waiting ──next_operation──▶ flying ──acked──▶ settled
               ▲                          │ │
               │                          │ └─refused (never)──▶ settled
               └──released──── held ◀─────┘ refused (later)

* A number is given when an operation first leaves, above every number seen, and stays with it on every connection. A
  number that was refused for good is not given again.
* At most `SEND_WINDOW` operations fly at once, on a new connection too, however many wait.
* `ack n` settles what flies with a number up to n, and nothing else: the server says it of this connection only.
* An operation that was refused for now is held, and with it everything behind it, so that order is kept. It flies
  again only when nothing else does: no acknowledgement of a later number can then be mistaken for its own. Where a
  greater number was acknowledged since, it gets a new one.
* Where the refusal says that the clock does not run, the hold ends when it does. A start, receipts and raised hands do
  not wait for it.
* After a hold one operation goes first, alone; the window opens again when that one is settled.
* What would get a new number is settled as refused instead where a later operation about the same thing was accepted or
  waits: sent again, it would undo that one.
* `internal` may be the fault of the one operation. From the second such refusal in a row of what has the same target,
  only that target is set aside, with everything behind it about the same; all else goes on. What is set aside loses
  its number, so that an acknowledgement of a later one can't be mistaken for its own. After `INTERNAL_TRIES` it is
  settled as refused: who asked for it still has it, and may ask again.
* `submit` and `enter` leave only when everything before them is settled: no answer may be overtaken by the end of the
  attempt, or of its section. Of what is set aside only answers hold them up.

The same rules as `clients/web/src/core/queue.ts`; `protocol/vectors/traces.json` holds both to them.

Pure: no clock, no socket. Who calls it decides when a hold ends (`release`), when what is set aside is tried again
(`try_again`), and what to do with what is settled.
"""

from collections import deque
from typing import Final, NamedTuple

import msgspec

from protocol import limits
from protocol.codes import Code, Retry
from protocol.marks import mark
from protocol.messages.connection import RefusedOp
from protocol.messages.operations import Answer, Operation, Progress
from protocol.operations import OPERATIONS, subject

UNNUMBERED: Final = 0
"""The number of an operation that has not left yet; the wire's numbers start at 1."""

_ABOUT_THE_CONNECTION: Final = frozenset({Code.SUPERSEDED, Code.CONNECTION_EXISTS})
"""Refusals that say nothing of the operation: it stays, whatever their `retry` says."""


class Entry:
    """One operation on its way. `place` is its place in the order in which operations were asked for."""

    __slots__ = ("operation", "place")

    def __init__(self, place: int, operation: Operation) -> None:
        self.place = place
        self.operation = operation

    @property
    def number(self) -> int:
        """Its number on the wire, or `UNNUMBERED`."""
        return self.operation.n

    def sort_key(self) -> tuple[bool, int, int]:
        return self.operation.n == UNNUMBERED, self.operation.n, self.place


class Settled(NamedTuple):
    """The end of one operation: durable, or refused for good (`refusal` is set). It comes exactly once."""

    entry: Entry
    refusal: RefusedOp | None


class Queue:
    """See above. Numbers are those of the wire."""

    def __init__(self) -> None:
        self._highest = 0
        self._acked = 0
        """The highest number that was acknowledged on this connection."""
        self._places = 0
        self._alone = False
        """Only one may fly: the first after a hold."""
        self._on_hold = False
        self._stands = False
        """Something was refused because the clock does not run."""
        self._status = ""
        self._here: int | None = None
        """Where the test-taker went last."""
        self._waiting: deque[Entry] = deque()
        self._flying: dict[int, Entry] = {}
        self._held: dict[Entry, RefusedOp] = {}
        self._aside: dict[Entry, RefusedOp] = {}
        self._aside_targets: set[tuple[str, ...]] = set()
        self._internal: dict[tuple[str, ...], int] = {}
        """Refusals as `internal` of one target since something about it was acknowledged."""
        self._acked_place: dict[tuple[str, ...], int] = {}

    # ── asking ─────────────────────────────────────────────────────────────────────────────────────────────────

    def add(self, operation: Operation) -> Entry:
        """Take one operation, without a number yet."""
        entry = Entry(self._places, operation)
        self._places += 1
        self._waiting.append(entry)
        position = position_of(operation)
        if position is not None:
            self._here = position
        return entry

    def __len__(self) -> int:
        """Operations that are not settled."""
        return len(self._waiting) + len(self._flying) + len(self._held) + len(self._aside)

    @property
    def flying(self) -> int:
        """Operations that were sent on this connection and not answered yet."""
        return len(self._flying)

    @property
    def on_hold(self) -> bool:
        """The server has refused something for now; nothing leaves until `release`."""
        return self._on_hold

    def unsettled(self) -> list[Entry]:
        """What is neither acknowledged nor refused for good, in the order of asking."""
        every = [*self._held, *self._aside, *self._flying.values(), *self._waiting]
        return sorted(every, key=lambda entry: entry.place)

    # ── sending ────────────────────────────────────────────────────────────────────────────────────────────────

    def connected(self, last_n: int) -> None:
        """A welcome came: whatever is not settled is sent again with its old number, whatever `last_n` says of it.

        A number below `last_n` may still be one that was lost on the way; if it did arrive, it is simply acknowledged.
        """
        self._highest = max(self._highest, last_n)
        self._acked = 0
        if self._flying:
            mark("queue: sent again on a new connection")
        self._return_to_waiting([*self._held, *self._aside, *self._flying.values()])
        self._held.clear()
        self._aside.clear()
        self._aside_targets.clear()
        self._flying.clear()
        self._on_hold = self._alone = False

    def release(self) -> None:
        """What was refused for now may be tried again."""
        self._on_hold = False

    def told(self, status: str) -> None:
        """The attempt's status, as the server last told it."""
        self._status = status
        if status != "paused":
            if self._stands:
                mark("queue: the clock runs again")
            self._stands = False

    @property
    def aside(self) -> bool:
        """Something is set aside until `try_again`."""
        return bool(self._aside_targets)

    @property
    def in_trouble(self) -> bool:
        """Something was refused as `internal`, and nothing about the same was acknowledged since."""
        return bool(self._internal)

    def try_again(self) -> None:
        """What is set aside may be tried again."""
        self._return_to_waiting([*self._aside])
        self._aside.clear()
        self._aside_targets.clear()

    @property
    def ready(self) -> bool:
        """Whether `next_operation` has something to send."""
        return not self._on_hold and len(self._flying) < limits.SEND_WINDOW and self._next() is not None

    def next_operation(self) -> Operation:
        """The next message to send. Call it only while `ready`."""
        assert self.ready
        entry = self._next()
        assert entry is not None
        if not self._stands:
            self._return_to_waiting([*self._held])
            self._held.clear()
        if self._held.pop(entry, None) is None:
            self._waiting.remove(entry)
        if entry.operation.n == UNNUMBERED:
            entry.operation = _numbered(entry.operation, self._new_number())
        self._flying[entry.operation.n] = entry
        return entry.operation

    # ── hearing ────────────────────────────────────────────────────────────────────────────────────────────────

    def acked(self, number: int) -> list[Settled]:
        """The server's cumulative acknowledgement, of this connection: what it settles, and what it has overtaken."""
        settled: list[Settled] = []
        self._acked = max(self._acked, number)
        for flying, entry in self._flying.items():
            if flying > number:
                break
            settled.append(Settled(entry, None))
        for entry, _ in settled:
            operation = entry.operation
            del self._flying[operation.n]
            target = subject(operation)
            self._acked_place[target] = max(entry.place, self._acked_place.get(target, -1))
            self._internal.pop(target, None)
        if settled and not self._held:
            self._alone = False
        return settled + self._outnumbered()

    def refused(self, refusal: RefusedOp) -> Settled | None:
        """The server's refusal of one number: settled, or nil where it is kept (see `on_hold`) or not ours any more."""
        entry = self._flying.pop(refusal.n, None) if refusal.n is not None else None
        if entry is None:
            return None
        if refusal.code == Code.PAUSED and self._status == "paused" and OPERATIONS[type(entry.operation)].waits:
            mark("queue: held until the clock runs")
            self._stands = True
            return self._hold(entry, refusal)
        if refusal.code in _ABOUT_THE_CONNECTION:
            mark("queue: held because of its connection")
            self._on_hold = True
            return self._hold(entry, refusal)
        if refusal.code == Code.INTERNAL:
            return self._failed(entry, refusal)
        if refusal.retry == Retry.LATER:
            self._on_hold = True
            return self._hold(entry, refusal)
        if not self._held:
            self._alone = False
        if refusal.code == Code.NUMBER_SKIPPED and not self._overtaken(entry):
            # Its number is spent, and what it says still stands.
            mark("queue: a skipped number is replaced")
            self._take_number(entry)
            self._return_to_waiting([entry])
            return None
        return Settled(entry, refusal)

    def finish(self, entry: Entry) -> bool:
        """Settle one operation from outside (the attempt has ended, so its `submit` has its answer). False: it was."""
        if entry in self._waiting:
            self._waiting.remove(entry)
            return True
        if self._held.pop(entry, None) or self._aside.pop(entry, None):
            return True
        if self._flying.get(entry.operation.n) is not entry:
            return False
        del self._flying[entry.operation.n]
        return True

    # ── within ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _next(self) -> Entry | None:
        """The waiting operation that may leave first."""
        if (self._held or self._alone) and self._flying:
            # Before what was refused for now, and beside the first after it, nothing flies.
            return None
        # Of what has failed once only one flies at a time: a later one must not be accepted before an earlier one.
        blocked = set(self._aside_targets)
        if self._internal:
            blocked |= self._internal.keys() & {subject(entry.operation) for entry in self._flying.values()}
        waiting = sorted([*self._held, *self._waiting], key=Entry.sort_key) if self._held else self._waiting
        for entry in waiting:
            if self._stands and OPERATIONS[type(entry.operation)].waits:
                continue
            if subject(entry.operation) in blocked:
                continue
            if OPERATIONS[type(entry.operation)].closes and not self._may_close(entry):
                return None
            # An acknowledgement of a later number could be mistaken for its own.
            is_behind = entry.number != UNNUMBERED and any(flying > entry.number for flying in self._flying)
            if self._stands and not is_behind:
                mark("queue: passes a clock that stands")
            return None if is_behind else entry
        return None

    def _may_close(self, closing: Entry) -> bool:
        """Everything before it is settled, but for what is set aside and is no answer."""
        others = [*self._flying.values(), *self._held, *self._waiting, *self._aside]
        before = [entry for entry in others if entry is not closing and entry.place < closing.place]
        return not any(
            type(entry.operation) is Answer or subject(entry.operation) not in self._aside_targets for entry in before
        )

    def _hold(self, entry: Entry, refusal: RefusedOp) -> Settled | None:
        """It goes again later; with an old number only where no greater one was acknowledged."""
        self._alone = True
        self._held[entry] = refusal
        return next(iter(self._outnumbered()), None)

    def _outnumbered(self) -> list[Settled]:
        """Held operations whose number is below an acknowledged one need another, or are settled as overtaken."""
        settled = []
        for entry, refusal in [*self._held.items()]:
            target = subject(entry.operation)
            if self._acked_place.get(target, -1) > entry.place:
                mark("queue: held, and overtaken by what was acknowledged")
            elif entry.number == UNNUMBERED or entry.number > self._acked:
                continue
            elif not self._overtaken(entry):
                mark("queue: held, and given a new number")
                self._take_number(entry)
                continue
            else:
                mark("queue: held, and overtaken by what waits")
            del self._held[entry]
            settled.append(Settled(entry, refusal))
        return settled

    def _failed(self, entry: Entry, refusal: RefusedOp) -> Settled | None:
        """Something went wrong in the server, with this operation or with anything."""
        target = subject(entry.operation)
        failures = self._internal[target] = self._internal.get(target, 0) + 1
        if failures == 1:
            mark("queue: internal for the first time")
            self._on_hold = True
            return self._hold(entry, refusal)
        if not self._held:
            self._alone = False
        if failures == limits.INTERNAL_TRIES:
            # What comes next about the same thing is known to be in danger, and need not hold up everything once more.
            mark("queue: internal too often")
            self._internal[target] = 1
            return Settled(entry, refusal)
        self._aside_targets.add(target)
        if self._overtaken(entry):
            mark("queue: internal, and overtaken")
            return Settled(entry, refusal)
        mark("queue: set aside")
        self._take_number(entry)
        self._aside[entry] = refusal
        return None

    def _new_number(self) -> int:
        self._highest += 1
        return self._highest

    def _take_number(self, entry: Entry) -> None:
        """It changed nothing, so it may go under another number; but it must not put the test-taker back."""
        operation = entry.operation
        if type(operation) is Answer and operation.position not in (None, self._here):
            mark("queue: where the test-taker was is not said again")
            operation = msgspec.structs.replace(operation, position=None)
        entry.operation = _numbered(operation, UNNUMBERED)

    def _return_to_waiting(self, entries: list[Entry]) -> None:
        """Numbered ones first, by number; then the others, in the order of asking."""
        if entries:
            self._waiting = deque(sorted([*entries, *self._waiting], key=Entry.sort_key))

    def _overtaken(self, entry: Entry) -> bool:
        """Something later about the same thing was accepted, or is on its way."""
        target = subject(entry.operation)
        if type(entry.operation) is Progress and entry.operation.question_index != self._here:
            return True
        return self._acked_place.get(target, -1) > entry.place or any(
            other.place > entry.place and subject(other.operation) == target
            for other in (*self._flying.values(), *self._held, *self._aside, *self._waiting)
        )


def position_of(operation: Operation) -> int | None:
    """Where the test-taker is, as far as this operation says it."""
    if type(operation) is Progress:
        return operation.question_index
    return operation.position if type(operation) is Answer else None


def _numbered(operation: Operation, number: int) -> Operation:
    return msgspec.structs.replace(operation, n=number)
