"""Who hears what becomes true of a live attempt."""

from typing import TYPE_CHECKING, Protocol

from protocol.attempt.chain import NewerLog
from protocol.attempt.commands import Disconnect
from protocol.attempt.facts import Record
from protocol.attempt.model import Attempt

if TYPE_CHECKING:
    from server.attempts.live import LiveAttempt


class Observer(Protocol):
    """Hears of committed records, in the order of the log."""

    def committed(self, live: "LiveAttempt", before: Attempt, record: Record, after: Attempt, *, own: bool) -> None:
        """One record is durable; `own`: this node decided it."""
        ...

    def settled(self, live: "LiveAttempt") -> None:
        """All records that were committed together have been reported."""
        ...

    async def loss_before_closing(self, attempt: Attempt) -> Disconnect | None:
        """Asked before an attempt is closed whose clock stands while its candidate is away, and whose connection is not
        on this node: the end of that connection, if it ended before the deadline and nobody has recorded it. Raises
        `NotKnownYet`."""
        ...

    def diverged(self, live: "LiveAttempt") -> None:
        """The state in memory is not on the log (an older database has taken over). The live attempt is closed, and
        must be loaded again."""
        ...

    def outgrown(self, live: "LiveAttempt", error: NewerLog) -> None:
        """A newer version has written something to the log that this node does not know. The live attempt is closed; a
        newer node must take it."""
        ...

    def erased(self, live: "LiveAttempt") -> None:
        """The candidate was erased, in memory too. The live attempt is closed."""
        ...
