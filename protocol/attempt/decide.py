"""Decides on commands: returns the records that a command brings about, or a refusal. It changes nothing.

An empty tuple means that the command was carried out before (a repetition): it is answered as if it had just been
carried out. The caller journals the records before it tells anybody. A `Wake` that is due is run before anything else.
"""

from typing import Final

from protocol import limits
from protocol.answering import PaperIndex, check_answer
from protocol.attempt.chain import seal, seed
from protocol.attempt.commands import (
    AnyCommand,
    Assess,
    Begin,
    Connect,
    Create,
    Disconnect,
    HandIn,
    MarkByHand,
    Operate,
    Steer,
    Wake,
)
from protocol.attempt.deadlines import budget_end, due_warning
from protocol.attempt.digests import Numbered, accepted, command_digest, digest, digest_at
from protocol.attempt.evolve import evolve
from protocol.attempt.facts import (
    Answered,
    AnyFact,
    Assessed,
    Cancelled,
    Collected,
    Completed,
    Connected,
    Created,
    DeviceAllowed,
    Disconnected,
    Expired,
    Extended,
    Flagged,
    HandMarked,
    Messaged,
    Moved,
    Paused,
    Receipted,
    Record,
    Reopened,
    Resumed,
    Started,
    Submitted,
    Warned,
    tag_of,
)
from protocol.attempt.model import Actor, Attempt, Status
from protocol.attempt.rights import may_command
from protocol.attempt.transitions import ENDED, allowed
from protocol.codes import Code
from protocol.errors import Refusal, refuse
from protocol.messages import (
    AllowDevice,
    Answer,
    CancelAttempt,
    EndAttempt,
    ExtendAttempt,
    Flag,
    MessageAttempt,
    PauseAttempt,
    Progress,
    Receipt,
    ReopenAttempt,
    ResumeAttempt,
    StaffCommand,
    Start,
    Submit,
)

Decision = tuple[Record, ...] | Refusal
_ALREADY: Final[tuple[Record, ...]] = ()
_FULL: Final = (
    "This attempt has had as many commands as it can keep; only resume, end and cancel are still carried out."
)


def create(command: Create, now_ms: int) -> tuple[Record]:
    """The first record of a log. Whether the candidate may have another attempt was decided before."""
    identity = command.identity
    fact = Created(identity, command.terms)
    return (seal(seed(identity.attempt_id), 1, now_ms, command.by, fact),)


def decide(attempt: Attempt, command: AnyCommand, now_ms: int, paper: PaperIndex) -> Decision:
    """The records that `command` brings about at `now_ms`, or why not."""
    if not may_command(command):
        return refuse(Code.FORBIDDEN)
    match command:
        case Operate():
            return _operate(attempt, command, now_ms, paper)
        case Begin():
            return _begin(attempt, command, now_ms)
        case HandIn():
            return _hand_in(attempt, command, now_ms)
        case Connect():
            return _connect(attempt, command, now_ms)
        case Disconnect():
            return _disconnect(attempt, command, now_ms)
        case Steer():
            return _steer(attempt, command, now_ms)
        case Wake():
            return _wake(attempt, command, now_ms)
        case MarkByHand():
            return _mark_by_hand(attempt, command, now_ms, paper)
        case Assess():
            return _assess(attempt, command, now_ms)


def _next(attempt: Attempt, by: Actor, now_ms: int, fact: AnyFact) -> Record:
    assert allowed(attempt.status, tag_of(fact)) is not None, f"no {tag_of(fact)} from {attempt.status}"
    return seal(attempt.head, attempt.seq + 1, now_ms, by, fact)


def _one(attempt: Attempt, by: Actor, now_ms: int, fact: AnyFact) -> tuple[Record]:
    return (_next(attempt, by, now_ms, fact),)


def _several(attempt: Attempt, by: Actor, now_ms: int, *facts: AnyFact) -> tuple[Record, ...]:
    records: list[Record] = []
    for fact in facts:
        record = _next(attempt, by, now_ms, fact)
        attempt = evolve(attempt, record)
        records.append(record)
    return tuple(records)


def is_late(attempt: Attempt, now_ms: int) -> bool:
    """Half-open: a fact received at exactly `closes_at_ms` is late."""
    closes_at_ms = attempt.closes_at_ms
    return closes_at_ms is not None and now_ms >= closes_at_ms


# ── the candidate ──────────────────────────────────────────────────────────────────────────────────────────────


