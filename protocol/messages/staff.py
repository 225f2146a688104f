"""What staff ask for about one attempt, named by a command id."""

from typing import Annotated

from msgspec import Meta

from protocol import limits
from protocol.messages.base import FromClient, Id, Int, SomeText, Text


class PauseAttempt(FromClient, frozen=True, tag="pause"):
    """Stop the clock of one attempt. `command_id` is chosen by the client: a repeated one is executed once.

    `seen_seq` is the number of the record that whoever gives the command has seen of the attempt, as its row says.
    Where somebody else has acted on the attempt since, the command is refused with `acted_meanwhile`; nil or absent:
    whatever others have done.
    """

    command_id: Id
    attempt_id: Id
    reason: Text
    seen_seq: Int | None = None


class ResumeAttempt(FromClient, frozen=True, tag="resume"):
    """Let the clock of a paused attempt run again."""

    command_id: Id
    attempt_id: Id
    reason: Text
    seen_seq: Int | None = None


class ExtendAttempt(FromClient, frozen=True, tag="extend"):
    """Move the deadline of one attempt by `add_ms`."""

    command_id: Id
    attempt_id: Id
    add_ms: Annotated[int, Meta(ge=1, le=limits.MAX_EXTENSION_MS)]
    reason: Text
    seen_seq: Int | None = None


class MessageAttempt(FromClient, frozen=True, tag="message"):
    """Send a message to one candidate. The row shows how far it has come: queued, delivered, seen."""

    command_id: Id
    attempt_id: Id
    text: SomeText


class WarnAttempt(FromClient, frozen=True, tag="warn"):
    """Give one candidate a formal warning, with a reason that she reads. It goes the way of a message, and is kept in
    the record. A reason is required."""

    command_id: Id
    attempt_id: Id
    reason: Text
    seen_seq: Int | None = None


class EndAttempt(FromClient, frozen=True, tag="end"):
    """Collect the paper: the deadline is now, and the attempt expires after the grace. A reason is required, which is
    kept in the record; the candidate is told what is `said`."""

    command_id: Id
    attempt_id: Id
    reason: Text
    seen_seq: Int | None = None
    said: Text | None = None


class CancelAttempt(FromClient, frozen=True, tag="cancel"):
    """Make one attempt void. `counts`: it still is one of those that the candidate may have. A reason is required,
    which is kept in the record; the candidate is told what is `said`."""

    command_id: Id
    attempt_id: Id
    counts: bool
    reason: Text
    seen_seq: Int | None = None
    said: Text | None = None


class ReinstateAttempt(FromClient, frozen=True, tag="reinstate"):
    """Make a cancelled attempt, or one whose candidate was absent, what it was before. Its clocks have the time that
    was left; `on_return`: they stand until she is there. A reason is required."""

    command_id: Id
    attempt_id: Id
    on_return: bool
    reason: Text
    seen_seq: Int | None = None


class AdmitAttempt(FromClient, frozen=True, tag="admit"):
    """Let a candidate in, in a test with a waiting room: until then she can't start."""

    command_id: Id
    attempt_id: Id
    reason: Text
    seen_seq: Int | None = None


class ReopenAttempt(FromClient, frozen=True, tag="reopen"):
    """Let a candidate go on after the end, with `left_ms` on the clock; nil: without a limit, as the attempt had none.
    `on_return`: the clock stands until she is there. A reason is required."""

    command_id: Id
    attempt_id: Id
    left_ms: Annotated[int, Meta(ge=1_000, le=limits.MAX_EXTENSION_MS)] | None
    reason: Text
    on_return: bool
    seen_seq: Int | None = None


class AcceptAttempt(FromClient, frozen=True, tag="accept"):
    """Take what a candidate has abandoned as it stands: it is handed in, and marked. A reason is required, which is
    kept in the record; the candidate is told what is `said`."""

    command_id: Id
    attempt_id: Id
    reason: Text
    seen_seq: Int | None = None
    said: Text | None = None


class AllowDevice(FromClient, frozen=True, tag="allow_device"):
    """Let one new device have an attempt whose link another device has bound. A reason is required."""

    command_id: Id
    attempt_id: Id
    reason: Text
    seen_seq: Int | None = None


class AcknowledgeHand(FromClient, frozen=True, tag="acknowledge_hand"):
    """Tell a candidate whose hand is up that she has been seen. The hand stays up until she lowers it."""

    command_id: Id
    attempt_id: Id
    reason: Text
    seen_seq: Int | None = None


class AccommodateAttempt(FromClient, frozen=True, tag="accommodate"):
    """Grant one candidate `extra_time_ms` on top of the test's duration, at this test, instead of what she had; nil:
    put in force what she and her groups are granted. It counts before the start and after it. What would take time from
    a running clock is refused unless it `may_shorten`."""

    command_id: Id
    attempt_id: Id
    extra_time_ms: Annotated[int, Meta(ge=0, le=limits.MAX_EXTENSION_MS)] | None
    reason: Text
    may_shorten: bool
    seen_seq: Int | None = None


class ApplyRules(FromClient, frozen=True, tag="apply_rules"):
    """Put the rules of the test's newest version in force for an attempt that has started. Its questions stay. What
    would take time from a running clock is refused unless it `may_shorten`."""

    command_id: Id
    attempt_id: Id
    reason: Text
    may_shorten: bool
    seen_seq: Int | None = None


StaffCommand = (
    PauseAttempt
    | ResumeAttempt
    | ExtendAttempt
    | MessageAttempt
    | WarnAttempt
    | EndAttempt
    | CancelAttempt
    | ReinstateAttempt
    | AdmitAttempt
    | ReopenAttempt
    | AcceptAttempt
    | AllowDevice
    | AcknowledgeHand
    | AccommodateAttempt
    | ApplyRules
)
"""What an instructor asks for, named by a command id."""
