"""What staff ask for about one attempt."""

from typing import Annotated

from msgspec import Meta

from protocol import limits
from protocol.messages.base import Id, Int, SomeText, Text
from protocol.messages.state import AttemptState
from protocol.rest.body import Body


class ReasonBody(Body, frozen=True, kw_only=True):
    """A staff command. Repeated with the same `command_id`, it is executed once; nil: the server makes one. Where
    somebody else has acted on the attempt since record `seen_seq`, it is refused with `acted_meanwhile`; nil: whatever
    others have done."""

    command_id: Id | None = None
    reason: Text = ""
    seen_seq: Int | None = None


class CancelBody(Body, frozen=True, kw_only=True):
    """Make the attempt void. `counts`: it still is one of those that the candidate may have. The `reason` is kept in
    the record; the candidate is told what is `said`."""

    command_id: Id | None = None
    counts: bool = False
    reason: Text = ""
    seen_seq: Int | None = None
    said: Text = ""


class EndBody(Body, frozen=True, kw_only=True):
    """Collect the paper, or take what was abandoned. The `reason` is kept in the record; the candidate is told what is
    `said`."""

    command_id: Id | None = None
    reason: Text = ""
    seen_seq: Int | None = None
    said: Text = ""


class ReinstateBody(Body, frozen=True, kw_only=True):
    """Make a cancelled attempt, or one whose candidate was absent, what it was before. `on_return`: its clocks stand
    until she is there."""

    command_id: Id | None = None
    on_return: bool = False
    reason: Text = ""
    seen_seq: Int | None = None


class ExtendBody(Body, frozen=True, kw_only=True):
    """Move the deadline."""

    command_id: Id | None = None
    add_ms: Annotated[int, Meta(ge=1, le=limits.MAX_EXTENSION_MS)]
    reason: Text = ""
    seen_seq: Int | None = None


class AccommodateBody(Body, frozen=True, kw_only=True):
    """What a candidate is granted on top of the test's duration, at this test, instead of what she had; nil: what she
    and her groups are granted is put in force. A running clock loses time only if it `may_shorten`."""

    command_id: Id | None = None
    extra_time_ms: Annotated[int, Meta(ge=0, le=limits.MAX_EXTENSION_MS)] | None = None
    reason: Text = ""
    may_shorten: bool = False
    seen_seq: Int | None = None


class ApplyRulesBody(Body, frozen=True, kw_only=True):
    """The rules of the test's newest version. A running clock loses time only if it `may_shorten`."""

    command_id: Id | None = None
    reason: Text = ""
    may_shorten: bool = False
    seen_seq: Int | None = None


class MessageBody(Body, frozen=True, kw_only=True):
    """Send the candidate a message."""

    command_id: Id | None = None
    text: SomeText


class ReopenBody(Body, frozen=True, kw_only=True):
    """Let the candidate go on after the end, with `left_ms` on the clock; nil: without a limit, as the attempt had
    none. `on_return`: the clock stands until she is there."""

    command_id: Id | None = None
    left_ms: Annotated[int, Meta(ge=1_000, le=limits.MAX_EXTENSION_MS)] | None = None
    reason: Text
    on_return: bool = False
    seen_seq: Int | None = None


class CommandReply(Body, frozen=True, kw_only=True):
    """A staff command is durable as record `seq`."""

    command_id: str
    seq: Int
    state: AttemptState
