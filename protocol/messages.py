"""The definition of the wire: one small immutable type for each message, tagged by the field `t`.

Every field is present; one without a value is nil. Integers are below 2^53, and there are no floats. The fields go over
the wire in the order in which they stand here, so every language makes the same bytes. Instants (`*_ms`) are
milliseconds since the Unix epoch, UTC, by the server's clock; `client_at_ms` is the client's, and decides nothing.
"""

from typing import Annotated, Final, final

import msgspec
from msgspec import Meta

from protocol import limits

Int = Annotated[int, Meta(ge=0, le=limits.MAX_INT)]
Number = Annotated[int, Meta(ge=1, le=limits.MAX_INT)]
NO_NUL: Final = r"^[^\x00]*$"
"""For what is kept in columns: PostgreSQL has no text with a NUL in it. Answers may have one; they are kept as JSON."""
Id = Annotated[str, Meta(min_length=1, max_length=limits.MAX_ID_CHARS, pattern=NO_NUL)]
AnsweredId = Annotated[str, Meta(min_length=1, max_length=limits.MAX_ID_CHARS)]
"""The `Id` in an answer. `codec` looks for a NUL in it: a pattern would be half of what it costs to decode one."""
Text = Annotated[str, Meta(max_length=limits.MAX_TEXT_CHARS)]
AccessCode = Annotated[str, Meta(max_length=limits.MAX_CODE_CHARS)]
Token = Annotated[str, Meta(max_length=limits.MAX_TOKEN_BYTES)]
AnswerText = Annotated[str, Meta(max_length=limits.MAX_ANSWER_CHARS)]
Capabilities = Annotated[list[Id], Meta(max_length=limits.MAX_CAPABILITIES)]
Value = AnswerText | Annotated[list[Id], Meta(max_length=limits.MAX_ANSWER_OPTIONS)] | None
"""An answer: an option id, "true" or "false", a number as text, or text; a list of option ids; nil when taken back."""


class Message(msgspec.Struct, frozen=True, tag_field="t"):
    """Base of every message. Whoever reads a message of a server passes over fields that it does not know: a newer
    server may say more."""


class AnyHello(Message, frozen=True):
    """Base of the first message of a connection. Fields that a server does not know are passed over: an older server
    must be able to read the `hello` of a newer client, and to say which version both speak."""


class FromClient(Message, frozen=True, forbid_unknown_fields=True):
    """Base of what clients send. A server does not carry out what it understands in part."""


# ── from both kinds of client ──────────────────────────────────────────────────────────────────────────────────


@final
class Beat(FromClient, frozen=True, tag="beat"):
    """The application's heartbeat: `t0_ms` is the client's clock, returned untouched in `echo`."""

    t0_ms: Int


@final
class Renew(FromClient, frozen=True, tag="renew"):
    """A fresh token for this connection, of the same person for the same thing. Answered by `renewed`, or by `refused`
    with `n` nil: then the old token stays in force until its end."""

    token: Token


# ── to both kinds of client ────────────────────────────────────────────────────────────────────────────────────


class TokenExpiring(Message, frozen=True, tag="token_expiring"):
    """The token of this connection ends at `expires_at_ms`. A client that can get a fresh one sends `renew`."""

    expires_at_ms: Int


class Renewed(Message, frozen=True, tag="renewed"):
    """The fresh token is in force, until `expires_at_ms`."""

    expires_at_ms: Int


# ── from a candidate ───────────────────────────────────────────────────────────────────────────────────────────