def _operate(attempt: Attempt, command: Operate, now_ms: int, paper: PaperIndex) -> Decision:
    if _is_replaced(attempt, command.connection_id):
        return refuse(Code.SUPERSEDED)
    operation = command.operation
    fact = _fact_of(operation, paper)
    if isinstance(fact, Refusal):
        return fact
    n = operation.n
    if n <= attempt.last_n:
        return _repeated(attempt, n, fact)
    if isinstance(operation, Submit) and attempt.status in ENDED:
        return _ALREADY
    refusal = _not_now(attempt, operation, now_ms) or _too_many(attempt, operation) or _misfit(operation, paper)
    if refusal is not None:
        return refusal
    if isinstance(operation, Receipt) and not any(told.message_id == operation.message_id for told in attempt.told):
        return refuse(Code.UNKNOWN_MESSAGE_ID)
    return _one(attempt, command.by, now_ms, fact)


def _fact_of(operation: Start | Answer | Flag | Progress | Receipt | Submit, paper: PaperIndex) -> Numbered | Refusal:
    match operation:
        case Answer(n, question_id, value, position, client_at_ms):
            if question_id not in paper:
                return refuse(Code.UNKNOWN_QUESTION)
            return Answered(n, question_id, value, position, client_at_ms)
        case Progress(n, question_index, client_at_ms):
            return Moved(n, question_index, client_at_ms)
        case Flag(n, question_id, flagged, client_at_ms):
            return Flagged(n, question_id, flagged, client_at_ms)
        case Receipt(n, message_id, seen, client_at_ms):
            return Receipted(n, message_id, seen, client_at_ms)
        case Start(n, client_at_ms):
            return Started(n, client_at_ms)
        case Submit(n, client_at_ms):
            return Submitted(n, client_at_ms)


def _repeated(attempt: Attempt, n: int, fact: Numbered) -> Decision:
    known = digest_at(attempt.digests, n)
    if known is None:
        return refuse(Code.NUMBER_SKIPPED)
    return _ALREADY if known == digest(fact) else refuse(Code.NUMBER_REUSED)


def _too_many(attempt: Attempt, operation: Start | Answer | Flag | Progress | Receipt | Submit) -> Refusal | None:
    if accepted(attempt.digests) < limits.MAX_OPERATIONS or isinstance(operation, Submit):
        return None
    return refuse(Code.TOO_MANY_OPERATIONS)


def _not_now(
    attempt: Attempt, operation: Start | Answer | Flag | Progress | Receipt | Submit, now_ms: int
) -> Refusal | None:
    match operation:
        case Start():
            return _not_startable(attempt, now_ms)
        case Submit():
            return _not_writable(attempt, now_ms, grace=False)
        case Receipt():
            return None
        case _:
            return _not_writable(attempt, now_ms, grace=True)


def _misfit(operation: Start | Answer | Flag | Progress | Receipt | Submit, paper: PaperIndex) -> Refusal | None:
    match operation:
        case Answer():
            if operation.position is not None and operation.position >= len(paper):
                return refuse(Code.UNKNOWN_QUESTION)
            return check_answer(paper[operation.question_id][1], operation.value)
        case Flag() if operation.question_id not in paper:
            return refuse(Code.UNKNOWN_QUESTION)
        case Progress() if operation.question_index >= len(paper):
            return refuse(Code.UNKNOWN_QUESTION)
        case _:
            return None


def _not_startable(attempt: Attempt, now_ms: int) -> Refusal | None:
    if attempt.status is not Status.INITIATED:
        return ended(attempt) or refuse(Code.ALREADY_STARTED)
    terms = attempt.terms
    if terms.window_opens_at_ms is not None and now_ms < terms.window_opens_at_ms:
        return refuse(Code.NOT_OPEN_YET)
    if terms.window_closes_at_ms is not None and now_ms >= terms.window_closes_at_ms:
        return refuse(Code.WINDOW_CLOSED)
    return None


def ended(attempt: Attempt) -> Refusal | None:
    """What is refused once the attempt has ended, by how it ended; None before."""
    match attempt.ended_as:
        case Status.SUBMITTED:
            return refuse(Code.ALREADY_SUBMITTED)
        case Status.EXPIRED:
            return refuse(
                Code.DEADLINE_PASSED,
                None if attempt.end_reason is None else "The paper has been collected. What was saved before counts.",
            )
        case Status.CANCELLED:
            return refuse(Code.CANCELLED)
        case _:
            return None


