"""What a candidate asks for, or a service on her behalf: starting, answering, handing in."""

from types import NoneType
from typing import Final, assert_never

from msgspec.structs import astuple

from protocol import limits
from protocol.answering import accept
from protocol.attempt import early
from protocol.attempt.commands import Begin, HandIn, Logged, Operate
from protocol.attempt.decisions.gaps import gaps_refused
from protocol.attempt.decisions.rules import ALREADY, AskLog, Decision, barred, next_record
from protocol.attempt.decisions.sections import no_entry, shut
from protocol.attempt.decisions.watching import beside_answer, beside_consent, observe
from protocol.attempt.digests import asks_log, digest, digest_at
from protocol.attempt.facts import Answered, ConsentGiven, Started, Submitted
from protocol.attempt.kind import Kind
from protocol.attempt.kinds import ASKED, KIND_OF
from protocol.attempt.layout import Layout
from protocol.attempt.model import ENDED, SITTING, Attempt, Pause, Role, Terms
from protocol.attempt.sheet import Sheet, terms_in_force
from protocol.codes import Code
from protocol.errors import Refusal, refuse
from protocol.integrity.captures import SAYS, SOURCES, fits, of_source
from protocol.messages.operations import (
    Answer,
    Enter,
    Flag,
    GiveConsent,
    Observe,
    Operation,
    Progress,
    RaiseHand,
    Receipt,
    Start,
    Submit,
)
from protocol.rules.admission import Presented, may_start

_Other = Start | Flag | Progress | Enter | Receipt | RaiseHand | GiveConsent | Submit
_VALUES: Final = (str, list, dict, NoneType)
"""The types of a `Value`. To find that one of them is no `Refusal` takes twice as long."""
_STARTED, _SUBMITTED = KIND_OF[Started], KIND_OF[Submitted]


def operate(attempt: Attempt, command: Operate, now_ms: int, sheet: Sheet) -> Decision | AskLog:
    """A numbered operation."""
    # Done for every answer: a call is made only where it may make a difference.
    if command.connection_id != attempt.connection_id and _is_replaced(attempt, command.connection_id):
        return refuse(Code.SUPERSEDED)
    operation = command.operation
    if isinstance(operation, Answer) and attempt.layout is not None and sheet.question(operation.question_id) is None:
        return refuse(Code.UNKNOWN_QUESTION)
    if operation.n <= attempt.last_n:
        return _repeated(attempt, operation, command.logged)
    if attempt.status in ENDED and isinstance(operation, Submit):
        return ALREADY
    kind = ASKED[type(operation)]
    refusal = barred(attempt, kind, now_ms)
    if refusal is None and attempt.pause is not None:
        refusal = _stopped(attempt, attempt.pause, kind, now_ms)
    if refusal is None and attempt.operations >= limits.MAX_OPERATIONS and not kind.always:
        refusal = refuse(Code.TOO_MANY_OPERATIONS)
    if refusal is not None:
        return refusal
    if isinstance(operation, Answer):
        fact = _answered(attempt, operation, now_ms, sheet)
        if not isinstance(fact, Answered):
            return fact
        record = next_record(attempt, command.by, now_ms, fact)
        if not attempt.pinned.watches:
            return (record,)
        return beside_answer(attempt, record, fact, sheet.questions[fact.question_id], now_ms)
    if isinstance(operation, Observe):
        return observe(attempt, command, operation, now_ms)
    refusal = _misfit(attempt, command, operation, now_ms, sheet)
    if refusal is not None:
        return refusal
    # An operation has the fields of its fact, in the same order.
    made = kind.fact(*_fields(attempt, operation, sheet))
    record = next_record(attempt, command.by, now_ms, made)
    return beside_consent(attempt, record, made, now_ms) if isinstance(made, ConsentGiven) else (record,)


def begin(attempt: Attempt, command: Begin, now_ms: int, sheet: Sheet) -> Decision:
    """A start without a client number."""
    if _is_replaced(attempt, command.connection_id):
        return refuse(Code.SUPERSEDED)
    if attempt.status in SITTING:
        return ALREADY
    refusal = barred(attempt, _STARTED, now_ms) or _not_startable(
        attempt, sheet, _presented(command, command.access_code), now_ms
    )
    if refusal is not None:
        return refusal
    return (next_record(attempt, command.by, now_ms, Started(None, command.client_at_ms, *_pinned(attempt, sheet))),)


def hand_in(attempt: Attempt, command: HandIn, now_ms: int) -> Decision:
    """A submission without a client number."""
    if attempt.status in ENDED:
        return ALREADY
    if _is_replaced(attempt, command.connection_id):
        return refuse(Code.SUPERSEDED)
    refusal = barred(attempt, _SUBMITTED, now_ms) or _not_handed_in(attempt, now_ms)
    return refusal or (next_record(attempt, command.by, now_ms, Submitted(None, command.client_at_ms)),)


def _fields(attempt: Attempt, operation: Operation, sheet: Sheet) -> tuple[object, ...]:
    if isinstance(operation, Start):
        return (operation.n, operation.client_at_ms, *_pinned(attempt, sheet))
    return astuple(operation)


