"""Bodies of the REST API, JSON. The names, units and rules are those of the socket's messages."""

from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from protocol import limits
from protocol.codec import tag_of
from protocol.content import Weight
from protocol.messages import (
    NO_NUL,
    AccessCode,
    AttemptState,
    Hindrance,
    Id,
    Int,
    Number,
    Offer,
    Operation,
    Part,
    Row,
    SavedAnswer,
    StaffMessage,
    Text,
    TimeWarning,
    Value,
)
from protocol.operations import OPERATIONS

DEVICE_HEADER: Final = "Pencilsdown-Device"
"""The header by which a candidate's call over REST says which device it comes from, where her test binds its links."""


class Body(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Base of every body.

    In what a candidate asks for, `connection_id` is the one that `resume` gave her. It is nil for a service that acts
    on her behalf; a candidate's call without it is refused.
    """


class Problem(Body, frozen=True, kw_only=True):
    """A refusal as problem details (RFC 9457). `type` is `urn:pencilsdown:refusal:<code>`."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    retry: str


class TestStored(Body, frozen=True, kw_only=True):
    """A test was stored; attempts that start from now on use this version. The same content is the same version."""

    __test__ = False

    test_id: str
    version: Int


class TestSummary(Body, frozen=True, kw_only=True):
    """What staff see of a test in a list."""

    __test__ = False

    test_id: str
    version: Int
    title: str
    question_total: Int
    created_at_ms: Int


class TestList(Body, frozen=True, kw_only=True):
    """The tests of the organisation, newest version each."""

    __test__ = False

    tests: list[TestSummary]


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


class AdmissionReply(Body, frozen=True, kw_only=True):
    """Whether a candidate may begin now, and every reason against it, in the order in which she would meet them.

    `attempt_id` is her open attempt; nil: she has none. `opens_at_ms`, `closes_at_ms` and `duration_ms` are her own:
    what she was granted is in them. `ends_at_ms` is when the attempt ends, or would if she began as soon as the clock
    lets her, with the end of the window taken into account; nil: no limit, or too late. `forms` are those that she may
    choose from when she makes an attempt; empty where she has no choice.
    """

    test_id: str
    user_id: str
    attempt_id: str | None
    may_start: bool
    hindrances: list[Hindrance]
    opens_at_ms: Int | None
    closes_at_ms: Int | None
    duration_ms: Int | None
    ends_at_ms: Int | None
    forms: list[str]
    now_ms: Int


class StartBody(Body, frozen=True, kw_only=True):
    """Start the attempt; starting a started attempt again changes nothing. `access_code` is what the candidate typed,
    where the test asks for a code."""

    connection_id: Id | None = None
    access_code: AccessCode | None = None
    client_at_ms: Int = 0


class NumberedAnswer(Body, frozen=True, kw_only=True):
    """One answer, as the socket's `answer`."""

    n: Number
    question_id: Id
    value: Value
    position: Int | None = None
    client_at_ms: Int


class AnswersBody(Body, frozen=True, kw_only=True):
    """Up to 64 answers, in the order of their numbers. Each is read and judged by itself."""

    connection_id: Id | None = None
    answers: Annotated[list[NumberedAnswer], Meta(min_length=1, max_length=limits.MAX_REST_OPERATIONS)]


def _body_of(operation: type[Operation]) -> type[Body]:
    fields = [(field.name, field.type) for field in msgspec.structs.fields(operation)]
    body = msgspec.defstruct(
        f"{operation.__name__}Body",
        [("connection_id", Id | None, None), *fields],
        bases=(Body,),
        module=__name__,
        namespace={"__doc__": f"As the socket's `{tag_of(operation)}`."},
        frozen=True,
        kw_only=True,
    )
    assert issubclass(body, Body)
    return body


OPERATION_BODIES: Final[dict[type[Operation], type[Body]]] = {
    operation: _body_of(operation) for operation, handling in OPERATIONS.items() if handling.path is not None
}
"""Operation → the body of its call, for those that have an address of their own in `operations.py`: what the message
holds, and the connection."""


class CompleteBody(Body, frozen=True, kw_only=True):
    """Hand in. A repetition gets the same reply."""

    connection_id: Id | None = None
    n: Number | None = None
    client_at_ms: Int = 0


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


class OperationRefused(Body, frozen=True, kw_only=True):
    """Why one operation of a call was not accepted; it touches none of the others.

    `index` is its place in the call, from 0; `n` is nil where no number could be read in it.
    """

    index: Int
    n: Int | None
    code: str
    detail: str
    retry: str


class OperationsReply(Body, frozen=True, kw_only=True):
    """Each operation of the call is durable (`acked`) or refused. `state` is the attempt's after the call."""

    acked: list[Int]
    refused: list[OperationRefused]
    seq: Int
    committed_at_ms: Int
    state: AttemptState


class StateReply(Body, frozen=True, kw_only=True):
    """The attempt's state, and the server's clock."""

    attempt_id: str
    now_ms: Int
    state: AttemptState


class ResumeBody(Body, frozen=True, kw_only=True):
    """A candidate comes back, or staff let a paused attempt run again.

    A candidate gives `client`, `device`, `connect_n`, `takeover` and `seen_seq`, as in the socket's `hello`; staff give
    `command_id` and `reason`.
    """

    client: Id = "rest"
    device: Id | None = None
    connect_n: Number | None = None
    takeover: bool = False
    seen_seq: Int | None = None
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
    head: str
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


class ReasonBody(Body, frozen=True, kw_only=True):
    """A staff command. Repeated with the same `command_id`, it is executed once; nil: the server makes one."""

    command_id: Id | None = None
    reason: Text = ""


class RevocationBody(Body, frozen=True, kw_only=True):
    """Withdraw tokens of the organisation: one by its `jti`, or all that a user (`sub`) was given up to now. Name one
    of the two."""

    token_id: Id | None = None
    user_id: Id | None = None
    reason: Annotated[str, Meta(max_length=limits.MAX_TEXT_CHARS, pattern=NO_NUL)]


class RevocationReply(Body, frozen=True, kw_only=True):
    """The tokens are refused from `revoked_at_ms` on. Connections that were opened with them end."""

    revocation_id: str
    revoked_at_ms: Int


Ids = Annotated[list[Id], Meta(min_length=1, max_length=limits.MAX_SCOPE_IDS)]
"""What a token is limited to."""


class TokenBody(Body, frozen=True, kw_only=True):
    """A token for `user_id`. Staff are limited by `branches`, `tests` and `groups`; nil: as whoever gives it. A
    candidate may be given one for an attempt of hers, and has one branch at most. `lifetime_ms` nil: 12 hours. A token
    of staff never ends later than that of whoever gives it."""

    role: str
    user_id: Id
    name: Annotated[str, Meta(max_length=limits.MAX_NAME_CHARS)] | None = None
    attempt_id: Id | None = None
    branches: Ids | None = None
    tests: Ids | None = None
    groups: Ids | None = None
    lifetime_ms: Annotated[int, Meta(ge=60_000, le=limits.MAX_TOKEN_LIFE_MS)] | None = None


class TokenReply(Body, frozen=True, kw_only=True):
    """The token, the id by which it can be withdrawn, and what it is limited to."""

    token: str
    token_id: str
    role: str
    user_id: str
    attempt_id: str | None
    branches: list[str] | None
    tests: list[str] | None
    groups: list[str] | None
    expires_at_ms: Int


class ResultTokenBody(Body, frozen=True, kw_only=True):
    """For how long the token is to be good; nil: for 30 days."""

    lifetime_ms: Annotated[int, Meta(ge=60_000, le=limits.MAX_TOKEN_LIFE_MS)] | None = None


class ResultTokenReply(Body, frozen=True, kw_only=True):
    """A token that shows the result of this attempt as its candidate may see it, and nothing else."""

    attempt_id: str
    token: str
    expires_at_ms: Int


class CancelBody(Body, frozen=True, kw_only=True):
    """Make the attempt void. `counts`: it still is one of those that the candidate may have."""

    command_id: Id | None = None
    counts: bool = False
    reason: Text = ""


class ReinstateBody(Body, frozen=True, kw_only=True):
    """Make a cancelled attempt, or one whose candidate was absent, what it was before. `on_return`: its clocks stand
    until she is there."""

    command_id: Id | None = None
    on_return: bool = False
    reason: Text = ""


class ExtendBody(Body, frozen=True, kw_only=True):
    """Move the deadline."""

    command_id: Id | None = None
    add_ms: Annotated[int, Meta(ge=1, le=limits.MAX_EXTENSION_MS)]
    reason: Text = ""


class AccommodateBody(Body, frozen=True, kw_only=True):
    """What a candidate is granted on top of the test's duration, at this test, instead of what she had; nil: what she
    and her groups are granted is put in force. A running clock loses time only if it `may_shorten`."""

    command_id: Id | None = None
    extra_time_ms: Annotated[int, Meta(ge=0, le=limits.MAX_EXTENSION_MS)] | None = None
    reason: Text = ""
    may_shorten: bool = False


class MessageBody(Body, frozen=True, kw_only=True):
    """Send the candidate a message."""

    command_id: Id | None = None
    text: Annotated[str, Meta(min_length=1, max_length=limits.MAX_TEXT_CHARS)]


class ReopenBody(Body, frozen=True, kw_only=True):
    """Let the candidate go on after the end."""

    command_id: Id | None = None
    left_ms: Annotated[int, Meta(ge=1_000, le=limits.MAX_EXTENSION_MS)]
    reason: Text


class CommandReply(Body, frozen=True, kw_only=True):
    """A staff command is durable as record `seq`."""

    command_id: str
    seq: Int
    state: AttemptState


class AnswersReply(Body, frozen=True, kw_only=True):
    """Every answer the log holds, the last one of each question."""

    attempt_id: str
    seq: Int
    answers: list[SavedAnswer]


class MarkBody(Body, frozen=True, kw_only=True):
    """A person's mark for one question: points in thousandths, and a remark for the candidate. To correct a mark after
    the marks are complete takes a `reason`, which the candidate does not see."""

    command_id: Id | None = None
    score_mpt: Int
    remark: Text = ""
    reason: Text = ""


class Mark(Body, frozen=True, kw_only=True):
    """The mark of one question. `score_mpt` is nil while it waits for a person; it may lie below zero.
    `feedback` is the author's, where her test shows it to candidates."""

    question_id: str
    score_mpt: Weight | None
    max_mpt: Int
    marked_by: str | None
    remark: str
    feedback: str | None = None


class Result(Body, frozen=True, kw_only=True):
    """The marks of an ended attempt. `complete` is false while a person has still to mark something; a candidate gets
    none before that, and never learns who marked. `marks_from_ms`: `marks` is empty because others sit the test, or may
    still start it; ask again then. Nil: all of them are here.

    Marks that change make the next `version`; none is ever overwritten. `key_version` is the version of the test by
    whose keys it was marked. `reason` and `changed_by` say for what and by whom marks were changed. `grade` is nil
    where the test has none for this score.
    """

    attempt_id: str
    test_id: str
    test_version: Int
    user_id: str
    status: str
    reference: str | None
    complete: bool
    score_mpt: Int
    max_mpt: Int
    awaiting_marks: Int
    marks: list[Mark]
    marks_from_ms: Int | None = None
    version: Int = 1
    key_version: Int | None = None
    reason: str = ""
    changed_by: str | None = None
    grade: str | None = None


class AttemptList(Body, frozen=True, kw_only=True):
    """Attempts of one test, in the order of their ids; `next` continues the list."""

    attempts: list[Row]
    next: str | None


class EssayAnswer(Body, frozen=True, kw_only=True):
    """An answer that a person has to mark, with what the marker needs."""

    question_id: str
    prompt: str
    guidance: str | None
    value: str
    score_mpt: Int | None
    max_mpt: Int
    remark: str


class EssayList(Body, frozen=True, kw_only=True):
    """The answers of one attempt that a person has to mark."""

    attempt_id: str
    essays: list[EssayAnswer]


class LogEntry(Body, frozen=True, kw_only=True):
    """One record of an attempt's log. `header` and `body` hold its bytes in base64, `digest` and `hash` are
    hexadecimal. `by` and `fact` are what the body says; empty where it can't be read. `at_ms` is when the record was
    received, `written_at_ms` when its transaction began."""

    seq: Int
    at_ms: Int
    written_at_ms: Int
    role: str
    by: str
    kind: str
    fact: dict[str, Any]
    header: str
    digest: str
    body: str
    hash: str


class LogPage(Body, frozen=True, kw_only=True):
    """Records of one attempt, in order; `next` is the `after` that continues the list, nil at its end. `key` is the
    attempt's, in hexadecimal: the digests of bodies are made with it."""

    attempt_id: str
    key: str
    entries: list[LogEntry]
    next: Int | None


class AuditEntry(Body, frozen=True, kw_only=True):
    """One entry of an organisation's audit log: `by` did what `entry` says, in this `role`. `subject` is the person
    whom it is about. `header` and `body` hold its bytes in base64, `key`, `digest` and `hash` are hexadecimal. Of what
    was erased `by`, `entry`, `body`, `key` and `subject` are empty."""

    seq: Int
    at_ms: Int
    role: str
    by: str
    kind: str
    subject: str | None
    entry: dict[str, Any]
    header: str
    digest: str
    key: str
    body: str
    hash: str


class AuditPage(Body, frozen=True, kw_only=True):
    """Entries of the caller's organisation, in order; `next` is the `after` that continues the list, nil at its end."""

    org_id: str
    entries: list[AuditEntry]
    next: Int | None


class ErasureReply(Body, frozen=True, kw_only=True):
    """Everything personal is gone. `attempts`: how many the person had; 0: nothing was there (any more)."""

    attempts: Int


class ExportedRecord(Body, frozen=True, kw_only=True):
    """One record of a log: when it was received, who acted, and what happened."""

    seq: Int
    at_ms: Int
    kind: str
    role: str
    by: str
    fact: dict[str, Any]


class ExportedAttempt(Body, frozen=True, kw_only=True):
    """All that is kept of one attempt; `test_version` is nil where it was never started. Messages of staff, addresses
    and browsers are also in the records."""

    attempt_id: str
    test_id: str
    test_version: Int | None
    form_id: str | None
    branch_id: str | None
    attempt_number: Int
    display_name: str
    status: str
    started_at_ms: Int | None
    ended_at_ms: Int | None
    ip_address: str | None
    user_agent: str | None
    answers: list[SavedAnswer]
    result: Result | None
    log: list[ExportedRecord]


class ExportedRevocation(Body, frozen=True, kw_only=True):
    """A withdrawal of all tokens that the person had."""

    revoked_at_ms: Int
    revoked_by: str
    reason: str


class ExportedEnrolment(Body, frozen=True, kw_only=True):
    """What the person herself is enrolled for: a test or a course (`to_kind`)."""

    to_kind: str
    to_id: str
    form_id: str | None
    has_access_code: bool


class ExportedOverride(Body, frozen=True, kw_only=True):
    """What the person herself is granted, at one test or (`test_id` nil) at every test."""

    test_id: str | None
    override: dict[str, Any]
    changed_at_ms: Int
    reason: str


class ExportedPerson(Body, frozen=True, kw_only=True):
    """What the organisation has said of the person. The name is empty where it has said none."""

    name: str
    email: str | None
    branch_id: str | None
    groups: list[str]
    enrolments: list[ExportedEnrolment]
    overrides: list[ExportedOverride]


class PersonExport(Body, frozen=True, kw_only=True):
    """Everything that is kept of a person."""

    org_id: str
    user_id: str
    exported_at_ms: Int
    person: ExportedPerson
    attempts: list[ExportedAttempt]
    revocations: list[ExportedRevocation]


class Readiness(Body, frozen=True, kw_only=True):
    """Whether this node can serve, and what is missing."""

    ready: bool
    missing: list[str]
    version: str