def _not_writable(attempt: Attempt, now_ms: int, *, grace: bool) -> Refusal | None:
    """With `grace`, what was on the wire when staff stopped the clock still arrives."""
    match attempt.status:
        case Status.IN_PROGRESS:
            return refuse(Code.DEADLINE_PASSED) if is_late(attempt, now_ms) else None
        case Status.INITIATED:
            return refuse(Code.NOT_STARTED)
        case Status.PAUSED:
            pause = attempt.pause
            if grace and pause is not None and now_ms < pause.since_ms + attempt.terms.grace_ms:
                return None
            return refuse(Code.PAUSED)
        case _:
            return ended(attempt)


def _is_replaced(attempt: Attempt, connection_id: str | None) -> bool:
    """Whether another connection has replaced this one. After the end connecting is not recorded: then every connection
    may ask, and is told that it is too late. A service (nil) has no connection."""
    return connection_id not in (None, attempt.connection_id) and attempt.status not in ENDED


def _begin(attempt: Attempt, command: Begin, now_ms: int) -> Decision:
    if _is_replaced(attempt, command.connection_id):
        return refuse(Code.SUPERSEDED)
    if attempt.status in (Status.IN_PROGRESS, Status.PAUSED):
        return _ALREADY
    return _not_startable(attempt, now_ms) or _one(attempt, command.by, now_ms, Started(None, command.client_at_ms))


def _hand_in(attempt: Attempt, command: HandIn, now_ms: int) -> Decision:
    if attempt.status in ENDED:
        return _ALREADY
    if _is_replaced(attempt, command.connection_id):
        return refuse(Code.SUPERSEDED)
    refusal = _not_writable(attempt, now_ms, grace=False)
    return refusal or _one(attempt, command.by, now_ms, Submitted(None, command.client_at_ms))


# ── connections ────────────────────────────────────────────────────────────────────────────────────────────────


def _connect(attempt: Attempt, command: Connect, now_ms: int) -> Decision:
    if attempt.status in ENDED:
        # She only looks: nothing of that belongs into the record.
        return _barred(attempt, command.device) or _ALREADY
    refusal = _barred(attempt, command.device) or _not_connectable(attempt, command)
    if refusal is not None:
        return refusal
    connected = Connected(
        command.connection_id,
        command.client,
        command.device,
        command.connect_n,
        command.address,
        command.browser,
        command.node,
        command.seen_seq,
    )
    ended = () if command.gone is None else _facts_of_loss(attempt, command.gone, now_ms)
    stopped = next((fact for fact in ended if isinstance(fact, Paused)), None)
    if stopped is not None:
        # Nobody was there to let the clock run again when the budget was used up.
        budget_ms = attempt.terms.pause_budget_ms - attempt.pause_used_ms
        again_ms = min(now_ms, stopped.at_ms + budget_ms)
        reason = "connected again" if again_ms == now_ms else "pause budget used up"
        return _several(attempt, command.by, now_ms, *ended, Resumed(again_ms, None, reason), connected)
    if attempt.pause is not None and attempt.pause.connection_lost:
        return _several(attempt, command.by, now_ms, *ended, connected, Resumed(now_ms, None, "connected again"))
    return _several(attempt, command.by, now_ms, *ended, connected)


def _barred(attempt: Attempt, device: str) -> Refusal | None:
    """Why this device must stay away; None: it need not. With links that open once, the attempt belongs to the device
    that connected last, and only staff let another one come. The device's id is its key: it must not be guessable."""
    if not attempt.terms.link_opens_once or device == attempt.device:
        return None
    if attempt.device is not None and (attempt.status in ENDED or not attempt.device_allowed):
        return refuse(Code.LINK_USED)
    if len(device) < limits.MIN_DEVICE_KEY_CHARS:
        return refuse(
            Code.OUT_OF_RANGE,
            f"This test binds its links: the field device must have at least {limits.MIN_DEVICE_KEY_CHARS} characters, "
            "made of chance.",
        )
    return None


def _not_connectable(attempt: Attempt, command: Connect) -> Refusal | None:
    """Why this connect is refused; None: it is not. Another device gets the attempt only if a person asked for it, and
    an older connect of a device never replaces a newer one."""
    device = command.device
    if command.connect_n <= attempt.devices.get(device, 0):
        return refuse(Code.SUPERSEDED)
    if attempt.device in (None, device):
        return None
    is_held = attempt.connection_id not in (None, command.gone and command.gone.connection_id)
    if is_held and not attempt.terms.newest_connection_wins:
        return refuse(Code.CONNECTION_EXISTS)
    return None if command.takeover else refuse(Code.CONNECTION_EXISTS)


def _disconnect(attempt: Attempt, command: Disconnect, now_ms: int) -> Decision:
    return _several(attempt, command.by, now_ms, *_facts_of_loss(attempt, command, now_ms))


