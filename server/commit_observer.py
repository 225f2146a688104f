"""What follows from committed records: on this node, and on the others."""

from typing import TYPE_CHECKING, Final

from protocol.attempt.chain import NewerLog
from protocol.attempt.commands import Disconnect
from protocol.attempt.facts import Connected, Disconnected, Record
from protocol.attempt.kinds import KIND_OF
from protocol.attempt.model import ENDED, Attempt, Role
from protocol.events.presence import away_since
from server.attempts.live import LiveAttempt
from server.relay.frames import Executed, encode, read_executed, records_channel
from server.tracing import traceparents

if TYPE_CHECKING:
    from server.node import Node

_CANDIDATE: Final = Role.CANDIDATE
"""Asked for with every record: a member of an `Enum` is slow to read."""


class CommitObserver:
    """Hears of every live attempt of a node: see `Observer`. `alone`: there are no other nodes to tell."""

    def __init__(self, node: "Node", *, alone: bool) -> None:
        self._node = node
        self._alone = alone
        self._executed: dict[str, list[Record]] = {}

    def committed(self, live: LiveAttempt, before: Attempt, record: Record, after: Attempt, *, own: bool) -> None:
        """Tells the sessions, the marker, the snapshots and the log file of this node."""
        kind = KIND_OF[type(record.entry.fact)]
        if not own and kind.fact is Connected:
            live.presence.heard = False
        elif own and record.entry.role is _CANDIDATE:
            live.presence.wrote(record.entry.at_ms)
        for session in live.presence.sessions:
            session.record_committed(before, record, after)
        if own and self._node.heads is not None:
            self._node.heads.note(live.attempt_id, record.entry.seq, record.hash)
        if kind.hot:
            return
        self._node.chronicle.note(before, record, own=own)
        if own:
            self._executed.setdefault(live.attempt_id, []).append(record)
        if own and kind.fact is Disconnected and (since_ms := away_since(after)) is not None:
            self._node.absences.note(live.attempt_id, since_ms)
        if own and kind.marks_due:
            self._node.marker.notice(live.attempt_id)
        if own and (kind.target in ENDED or kind.marks_due) and after.started_at_ms is not None:
            self._node.course_keeper.notice(live.attempt_id)
        # Of an attempt that has ended here the marker takes a snapshot.
        if (kind.marks_due and kind.target is not None and not own) or after.lost_records > before.lost_records:
            self._node.snapshotter.hurry(live.attempt_id)

    def settled(self, live: LiveAttempt) -> None:
        """Updates the monitor's row, and announces the new head to other nodes."""
        self._node.rooms.changed(live)
        self._node.snapshotter.changed(live.attempt_id)
        records = self._executed.pop(live.attempt_id, None) if self._executed else None
        if records and not self._alone:
            newest = records[-1]
            traced = traceparents(live.traces, records)
            frame = Executed(self._node.name, live.attempt_id, newest.entry.seq, newest.hash, traced)
            self._node.relay.publish(records_channel(live.attempt_id), encode(frame))

    def hear(self, data: bytes) -> None:
        """Another node says that it has written to a log."""
        frame = read_executed(data)
        if frame is None:
            return
        live = self._node.registry.at_hand(frame.attempt_id)
        if frame.node == self._node.name or live is None:
            return
        live.hear(frame.seq, frame.head, frame.traceparents)

    def diverged(self, live: LiveAttempt) -> None:
        """Forgets the copy in memory, and sends the candidate away. When she reconnects she gets the state of the
        log."""
        self._node.registry.forget(live)
        self._send_away(live)

    def outgrown(self, live: LiveAttempt, error: NewerLog) -> None:
        """Leaves the attempt to newer nodes, and sends the candidate there."""
        self._node.registry.newer.leave(error, live.committed.identity)
        self._node.registry.forget(live)
        self._send_away(live)

    def erased(self, live: LiveAttempt) -> None:
        """Shows what is left of the attempt, forgets it, and sends away whoever looks at it."""
        self._node.rooms.changed(live)
        self._node.registry.forget(live)
        self._send_away(live)

    async def loss_before_closing(self, attempt: Attempt) -> Disconnect | None:
        """See `Losses.before_closing`."""
        return await self._node.losses.before_closing(attempt)

    def _send_away(self, live: LiveAttempt) -> None:
        for session in list(live.presence.sessions):
            session.send_away(self._node.spread.return_after_ms())
