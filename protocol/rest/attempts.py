"""Bodies about attempts as a whole: made, listed, and the state of one."""

from typing import Annotated

from msgspec import Meta

from protocol import limits
from protocol.messages.base import Id, Int
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
    candidate's open attempt was returned."""

    attempt_id: str
    test_id: str
    attempt_number: Int
    created: bool
    token: str | None
    state: AttemptState


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