@final
class Hello(AnyHello, frozen=True, tag="hello"):
    """The first message of a candidate's connection, within 5 s. `client` names the program and its version, for
    support. `protocol` and `oldest_protocol` are the newest and the oldest version that it speaks, `capabilities` what
    else it can do. Fields that the server does not know are passed over.

    `device` is chosen by the client: one for each page or program instance, kept while that instance lives. `connect_n`
    rises with every try of that device to connect, over the socket or over REST. `takeover`: a person asked for it here
    (opened the link, pressed "use it here"); a program that comes back by itself says false. `seen_seq` is the highest
    log position that the server has told this device of as durable; nil: none.
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


class Start(FromClient, frozen=True, tag="start"):
    """Start the attempt: the clock runs from the moment the server records it. `access_code` is what the candidate
    typed, where the test asks for a code; nil elsewhere. It is kept nowhere."""

    n: Number
    access_code: AccessCode | None
    client_at_ms: Int


class Answer(FromClient, frozen=True, tag="answer"):
    """The answer to one question, as it stands now; a later one replaces it.

    `position` is where the candidate is now, counted from 0; nil: unchanged. An answer by itself moves her nowhere.
    """

    n: Number
    question_id: AnsweredId
    value: Value
    position: Int | None
    client_at_ms: Int


class Flag(FromClient, frozen=True, tag="flag"):
    """Mark a question to come back to, or take the mark away."""

    n: Number
    question_id: Id
    flagged: bool
    client_at_ms: Int


class Progress(FromClient, frozen=True, tag="progress"):
    """The candidate has moved to the question at this position, counted from 0."""

    n: Number
    question_index: Int
    client_at_ms: Int


class Enter(FromClient, frozen=True, tag="enter"):
    """Enter the next section, in a test whose sections are sat one after the other. The one before closes for good, and
    the candidate is at the first question of the new one, whose clock runs from the moment the server records it."""

    n: Number
    section_id: Id
    client_at_ms: Int


class Receipt(FromClient, frozen=True, tag="receipt"):
    """A message from staff has reached the page (`seen` false), or the candidate has dismissed it (`seen` true)."""

    n: Number
    message_id: Id
    seen: bool
    client_at_ms: Int


class RaiseHand(FromClient, frozen=True, tag="raise_hand"):
    """Ask for an invigilator (`raised` true), or take that back: until the attempt has ended, also while the clock
    stands."""

    n: Number
    raised: bool
    client_at_ms: Int


class Submit(FromClient, frozen=True, tag="submit"):
    """Hand in. Answered by `ack` and `state`, or, where the attempt has already ended, by `state` alone."""

    n: Number
    client_at_ms: Int


# ── to a candidate ─────────────────────────────────────────────────────────────────────────────────────────────


class ClockState(msgspec.Struct, frozen=True):
    """One clock. `scope` is what it limits: test, or the section or question whose id is `of` (nil for the test).

    `deadline_ms` is when the page locks what the clock limits, and `closes_at_ms` when the server stops accepting: both
    nil while the clock stands. `left_ms` is set only while it stands.
    """

    scope: str
    of: str | None
    deadline_ms: Int | None
    closes_at_ms: Int | None
    left_ms: Int | None


NO_CLOCK: Final = ClockState("test", None, None, None, None)
"""Stands for the test's clock where there is none."""


class AttemptState(msgspec.Struct, frozen=True):
    """What a candidate must know of the attempt and its clocks.

    `clocks` are those that were begun, the test's first: none before the start, after the end, and where nothing is
    limited. `section_id` is the open section, in a test whose sections are sat one after the other; nil in every other
    test, and between two sections. `closed_sections` and `closed_questions` take no answers any more. `ended_as` keeps
    how it ended (submitted, expired, cancelled, absent) when the marks are in and the status is `completed`;
    `reference` identifies that end, and `reason` is what staff gave for it; in `in_progress` it says that staff have
    collected the paper, which ends when the test's clock closes. `hand` is raised, acknowledged (staff have seen it),
    or nil.
    """

    status: str
    seq: Int
    started_at_ms: Int | None
    clocks: list[ClockState]
    section_id: str | None
    closed_sections: list[str]
    closed_questions: list[str]
    ended_at_ms: Int | None
    ended_as: str | None
    reference: str | None
    reason: str | None
    hand: str | None = None

    @property
    def test_clock(self) -> ClockState:
        """The clock of the whole test; `NO_CLOCK` where there is none."""
        clocks = self.clocks
        return clocks[0] if clocks and clocks[0].scope == "test" else NO_CLOCK


class Hindrance(msgspec.Struct, frozen=True):
    """Why a candidate can't begin now: a refusal's code and its sentence. `from_ms` is the instant from which this no
    longer holds; nil: nobody can tell."""

    code: str
    detail: str
    from_ms: Int | None


class Part(msgspec.Struct, frozen=True):
    """A section of the paper, told before the start. `limit_ms` is the time that the candidate has for it; nil: no
    limit of its own."""

    title: str
    question_total: Int
    limit_ms: Int | None


class SavedAnswer(msgspec.Struct, frozen=True):
    """An answer the server holds: the client number that brought it, and when it was accepted."""

    question_id: str
    value: Value
    n: Int
    saved_at_ms: Int


class StaffMessage(Message, frozen=True, tag="staff_message"):
    """A message from staff. Confirm it with `receipt`."""

    message_id: str
    text: str
    sent_at_ms: Int


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
    whose attempt it is. `instructions` are empty after the end. `head` is the hash of the record that
    `state.seq` names, in hexadecimal. `lost_records` is 0 unless the database has lost records that had been
    acknowledged: the most that one device knew beyond the log. `extra_time_ms` is the candidate's own part of
    `duration_ms`. `parts` are the sections of a test that has some; empty from the start on. `opens_at_ms` and
    `closes_at_ms` are the candidate's own window; nil: it does not open, or close. `hindrances` is all that keeps her
    from starting at `now_ms`, in the order in which a start would meet it; empty from the start on.
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
    head: str
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


