"""The conversation with staff, beside their commands: a room's rows, and what has become of a command."""

import msgspec

from protocol.messages.base import AnyHello, Capabilities, Id, Int, Message, Token
from protocol.messages.page_settings import PageSettings


class MonitorHello(AnyHello, frozen=True, tag="hello"):
    """The first message of an instructor's connection, within 5 s. `client` names the program and its version. The rest
    is as in a candidate's."""

    protocol: Int
    token: Token
    client: Id
    oldest_protocol: Int
    capabilities: Capabilities


class RowAccommodation(msgspec.Struct, frozen=True):
    """What the candidate of a row is granted in place of the rules of the test or beyond them. Her extra time is
    `extra_time_ms` or `extra_time_permille` of the duration, whichever is more; `unlimited_time`: she has no limit.
    `opens_at_ms` and `closes_at_ms` are a window of her own, nil: the test's; `never_closes`: hers has no end.
    `pause_budget_ms` is for how long lost connections stop her clock, nil: as the test says. She is `exempt` from these
    signals. `page` is how her page looks to begin with, nil: as she has set it."""

    extra_time_ms: Int
    extra_time_permille: Int
    unlimited_time: bool
    opens_at_ms: Int | None
    closes_at_ms: Int | None
    never_closes: bool
    pause_budget_ms: Int | None
    extra_attempts: Int
    exempt: list[str] | None = None
    page: PageSettings | None = None


class FormalWarning(msgspec.Struct, frozen=True):
    """A formal warning that a candidate was given: when, what for, and in which role. `seen`: she has dismissed it."""

    at_ms: Int
    reason: str
    seen: bool
    role: str | None = None


class RowSignal(msgspec.Struct, frozen=True):
    """What was noticed of a candidate: `signal`, `count` times, the last time at `at_ms`; `size` is what the sizes of
    these times add up to. Staff were alerted because of it `alerts` times, the last time at `alerted_at_ms`."""

    signal: str
    count: Int
    size: Int
    at_ms: Int
    alerts: Int
    alerted_at_ms: Int | None


class RowAct(msgspec.Struct, frozen=True):
    """What one of the staff did: the kind of the record, when, and the milliseconds that it gave, if it gave some."""

    kind: str
    at_ms: Int
    ms: Int | None


class RowConsent(msgspec.Struct, frozen=True):
    """At `at_ms` she said of pictures from `source` (camera or screen) that she agrees, declined, or that her device is
    unable to give them (`says`)."""

    source: str
    says: str
    at_ms: Int


class Row(msgspec.Struct, frozen=True):
    """One attempt as the monitor shows it. Of two rows the one with the greater (`seq`, `tick`) is newer.

    `connection` is online, offline, or unknown (its node has fallen silent). `message` tells how far the newest staff
    message has come: queued, delivered, seen, or nil. `total` is 0 until the start, which decides on the paper. `tick`
    counts what changes without a record. `lost_records` is 0 unless the database is older than what a device of this
    candidate was told: by how many records. `link` is nil where the test's links open on any device; else unused, bound
    (to a device), or released (the next new device binds it). `deadline_ms` and `left_ms` are the test's clock. `hand`
    is raised, acknowledged, or nil. `section_id` is the open section, where sections are sat one after the other.
    `admission` is waiting or admitted before the start of a test with a waiting room; else nil. `counts` says of a
    cancelled attempt whether it is one of those that the candidate may have; else nil. `forgotten_since_ms`: since when
    a pause has gone on that nobody has ended although the test is over; nil: none has. `accommodation` is nil
    where nothing is granted. `pause_used_ms`: for how long lost connections have stopped her clock; nil: not at all.
    `over_since_ms`: since when the time of a soft limit is over; nil: none is. `warnings` are the formal ones, oldest
    first; nil: there is none. `pause` says why the clock of a paused attempt stands: staff (until they resume it),
    connection (it was lost), return (staff have opened the attempt again), integrity (for what was noticed, until staff
    resume it); those for the connection and the return end when the candidate is back.
    `last_seen_ms` is when a node last heard of her, with every beat; nil: no node remembers. `heard_ms` is the last
    sign of her that the log has: she may have been there for longer. `worked_ms`: when she last did something herself.
    `ended_by_staff`: staff have collected the paper before its time was up; nil: they have not. `act` is what staff did
    last to the attempt, nil: nothing. It is in force at once; her page has heard of it once she was heard of after it.
    `late` is how many answers came after the end and wait for staff to decide; nil: none. `signals` are what was
    noticed; nil: nothing. `consents` are what she has said of pictures from her camera or of her screen; nil:
    nothing.
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
    forgotten_since_ms: Int | None = None
    accommodation: RowAccommodation | None = None
    pause_used_ms: Int | None = None
    over_since_ms: Int | None = None
    warnings: list[FormalWarning] | None = None
    pause: str | None = None
    worked_ms: Int | None = None
    heard_ms: Int | None = None
    ended_by_staff: bool | None = None
    act: RowAct | None = None
    late: Int | None = None
    signals: list[RowSignal] | None = None
    consents: list[RowConsent] | None = None


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


class BulkProgress(Message, frozen=True, tag="bulk"):
    """How far an act on many attempts has come, whoever gave it. Of `total` attempts `done` have been served, and
    `refused` could not be; `ended`: none waits any more. `GET /bulk/{bulk_id}` says what has become of each."""

    bulk_id: str
    command: str
    by: str
    role: str
    total: Int
    done: Int
    refused: Int
    ended: bool


class CommandRefused(Message, frozen=True, tag="command_refused"):
    """A staff command was not accepted and changed nothing."""

    command_id: str
    attempt_id: str
    code: str
    detail: str
    retry: str