def _facts_of_loss(attempt: Attempt, command: Disconnect, now_ms: int) -> tuple[AnyFact, ...]:
    if attempt.connection_id != command.connection_id:
        return ()
    gone = Disconnected(command.connection_id, command.last_contact_ms)
    # A connection that had already fallen silent stops the clock from its last sign of life, but never from before
    # the clock last began to run: that time has been counted.
    since_ms = min(now_ms, max(command.last_contact_ms, attempt.running_since_ms or 0))
    stops = (
        attempt.terms.pause_on_disconnect
        and attempt.status is Status.IN_PROGRESS
        and attempt.pause_used_ms < attempt.terms.pause_budget_ms
        and (attempt.deadline_ms is None or since_ms < attempt.deadline_ms)
        and not is_late(attempt, now_ms)
        and not attempt.collected
    )
    if stops:
        return gone, Paused(since_ms, True, None, "connection lost")
    return (gone,)


# ── staff ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _steer(attempt: Attempt, command: Steer, now_ms: int) -> Decision:
    order = command.order
    if order.command_id in attempt.commands:
        return _repeated_command(attempt, order)
    # Whatever was done to an attempt before, it can be brought to an end, and a clock that stands can run again.
    exempt = isinstance(order, EndAttempt | CancelAttempt | ResumeAttempt)
    if len(attempt.commands) >= limits.MAX_STAFF_COMMANDS and not exempt:
        return refuse(Code.TOO_MANY_OPERATIONS, _FULL)
    facts = _facts_of_order(attempt, order, now_ms)
    return facts if isinstance(facts, Refusal) else _several(attempt, command.by, now_ms, *facts)


def _repeated_command(attempt: Attempt, command: StaffCommand | MarkByHand) -> Decision:
    known = attempt.commands[command.command_id]
    return _ALREADY if known == command_digest(command) else refuse(Code.COMMAND_REUSED)


def _facts_of_order(attempt: Attempt, order: StaffCommand, now_ms: int) -> tuple[AnyFact, ...] | Refusal:
    match order:
        case PauseAttempt(command_id, _, reason):
            return _pause(attempt, command_id, reason, now_ms)
        case ResumeAttempt(command_id, _, reason):
            if attempt.status is not Status.PAUSED:
                return refuse(Code.NOT_PAUSED)
            return (Resumed(now_ms, command_id, reason),)
        case ExtendAttempt(command_id, _, add_ms, reason):
            return _extend(attempt, command_id, add_ms, reason, now_ms)
        case MessageAttempt(command_id, _, text):
            if len(attempt.told) >= limits.MAX_MESSAGES:
                return refuse(
                    Code.TOO_MANY_OPERATIONS, "This candidate has had as many messages as the attempt can keep."
                )
            return _not_running(attempt, now_ms, initiated=True) or (Messaged(command_id, text),)
        case EndAttempt(command_id, _, reason):
            if not reason.strip():
                return refuse(Code.REASON_REQUIRED)
            return _collect(attempt, command_id, reason, now_ms)
        case CancelAttempt(command_id, _, reason):
            if not reason.strip():
                return refuse(Code.REASON_REQUIRED)
            return _not_running(attempt, now_ms, initiated=True) or (Cancelled(command_id, reason),)
        case ReopenAttempt(command_id, _, left_ms, reason):
            if not reason.strip():
                return refuse(Code.REASON_REQUIRED)
            if attempt.status is Status.CANCELLED:
                return refuse(Code.CANCELLED)
            if attempt.status not in ENDED:
                return refuse(Code.NOT_ENDED)
            return (Reopened(left_ms, command_id, reason),)
        case AllowDevice(command_id, _, reason):
            if not reason.strip():
                return refuse(Code.REASON_REQUIRED)
            if not attempt.terms.link_opens_once:
                return refuse(Code.LINK_OPEN)
            return _not_running(attempt, now_ms, initiated=True) or (DeviceAllowed(command_id, reason),)


def _not_running(attempt: Attempt, now_ms: int, *, initiated: bool = False) -> Refusal | None:
    if attempt.status is Status.INITIATED:
        return None if initiated else refuse(Code.NOT_STARTED)
    if attempt.status in ENDED:
        return ended(attempt)
    return refuse(Code.DEADLINE_PASSED) if is_late(attempt, now_ms) else None


def _collect(attempt: Attempt, command_id: str, reason: str, now_ms: int) -> tuple[AnyFact, ...] | Refusal:
    refusal = _not_running(attempt, now_ms) or _is_collected(attempt)
    if refusal is not None:
        return refusal
    # In the grace the page is locked already: the deadline stays the end.
    at_ms = now_ms if attempt.deadline_ms is None else min(now_ms, attempt.deadline_ms)
    collected = Collected(at_ms, command_id, reason)
    # A clock that stands must run for what the page still has to arrive in the grace.
    return (collected,) if attempt.pause is None else (Resumed(now_ms, None, "collected by staff"), collected)