class Echo(Message, frozen=True, tag="echo"):
    """Returns a beat: the client's clock as sent, the server's at receipt and at sending."""

    t0_ms: Int
    t1_ms: Int
    t2_ms: Int


class Ack(Message, frozen=True, tag="ack"):
    """Every operation up to number `n` that was sent on this connection and not refused is durable.

    `seq` is the log's last sequence number in that commit, `committed_at_ms` the server's clock at the commit.
    """

    n: Int
    seq: Int
    committed_at_ms: Int


class RefusedOp(Message, frozen=True, tag="refused"):
    """An operation was not accepted, and changed nothing. `n` is nil for a message in which no number could be read,
    and where the connection as a whole is refused."""

    n: Int | None
    code: str
    detail: str
    retry: str


class StatePush(Message, frozen=True, tag="state"):
    """The attempt's status, clocks or sections have changed."""

    now_ms: Int
    state: AttemptState


class Goodbye(Message, frozen=True, tag="goodbye"):
    """The server closes this connection next. Come back after `after_ms`; nil: as the code says."""

    code: Int
    detail: str
    after_ms: Int | None


# ── from an instructor ─────────────────────────────────────────────────────────────────────────────────────────


class MonitorHello(AnyHello, frozen=True, tag="hello"):
    """The first message of an instructor's connection, within 5 s. `client` names the program and its version. The rest
    is as in a candidate's."""

    protocol: Int
    token: Token
    client: Id
    oldest_protocol: Int
    capabilities: Capabilities


class PauseAttempt(FromClient, frozen=True, tag="pause"):
    """Stop the clock of one attempt. `command_id` is chosen by the client: a repeated one is executed once."""

    command_id: Id
    attempt_id: Id
    reason: Text


class ResumeAttempt(FromClient, frozen=True, tag="resume"):
    """Let the clock of a paused attempt run again."""

    command_id: Id
    attempt_id: Id
    reason: Text


class ExtendAttempt(FromClient, frozen=True, tag="extend"):
    """Move the deadline of one attempt by `add_ms`."""

    command_id: Id
    attempt_id: Id
    add_ms: Annotated[int, Meta(ge=1, le=limits.MAX_EXTENSION_MS)]
    reason: Text


class MessageAttempt(FromClient, frozen=True, tag="message"):
    """Send a message to one candidate. The row shows how far it has come: queued, delivered, seen."""

    command_id: Id
    attempt_id: Id
    text: Annotated[str, Meta(min_length=1, max_length=limits.MAX_TEXT_CHARS)]


class EndAttempt(FromClient, frozen=True, tag="end"):
    """Collect the paper: the deadline is now, and the attempt expires after the grace. A reason is required."""

    command_id: Id
    attempt_id: Id
    reason: Text


class CancelAttempt(FromClient, frozen=True, tag="cancel"):
    """Make one attempt void. `counts`: it still is one of those that the candidate may have. A reason is required."""

    command_id: Id
    attempt_id: Id
    counts: bool
    reason: Text


class ReinstateAttempt(FromClient, frozen=True, tag="reinstate"):
    """Make a cancelled attempt, or one whose candidate was absent, what it was before. Its clocks have the time that
    was left; `on_return`: they stand until she is there. A reason is required."""

    command_id: Id
    attempt_id: Id
    on_return: bool
    reason: Text


class AdmitAttempt(FromClient, frozen=True, tag="admit"):
    """Let a candidate in, in a test with a waiting room: until then she can't start."""

    command_id: Id
    attempt_id: Id
    reason: Text


class ReopenAttempt(FromClient, frozen=True, tag="reopen"):
    """Let a candidate go on after the end, with `left_ms` on the clock. A reason is required."""

    command_id: Id
    attempt_id: Id
    left_ms: Annotated[int, Meta(ge=1_000, le=limits.MAX_EXTENSION_MS)]
    reason: Text


class AllowDevice(FromClient, frozen=True, tag="allow_device"):
    """Let one new device have an attempt whose link another device has bound. A reason is required."""

    command_id: Id
    attempt_id: Id
    reason: Text


class AcknowledgeHand(FromClient, frozen=True, tag="acknowledge_hand"):
    """Tell a candidate whose hand is up that she has been seen. The hand stays up until she lowers it."""

    command_id: Id
    attempt_id: Id
    reason: Text


