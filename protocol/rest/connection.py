"""How a client without a socket connects, and stays connected."""

from protocol.messages.base import Head, Id, Int, Number, Text
from protocol.messages.candidate import Offer, StaffMessage, TimeWarning
from protocol.messages.page_settings import PageSettings
from protocol.messages.state import AttemptState, Hindrance, Part, SavedAnswer, Timing, Watching
from protocol.rest.body import Body


class HeartbeatBody(Body, frozen=True, kw_only=True):
    """As the socket's `beat`."""

    connection_id: Id | None = None
    t0_ms: Int


class HeartbeatReply(Body, frozen=True, kw_only=True):
    """As the socket's `echo`, with what a client without a socket needs: the state, messages not yet dismissed, and
    until the start what the test offers (nil after it)."""

    t0_ms: Int
    t1_ms: Int
    t2_ms: Int
    state: AttemptState
    unseen: list[StaffMessage]
    offer: Offer | None


class ResumeBody(Body, frozen=True, kw_only=True):
    """A candidate comes back, or staff let a paused attempt run again.

    A candidate gives `client`, `device`, `connect_n`, `takeover`, `seen_seq` and `seen_head`, as in the socket's
    `hello`; staff give `command_id`, `reason` and, as in their other commands, `seen_seq`.
    """

    client: Id = "rest"
    device: Id | None = None
    connect_n: Number | None = None
    takeover: bool = False
    seen_seq: Int | None = None
    seen_head: Head | None = None
    command_id: Id | None = None
    reason: Text = ""


class ResumeReply(Body, frozen=True, kw_only=True):
    """All that is needed to go on where the log ends: the REST form of the socket's `welcome`. A candidate names
    `connection_id` in every call from here on; nil for staff."""

    attempt_id: str
    test_id: str
    title: str
    candidate_name: str
    instructions: str
    duration_ms: Int | None
    warnings_ms: list[Int]
    pauses_on_disconnect: bool
    connection_id: str | None
    now_ms: Int
    heartbeat_ms: Int
    last_n: Int
    question_total: Int
    question_index: Int
    state: AttemptState
    lost_records: Int
    answers: list[SavedAnswer]
    flagged: list[str]
    unseen: list[StaffMessage]
    warning: TimeWarning | None
    extra_time_ms: Int
    parts: list[Part]
    opens_at_ms: Int | None
    closes_at_ms: Int | None
    hindrances: list[Hindrance]
    gaps: str
    order: str
    restored: bool
    timing: Timing | None = None
    watching: Watching | None = None
    page: PageSettings | None = None