def _is_collected(attempt: Attempt) -> Refusal | None:
    return refuse(Code.COLLECTED) if attempt.collected else None


def _pause(attempt: Attempt, command_id: str, reason: str, now_ms: int) -> tuple[AnyFact, ...] | Refusal:
    stop = Paused(now_ms, False, command_id, reason)
    if attempt.pause is not None:
        if not attempt.pause.connection_lost:
            return refuse(Code.PAUSED)
        # Staff take over a clock that stood for a lost connection: it must not run again just because she is back.
        return (Resumed(now_ms, None, "taken over by staff"), stop)
    refusal = _not_running(attempt, now_ms) or _is_collected(attempt)
    if refusal is None and attempt.deadline_ms is not None and now_ms >= attempt.deadline_ms:
        return refuse(Code.DEADLINE_PASSED)
    return refusal or (stop,)


def _extend(attempt: Attempt, command_id: str, add_ms: int, reason: str, now_ms: int) -> tuple[AnyFact, ...] | Refusal:
    refusal = _not_running(attempt, now_ms) or _is_collected(attempt)
    if refusal is not None:
        return refusal
    standing_ms = attempt.pause.left_ms if attempt.pause is not None else None
    if attempt.deadline_ms is None and standing_ms is None:
        return refuse(Code.NO_DEADLINE)
    return (Extended(add_ms, command_id, reason),)


# ── the system, and marking ────────────────────────────────────────────────────────────────────────────────────


def _wake(attempt: Attempt, command: Wake, now_ms: int) -> tuple[Record, ...]:
    records: list[Record] = []
    while (fact := _due(attempt, now_ms)) is not None:
        record = _next(attempt, command.by, now_ms, fact)
        attempt = evolve(attempt, record)
        records.append(record)
    return tuple(records)


def _due(attempt: Attempt, now_ms: int) -> AnyFact | None:
    if attempt.status is Status.PAUSED:
        ends_ms = budget_end(attempt.terms, attempt.pause, attempt.pause_used_ms)
        return Resumed(ends_ms, None, "pause budget used up") if ends_ms is not None and now_ms >= ends_ms else None
    if attempt.status is not Status.IN_PROGRESS or attempt.deadline_ms is None:
        return None
    if is_late(attempt, now_ms):
        return Expired(attempt.deadline_ms, (attempt.end_reason or "") if attempt.collected else "")
    left_ms = due_warning(attempt.terms, attempt.deadline_ms, attempt.warned, now_ms)
    return None if left_ms is None else Warned(left_ms, attempt.deadline_ms)


def _mark_by_hand(attempt: Attempt, command: MarkByHand, now_ms: int, paper: PaperIndex) -> Decision:
    if command.command_id in attempt.commands:
        return _repeated_command(attempt, command)
    if attempt.status is Status.COMPLETED:
        return refuse(Code.MARKS_FINAL)
    if attempt.status not in (Status.SUBMITTED, Status.EXPIRED):
        return refuse(Code.CANCELLED if attempt.status is Status.CANCELLED else Code.NOT_ENDED)
    if command.question_id not in paper:
        return refuse(Code.UNKNOWN_QUESTION)
    if not 0 <= command.score_mpt <= command.max_mpt:
        return refuse(Code.WRONG_MARK, f"The mark must lie between 0 and {command.max_mpt} thousandths of a point.")
    if len(attempt.commands) >= limits.MAX_STAFF_COMMANDS:
        return refuse(Code.TOO_MANY_OPERATIONS, _FULL)
    fact = HandMarked(command.question_id, command.score_mpt, command.remark, command.command_id)
    return _one(attempt, command.by, now_ms, fact)


def _assess(attempt: Attempt, command: Assess, now_ms: int) -> Decision:
    if attempt.reference != command.reference or attempt.status not in (Status.SUBMITTED, Status.EXPIRED):
        return _ALREADY
    if command.awaiting == 0:
        return _one(attempt, command.by, now_ms, Completed(command.score_mpt, command.max_mpt))
    if (attempt.score_mpt, attempt.max_mpt, attempt.awaiting_marks) == (
        command.score_mpt,
        command.max_mpt,
        command.awaiting,
    ):
        return _ALREADY
    return _one(attempt, command.by, now_ms, Assessed(command.score_mpt, command.max_mpt, command.awaiting))
