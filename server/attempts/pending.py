"""A command on its way: who waits for it, and what has been decided so far."""

import logging
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Final, TypeAlias

import msgspec
from msgspec.structs import replace

from protocol.attempt.commands import AnyCommand, Begin, Connect, Disconnect, Logged, MarkByHand, Operate, Steer
from protocol.attempt.facts import Record
from protocol.attempt.kinds import ASKED
from protocol.attempt.model import Attempt
from protocol.errors import Refusal
from protocol.rules.admission import Candidacy, Earlier
from server.metrics.tally import Tally
from storage.log.journal import JournalStats, Rejected

if TYPE_CHECKING:
    from server.tracing.spans import Trace

log = logging.getLogger(__name__)


class Done(msgspec.Struct, frozen=True, gc=False):
    """A command is durable. `records` is empty if it had been durable before; `attempt` is the state after it."""

    records: tuple[Record, ...]
    attempt: Attempt
    committed_at_ms: int


class NotKnownYet(Exception):
    """Whether a connection was there at the deadline cannot be told for some seconds."""


class Look(msgspec.Struct, frozen=True):
    """What was found out before a closing: the end of the connection, if it ended before the deadline."""

    gone: Disconnect | None
    is_known: bool = True


Reply = Callable[[Done | Refusal], None]

Traced: TypeAlias = "tuple[tuple[tuple[Record, ...], Trace], ...]"
"""Records with the trace of the command that they came of."""

WHILE_SOMEBODY_WAITS: Final = (Begin, Connect, Steer, MarkByHand)
"""Commands that are not carried out any more once their caller was told `storage_unavailable`: a clock must not start,
nor an exam be paused, minutes after whoever asked for it has given up. Numbered operations and a submission are a
candidate's work, which is saved as soon as that can be done; she may send them again, and they count once."""


class Pending:
    """A command without an answer yet. `followers` are later commands that change nothing (repeated, in the log by now,
    or refused, then with `refusal`): they are answered after its commit. `sure`: decided on
    a fresh read of the log. `found`: its records were seen in the log. `give_up_ms`: the command is not carried out
    from then on; None: it may be at any time."""

    __slots__ = (
        "appended",
        "command",
        "followers",
        "found",
        "give_up_ms",
        "records",
        "refusal",
        "reply",
        "states",
        "sure",
        "trace",
    )

    def __init__(self, command: AnyCommand, reply: Reply) -> None:
        self.command = command
        self.reply = reply
        self.followers: list[Pending] = []
        self.give_up_ms: int | None = None
        self.refusal: Refusal | None = None
        self.sure = False
        self.found = False
        self.records: tuple[Record, ...] = ()
        self.states: tuple[Attempt, ...] = ()
        self.appended = False
        self.trace: Trace | None = None

    @property
    def asks_candidacy(self) -> bool:
        """Whether the command would have the attempt open again."""
        command = self.command
        return isinstance(command, Steer) and bool(ASKED[type(command.order)].returns)

    @property
    def others(self) -> tuple[Earlier, ...] | None:
        """The candidate's other attempts, where it was decided on them; None: it was not."""
        command = self.command
        candidacy = command.candidacy if type(command) is Steer else None
        return None if candidacy is None else candidacy.others

    def hear_log(self, logged: Mapping[int, Logged], candidacy: Candidacy | None) -> None:
        """Adds to the command what the log has under its number, or what other attempts its candidate has, if that was
        read."""
        command = self.command
        if isinstance(command, Steer) and self.asks_candidacy:
            self.command = replace(command, candidacy=candidacy)
        if isinstance(command, Operate) and command.operation.n in logged:
            self.command = replace(command, logged=logged[command.operation.n])


def take_all(pending: list[Pending]) -> list[Pending]:
    """Every command of `pending` and its followers, in the order in which they came; `pending` is empty then."""
    waiting = [one for first in pending for one in (first, *first.followers)]
    for one in pending:
        one.followers = []
    pending.clear()
    return waiting


def find_in_log(waiting: Iterable[Pending], records: Iterable[Record]) -> Traced:
    """Notes for each command whether its records are in the log, whose newest ones are `records`. Returns the traces of
    those that are."""
    written = {record.hash for record in records}
    traced: Traced = ()
    for pending in waiting:
        pending.sure = True
        was_found = pending.found
        pending.found = pending.appended and (was_found or pending.records[-1].hash in written)
        pending.appended = pending.found
        if pending.trace is not None:
            pending.trace.reloaded()
            if pending.found and not was_found:
                traced += ((pending.records, pending.trace),)
    return traced


def trace_rejection(pending: Iterable[Pending], outcome: Rejected, stats: JournalStats) -> None:
    """The commands after the first rejected one are rejected with it."""
    for one in pending:
        if one.trace is not None and one.appended:
            one.trace.journalled(outcome, stats)


def reply_to(pending: Pending, outcome: Done | Refusal, tally: Tally, attempt_id: str) -> None:
    """Tells whoever waits, and counts it. What fails of that keeps nobody else waiting."""
    try:
        _count(pending, outcome, tally)
    except Exception:
        log.exception("Attempt %s: counting a command failed", attempt_id)
    try:
        pending.reply(outcome)
    except Exception:
        log.exception("Attempt %s: telling the outcome of a command failed", attempt_id)


def _count(pending: Pending, outcome: Done | Refusal, tally: Tally) -> None:
    answered = ("done" if outcome.records else "unchanged") if isinstance(outcome, Done) else "refused"
    tally.command(pending.command, answered)
    if pending.trace is not None:
        if isinstance(outcome, Refusal):
            pending.trace.refused(outcome.code, at_fault=outcome.http_status >= 500)
        else:
            pending.trace.done(outcome.records)