class AccommodateAttempt(FromClient, frozen=True, tag="accommodate"):
    """Grant one candidate `extra_time_ms` on top of the test's duration, at this test, instead of what she had; nil:
    put in force what she and her groups are granted. It counts before the start and after it. What would take time from
    a running clock is refused unless it `may_shorten`."""

    command_id: Id
    attempt_id: Id
    extra_time_ms: Annotated[int, Meta(ge=0, le=limits.MAX_EXTENSION_MS)] | None
    reason: Text
    may_shorten: bool


class ApplyRules(FromClient, frozen=True, tag="apply_rules"):
    """Put the rules of the test's newest version in force for an attempt that has started. Its questions stay."""

    command_id: Id
    attempt_id: Id
    reason: Text


# ── to an instructor ───────────────────────────────────────────────────────────────────────────────────────────


class Row(msgspec.Struct, frozen=True):
    """One attempt as the monitor shows it. Of two rows the one with the greater (`seq`, `tick`) is newer.

    `connection` is online, offline, or unknown (its node has fallen silent). `message` tells how far the newest staff
    message has come: queued, delivered, seen, or nil. `total` is 0 until the start, which decides on the paper. `tick`
    counts what changes without a record. `lost_records` is 0 unless the database is older than what a device of this
    candidate was told: by how many records. `link` is nil where the test's links open on any device; else unused, bound
    (to a device), or released (the next new device binds it). `deadline_ms` and `left_ms` are the test's clock. `hand`
    is raised, acknowledged, or nil. `section_id` is the open section, where sections are sat one after the other.
    `admission` is waiting or admitted before the start of a test with a waiting room; else nil. `counts` says of a
    cancelled attempt whether it is one of those that the candidate may have; else nil.
    """

    attempt_id: str
    seq: Int
    tick: Int
    user_id: str
    name: str
    attempt_number: Int
    status: str
    connection: str
    question_index: Int
    answered: Int
    flagged: Int
    total: Int
    started_at_ms: Int | None
    deadline_ms: Int | None
    left_ms: Int | None
    ended_at_ms: Int | None
    last_seen_ms: Int | None
    message: str | None
    score_mpt: Int | None
    max_mpt: Int | None
    awaiting_marks: Int
    lost_records: Int
    link: str | None
    hand: str | None = None
    section_id: str | None = None
    branch_id: str | None = None
    admission: str | None = None
    counts: bool | None = None


class MonitorWelcome(Message, frozen=True, tag="monitor_welcome"):
    """The answer to the `hello` of staff. `roster` messages follow. `protocol` and `capabilities` are as in a
    candidate's `welcome`. `acts` are what this role may do: what a page does not find there it does not offer. The
    names of commands are among them."""

    protocol: Int
    test_id: str
    title: str
    now_ms: Int
    heartbeat_ms: Int
    first_beat_ms: Int
    backoff_base_ms: Int
    backoff_cap_ms: Int
    capabilities: list[str]
    acts: list[str]


class Roster(Message, frozen=True, tag="roster"):
    """A complete picture in `parts` messages, numbered from 0. Rows that no part names have gone."""

    part: Int
    parts: Int
    rows: list[Row]


class Rows(Message, frozen=True, tag="rows"):
    """Rows that have changed: at most one per attempt, the newest."""

    now_ms: Int
    rows: list[Row]


class CommandDone(Message, frozen=True, tag="done"):
    """A staff command is durable as record `seq` of the attempt. A repeated command was durable before."""

    command_id: str
    attempt_id: str
    seq: Int


class CommandRefused(Message, frozen=True, tag="command_refused"):
    """A staff command was not accepted and changed nothing."""

    command_id: str
    attempt_id: str
    code: str
    detail: str
    retry: str


Operation = Start | Answer | Flag | Progress | Enter | Receipt | RaiseHand | Submit
"""What a candidate asks for, numbered."""
StaffCommand = (
    PauseAttempt
    | ResumeAttempt
    | ExtendAttempt
    | MessageAttempt
    | EndAttempt
    | CancelAttempt
    | ReinstateAttempt
    | AdmitAttempt
    | ReopenAttempt
    | AllowDevice
    | AcknowledgeHand
    | AccommodateAttempt
    | ApplyRules
)
"""What an instructor asks for, named by a command id."""

FromCandidate = Hello | Beat | Renew | Operation
ToCandidate = (
    Welcome
    | Echo
    | Ack
    | RefusedOp
    | StatePush
    | Offer
    | TimeWarning
    | StaffMessage
    | TokenExpiring
    | Renewed
    | Goodbye
)
FromInstructor = MonitorHello | Beat | Renew | StaffCommand
ToInstructor = (
    MonitorWelcome | Echo | Roster | Rows | CommandDone | CommandRefused | RefusedOp | TokenExpiring | Renewed | Goodbye
)
