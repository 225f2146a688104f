"""Bodies of the REST API about acts on many attempts, JSON."""

from typing import Annotated, Literal

from msgspec import Meta

from protocol import limits
from protocol.messages.base import Id, Int, Text
from protocol.orders import AnyOrder, Filter
from protocol.rest.body import Body


class BulkBody(Body, frozen=True, kw_only=True):
    """Do something to many attempts at a test: to those of `attempt_ids`, or to all that fit `filter` now. With both
    the ids count, and the filter says who was meant. The same `bulk_id` again is the same act. An act that comes at
    `until_ms` or later, by the server's clock, is not given; nil: it may come at any time.

    `seen_ms` of an order is when its giver has looked at the attempts: where somebody else has acted on one since, it
    is refused for that one with `acted_meanwhile`. A further attempt is refused too where somebody else has changed
    what the candidate herself is granted.
    """

    bulk_id: Id
    order: AnyOrder
    attempt_ids: Annotated[list[Id], Meta(min_length=1, max_length=limits.MAX_BULK_TARGETS)] | None = None
    filter: Filter | None = None
    until_ms: Int | None = None


class BulkReply(Body, frozen=True, kw_only=True):
    """How far an act on many attempts has come. Of `total` attempts `done` have been served and `refused` could not be;
    the others wait. `command` is its order's name, and `reason` what was given as reason, or written to the candidates.
    `by` and `role`: who gave it."""

    bulk_id: str
    test_id: str
    command: str
    reason: str
    by: str
    role: str
    status: Literal["running", "ended"]
    total: Int
    done: Int
    refused: Int
    created_at_ms: Int
    ended_at_ms: Int | None


class BulkTarget(Body, frozen=True, kw_only=True):
    """One attempt of an act. `outcome` is waiting, done or refused; `code` and `detail` say why it was refused. `name`
    and `user_id` are empty where there is no such attempt."""

    attempt_id: str
    user_id: str
    name: str
    outcome: Literal["waiting", "done", "refused"]
    code: str | None
    detail: str | None


class BulkTargets(Body, frozen=True, kw_only=True):
    """An act and a page of its attempts, in the order of their ids; `next` continues the list."""

    act: BulkReply
    targets: list[BulkTarget]
    next: str | None


class BulkList(Body, frozen=True, kw_only=True):
    """The newest acts on many attempts at a test, the newest first."""

    acts: list[BulkReply]


class LeftOut(Body, frozen=True, kw_only=True):
    """An attempt that fits the filter of an act now, and did not when the act was accepted."""

    attempt_id: str
    user_id: str
    name: str
    status: str


class LeftOutList(Body, frozen=True, kw_only=True):
    """Whom an act did not reach because they came later; empty where it had no filter."""

    bulk_id: str
    left_out: list[LeftOut]


class GrantAttemptBody(Body, frozen=True, kw_only=True):
    """Grant the candidate one more attempt at the test than she may have now. Repeated with the same `command_id`, it
    is done once; nil: the server makes one.

    `seen_ms` is when its giver has looked, by the server's clock: where somebody else has acted on the attempt since,
    or changed what the candidate herself is granted, it is refused with `acted_meanwhile`; nil: that does not matter.
    """

    command_id: Id | None = None
    reason: Text = ""
    seen_ms: Int | None = None


class GrantAttemptReply(Body, frozen=True, kw_only=True):
    """How many attempts the candidate may have beyond the rules of the test, by her own override."""

    command_id: str
    test_id: str
    user_id: str
    extra_attempts: Int
