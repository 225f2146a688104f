"""A command on its way: who waits for it, and what has been decided so far."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import msgspec

from protocol.attempt.commands import AnyCommand, Begin, Connect, Disconnect, MarkByHand, Steer
from protocol.attempt.facts import Record
from protocol.attempt.model import Attempt
from protocol.errors import Refusal

if TYPE_CHECKING:
    from server.tracing.spans import Trace


class Done(msgspec.Struct, frozen=True):
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

WHILE_SOMEBODY_WAITS: Final = (Begin, Connect, Steer, MarkByHand)
"""Commands that are not carried out any more once their caller was told `storage_unavailable`: a clock must not start,
nor an exam be paused, minutes after whoever asked for it has given up. Numbered operations and a submission are a
candidate's work, which is saved as soon as that can be done; she may send them again, and they count once."""


class Pending:
    """A command without an answer yet. `followers` are later commands that change nothing (repeated or refused, then
    with `refusal`): they were decided on this one's records, so they are answered after its commit. `sure`: decided on
    a fresh read of the log. `give_up_ms`: the command is not carried out from then on; None: it may be at any time."""

    __slots__ = (
        "appended",
        "command",
        "followers",
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
        self.records: tuple[Record, ...] = ()
        self.states: tuple[Attempt, ...] = ()
        self.appended = False
        self.trace: Trace | None = None
