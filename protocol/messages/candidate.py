"""The conversation with a candidate, beside her operations."""

from typing import final

from protocol.messages.base import AnyHello, Capabilities, Head, Id, Int, Message, Number, Token
from protocol.messages.page_settings import PageSettings
from protocol.messages.state import AttemptState, Hindrance, Part, SavedAnswer, Timing, Watching


@final
class Hello(AnyHello, frozen=True, tag="hello"):
    """The first message of a candidate's connection, within 5 s. `client` names the program and its version, for
    support. `protocol` and `oldest_protocol` are the newest and the oldest version that it speaks, `capabilities` what
    else it can do. Fields that the server does not know are passed over.

    `device` is chosen by the client: one for each page or program instance, kept while that instance lives. `connect_n`
    rises with every try of that device to connect, over the socket or over REST. `takeover`: a person asked for it here
    (opened the link, pressed "use it here"); a program that comes back by itself says false. `seen_seq` is the highest
    log position that the server has told this device of as durable, `seen_head` the hash of the record there; nil:
    none.
    """

    protocol: Int
    token: Token
    client: Id
    oldest_protocol: Int
    capabilities: Capabilities
    device: Id
    connect_n: Number
    takeover: bool
    seen_seq: Int | None
    seen_head: Head | None


class StaffMessage(Message, frozen=True, tag="staff_message"):
    """A message from staff. Confirm it with `receipt`. `formal`: it is a formal warning, which is kept in the record;
    nil: it is not."""

    message_id: str
    text: str
    sent_at_ms: Int
    formal: bool | None = None


class TimeWarning(Message, frozen=True, tag="warning"):
    """Time is running out: `left_ms` are left until `deadline_ms`, on the clock of the test, or of the section or
    question `of`."""

    left_ms: Int
    deadline_ms: Int
    scope: str
    of: str | None


class Welcome(Message, frozen=True, tag="welcome"):
    """The answer to a candidate's `hello`: all that is needed to go on where the log ends. `protocol` is the version to
    speak on this connection, `capabilities` are those of the client that are in force.

    Numbers of new operations start above `last_n`. What was sent before and is not acknowledged is sent again with its
    old number. `duration_ms` is the whole time this candidate has, extra time included; nil: no limit.
    `warnings_ms` are the times left at which she is warned; `pauses_on_disconnect`: a lost connection stops the clock,
    within the test's budget. `unseen` are the staff messages that were not dismissed yet. `warning` is the newest one
    given for the deadline in force, for a page that was away when it was given. `candidate_name` says
    whose attempt it is. `instructions` are empty after the end. `lost_records` is 0 unless the database
    has lost records that had been acknowledged: the most that one device knew beyond the log, and 1 where the log has
    grown as long again. `extra_time_ms` is the candidate's own part of
    `duration_ms`. `parts` are the sections of a test that has some; empty from the start on. `opens_at_ms` and
    `closes_at_ms` are the candidate's own window; nil: it does not open, or close. `hindrances` is all that keeps her
    from starting at `now_ms`, in the order in which a start would meet it; empty from the start on. `gaps` is what the
    test does when she hands in without an answer to a required question: allow, warn (her page asks once more) or
    refuse. `order` is how she goes through the paper: free, by_section, or forward (question by question, without a way
    back). `restored`: the log has no record `seen_seq` with the hash `seen_head` (of the `hello`), because the database
    was restored from an older copy. `timing` are the other rules of time. `watching` is what is noticed while she sits;
    nil: nothing. `page` is how her page looks to begin with; nil: as she has set it.
    """

    protocol: Int
    attempt_id: str
    test_id: str
    title: str
    candidate_name: str
    instructions: str
    duration_ms: Int | None
    warnings_ms: list[Int]
    pauses_on_disconnect: bool
    connection_id: str
    now_ms: Int
    heartbeat_ms: Int
    first_beat_ms: Int
    backoff_base_ms: Int
    backoff_cap_ms: Int
    last_n: Int
    question_total: Int
    question_index: Int
    state: AttemptState
    lost_records: Int
    answers: list[SavedAnswer]
    flagged: list[str]
    unseen: list[StaffMessage]
    warning: TimeWarning | None
    capabilities: list[str]
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


class Offer(Message, frozen=True, tag="offer"):
    """What `welcome` has said of the test has changed: until the start the attempt follows its test, and later staff
    may put other rules in force. The fields are those of `welcome`."""

    title: str
    instructions: str
    duration_ms: Int | None
    warnings_ms: list[Int]
    pauses_on_disconnect: bool
    question_total: Int
    extra_time_ms: Int
    parts: list[Part]
    opens_at_ms: Int | None
    closes_at_ms: Int | None
    hindrances: list[Hindrance]
    gaps: str
    order: str
    timing: Timing | None = None
    watching: Watching | None = None
    page: PageSettings | None = None


class Ack(Message, frozen=True, tag="ack"):
    """Every operation up to number `n` that was sent on this connection and not refused is durable.

    `seq` is the log's last sequence number in that commit, `head` the hash of that record in hexadecimal,
    `committed_at_ms` the server's clock at the commit.
    """

    n: Int
    seq: Int
    committed_at_ms: Int
    head: str


class StatePush(Message, frozen=True, tag="state"):
    """The attempt's status, clocks or sections have changed."""

    now_ms: Int
    state: AttemptState