def _pinned(attempt: Attempt, sheet: Sheet) -> tuple[int, Terms, Layout]:
    assert sheet.layout is not None, "a start without a paper is refused"
    return sheet.test_version, sheet.terms, sheet.layout


def _is_replaced(attempt: Attempt, connection_id: str | None) -> bool:
    """Whether another connection has replaced this one. After the end connecting is not recorded: then every connection
    may ask, and is told that it is too late. A service (nil) has no connection."""
    if connection_id is None or connection_id == attempt.connection_id:
        return False
    return attempt.status not in ENDED


def _repeated(attempt: Attempt, operation: Operation, logged: Logged | None) -> Decision | AskLog:
    if not asks_log(attempt, operation):
        known = digest_at(attempt.digests, operation.n)
    elif logged is not None:
        known = logged.digest
    else:
        return AskLog(operation.n)
    if known is None:
        return refuse(Code.NUMBER_SKIPPED)
    return ALREADY if known == digest(operation) else refuse(Code.NUMBER_REUSED)


def _stopped(attempt: Attempt, pause: Pause, kind: Kind, now_ms: int) -> Refusal | None:
    """Why a pause keeps this kind out. What was on the wire when staff stopped the clock still arrives."""
    is_on_wire = kind.late or now_ms < pause.since_ms + attempt.pinned.grace_ms
    return None if is_on_wire else refuse(Code.PAUSED)


def _answered(attempt: Attempt, operation: Answer, now_ms: int, sheet: Sheet) -> Answered | Refusal:
    """An answer that fits its question, or why it does not."""
    if operation.position is not None and operation.position >= sheet.place_total:
        return refuse(Code.UNKNOWN_QUESTION)
    # Nearly every test has no parts. What is not open is refused as such, whatever the answer: nobody finds out the
    # options of a question before its turn.
    if attempt.limits_questions or attempt.laid.by_section:
        refusal = shut(attempt, operation.question_id, now_ms, answers=True)
        if refusal is not None:
            return refusal
    question = sheet.questions[operation.question_id]
    value = accept(question, operation.value)
    if not isinstance(value, _VALUES):
        return value
    return Answered(operation.n, question.question_id, value, operation.position, operation.client_at_ms)


def _misfit(attempt: Attempt, command: Operate, operation: _Other, now_ms: int, sheet: Sheet) -> Refusal | None:
    """Why the operation fits neither the paper nor what the attempt has."""
    match operation:
        case Progress():
            if operation.question_index >= sheet.place_total:
                return refuse(Code.UNKNOWN_QUESTION)
            question_id = attempt.laid.question_at(operation.question_index).question_id
            return shut(attempt, question_id, now_ms, answers=False)
        case Flag():
            if sheet.question(operation.question_id) is None:
                return refuse(Code.UNKNOWN_QUESTION)
            return shut(attempt, operation.question_id, now_ms, answers=False)
        case Enter():
            return (
                no_entry(attempt, operation)
                or early.no_leave(attempt, now_ms)
                or gaps_refused(attempt, now_ms, leaving=True)
            )
        case Receipt():
            known = any(sent.message_id == operation.message_id for sent in attempt.messages)
            return None if known else refuse(Code.UNKNOWN_MESSAGE_ID)
        case Start():
            return _not_startable(attempt, sheet, _presented(command, operation.access_code), now_ms)
        case Submit():
            return _not_handed_in(attempt, now_ms)
        case GiveConsent():
            return None if _is_asked(operation, terms_in_force(attempt, sheet)) else refuse(Code.CONSENT_NOT_ASKED)
        case RaiseHand():
            return None
        case _:
            assert_never(operation)


def _is_asked(operation: GiveConsent, terms: Terms) -> bool:
    """Whether the test asks her for that. To take an agreement back she need not be asked."""
    if operation.source not in SOURCES or operation.says not in SAYS:
        return False
    asked = of_source(terms.captures, operation.source)
    return operation.says == "declined" or fits(asked, operation.every_ms, operation.keep_days)


def _not_handed_in(attempt: Attempt, now_ms: int) -> Refusal | None:
    """Why it is too early to hand in, or what is missing."""
    return early.no_hand_in(attempt, now_ms) or gaps_refused(attempt, now_ms, leaving=False)


def _presented(command: Begin | Operate, access_code: str | None) -> Presented | None:
    """What she brings; None: somebody acts for her."""
    return Presented(command.address, access_code, command.proofs) if command.by.role is Role.CANDIDATE else None


def _not_startable(attempt: Attempt, sheet: Sheet, presented: Presented | None, now_ms: int) -> Refusal | None:
    if sheet.layout is None:
        return refuse(Code.UNKNOWN_FORM, "The test has no such form any more.")
    terms = terms_in_force(attempt, sheet)
    reasons = may_start(sheet.admission, terms, presented, now_ms, admitted=attempt.admitted, consents=attempt.consents)
    return reasons[0].refusal if reasons else None
