"""Bodies about attempts as a whole: made, listed, and the state of one."""

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from protocol import limits
from protocol.messages.base import Id, Int
from protocol.messages.candidate import Offer
from protocol.messages.monitor import Row
from protocol.messages.state import AttemptState
from protocol.rest.body import Body


class NewAttempt(Body, frozen=True, kw_only=True):
    """Make an attempt. A candidate makes one for herself (`user_id` nil) and gets her open one back, if there is one;
    a service makes one for anybody and may grant extra time; given for an open attempt, it replaces what she had.
    Without a `display_name`, or with a blank one, the user's id is shown."""

    test_id: Id
    user_id: Id | None = None
    display_name: Annotated[str, Meta(max_length=limits.MAX_NAME_CHARS)] | None = None
    form_id: Id | None = None
    extra_time_ms: Annotated[int, Meta(ge=0, le=limits.MAX_EXTENSION_MS)] | None = None


class AttemptMade(Body, frozen=True, kw_only=True):
    """`token` opens this one attempt as its candidate; it is handed out to services only. `created` is false where the
    candidate's open attempt was returned. Until the start a candidate is told what the test offers, her name and the
    server's clock, so that her page need not wait for its connection to show the start; not where a link opens on one
    device alone, which is decided when she connects."""

    attempt_id: str
    test_id: str
    attempt_number: Int
    created: bool
    token: str | None
    state: AttemptState
    offer: Offer | None = None
    candidate_name: str | None = None
    now_ms: Int | None = None


class OwnAttempt(Body, frozen=True, kw_only=True):
    """One of the candidate's attempts at a test."""

    attempt_id: str
    attempt_number: Int
    status: str


class OwnAttempts(Body, frozen=True, kw_only=True):
    """The candidate's attempts at one test, the oldest first."""

    attempts: list[OwnAttempt]


class StateReply(Body, frozen=True, kw_only=True):
    """The attempt's state, and the server's clock."""

    attempt_id: str
    now_ms: Int
    state: AttemptState


class AttemptList(Body, frozen=True, kw_only=True):
    """Attempts of one test, in the order of their ids; `next` continues the list."""

    attempts: list[Row]
    next: str | None


class AttemptLine(Body, frozen=True, kw_only=True):
    """An attempt in a list, as of its record `seq`: at most half a minute behind while answers come in, and exact from
    each change of `status` on. `updated_at_ms` is the instant of that record. What was not asked for is absent. Where
    the candidate was erased, `user_id` is her alias. `test_version` is nil until the start; `deadline_ms` unless a
    clock runs."""

    attempt_id: str
    test_id: str | UnsetType = UNSET
    test_version: Int | UnsetType | None = UNSET
    form_id: str | UnsetType | None = UNSET
    user_id: str | UnsetType = UNSET
    name: str | UnsetType = UNSET
    branch_id: str | UnsetType | None = UNSET
    attempt_number: Int | UnsetType = UNSET
    status: str | UnsetType = UNSET
    started_at_ms: Int | UnsetType | None = UNSET
    ended_at_ms: Int | UnsetType | None = UNSET
    deadline_ms: Int | UnsetType | None = UNSET
    progress_percent: Int | UnsetType = UNSET
    question_index: Int | UnsetType = UNSET
    seq: Int | UnsetType = UNSET
    updated_at_ms: Int | UnsetType = UNSET


class AttemptPage(Body, frozen=True, kw_only=True):
    """Attempts of the organisation; `next` continues the list. A candidate gets her own at one test, the oldest first,
    with `attempt_id`, `attempt_number` and `status` of each, and no `next`."""

    attempts: list[AttemptLine]
    next: str | UnsetType | None = UNSET
