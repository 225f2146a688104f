"""What staff ask for: the clock, messages, the end and its undoing."""

from typing import Final, assert_never

from protocol import limits
from protocol.attempt.acting import acted_meanwhile
from protocol.attempt.clocks import new_under
from protocol.attempt.commands import Steer
from protocol.attempt.deadlines import start_ends_ms
from protocol.attempt.decisions import terms as terms_decisions
from protocol.attempt.decisions.connections import goes_on_standing
from protocol.attempt.decisions.rules import (
    AskCandidacy,
    Decision,
    barred,
    is_collected,
    next_records,
    repeated,
    too_many_commands,
)
from protocol.attempt.facts import (
    Accepted,
    Accommodated,
    Admitted,
    Cancelled,
    Collected,
    DeviceAllowed,
    Extended,
    Fact,
    FormallyWarned,
    HandAcknowledged,
    Messaged,
    Paused,
    Reinstated,
    Reopened,
    Resumed,
)
from protocol.attempt.kind import Kind
from protocol.attempt.kinds import ASKED
from protocol.attempt.model import Attempt, Hand
from protocol.attempt.sheet import Sheet, accommodated, terms_in_force
from protocol.codes import Code
from protocol.errors import Refusal, refuse
from protocol.messages.staff import (
    AcceptAttempt,
    AccommodateAttempt,
    AcknowledgeHand,
    AdmitAttempt,
    AllowDevice,
    ApplyRules,
    CancelAttempt,
    EndAttempt,
    ExtendAttempt,
    MessageAttempt,
    PauseAttempt,
    ReinstateAttempt,
    ReopenAttempt,
    ResumeAttempt,
    StaffCommand,
    WarnAttempt,
)
from protocol.rules.admission import may_reinstate, may_reopen
from protocol.texts import shows_nothing

_Facts = tuple[Fact, ...] | Refusal

_BLANK_MESSAGE: Final = "There is nothing to read in this message."
_BLANK_WORDS: Final = "There is nothing to read in what the candidate is told."
"""Why it is not sent."""


def steer(attempt: Attempt, command: Steer, now_ms: int, sheet: Sheet) -> Decision | AskCandidacy:
    """A staff command. What was carried out under the same id is not carried out again."""
    order = command.order
    if order.command_id in attempt.commands:
        return repeated(attempt, order)
    kind = ASKED[type(order)]
    refusal = too_many_commands(attempt, kind)
    if refusal is None and not isinstance(order, MessageAttempt):
        refusal = acted_meanwhile(attempt, command.by, order.seen_seq)
    if refusal is not None:
        return refusal
    facts = _facts_of(attempt, kind, command, now_ms, sheet)
    return next_records(attempt, command.by, now_ms, *facts) if isinstance(facts, tuple) else facts


def unreadable(asked: type[StaffCommand], words: str, said: str | None) -> Refusal | None:
    """Why a command can't be given, to whomever: `words` are its reason or its message, which nobody could read where
    one is required, or what is `said` to the candidate is there and shows nothing."""
    if asked is MessageAttempt and shows_nothing(words):
        return refuse(Code.OUT_OF_RANGE, _BLANK_MESSAGE)
    if ASKED[asked].reasoned and asked is not MessageAttempt and shows_nothing(words):
        return refuse(Code.REASON_REQUIRED)
    return refuse(Code.OUT_OF_RANGE, _BLANK_WORDS) if said and shows_nothing(said) else None


def _facts_of(attempt: Attempt, kind: Kind, command: Steer, now_ms: int, sheet: Sheet) -> _Facts | AskCandidacy:
    order = command.order
    words = order.text if isinstance(order, MessageAttempt) else order.reason
    unread = unreadable(type(order), words, getattr(order, "said", None))
    if unread is not None:
        return unread
    match order:
        case PauseAttempt():
            return _pause(attempt, kind, order, now_ms)
        case ResumeAttempt(command_id, _, reason):
            refusal = barred(attempt, kind, now_ms)
            return refusal or (Resumed(now_ms, command_id, reason), *goes_on_standing(attempt, now_ms))
        case ExtendAttempt():
            return _extend(attempt, kind, order, now_ms)
        case MessageAttempt(command_id, _, text):
            refusal = _too_many_messages(attempt) or barred(attempt, kind, now_ms)
            return refusal or (Messaged(command_id, text),)
        case WarnAttempt(command_id, _, reason):
            refusal = _too_many_messages(attempt) or barred(attempt, kind, now_ms)
            return refusal or (FormallyWarned(command_id, reason),)
        case EndAttempt():
            return _collect(attempt, kind, order, now_ms)
        case AdmitAttempt(command_id, _, reason):
            refusal = barred(attempt, kind, now_ms)
            if refusal is None and (attempt.admitted or not sheet.admission.rules.waiting_room):
                return refuse(Code.NOT_WAITING)
            return refusal or (Admitted(command_id, reason),)
        case CancelAttempt(command_id, _, counts, reason, _, said):
            return barred(attempt, kind, now_ms) or (Cancelled(command_id, reason, counts, said),)
        case ReinstateAttempt():
            return _reinstate(attempt, kind, command, order, now_ms, sheet)
        case ReopenAttempt():
            return _reopen(attempt, kind, command, order, now_ms)
        case AcceptAttempt(command_id, _, reason, _, said):
            return barred(attempt, kind, now_ms) or (Accepted(command_id, reason, said),)
        case AllowDevice(command_id, _, reason):
            if not terms_in_force(attempt, sheet).link_opens_once:
                return refuse(Code.LINK_OPEN)
            return barred(attempt, kind, now_ms) or (DeviceAllowed(command_id, reason),)
        case AcknowledgeHand(command_id, _, reason):
            refusal = barred(attempt, kind, now_ms)
            if refusal is None and attempt.hand is not Hand.RAISED:
                return refuse(Code.NO_HAND)
            return refusal or (HandAcknowledged(command_id, reason),)
        case AccommodateAttempt():
            return terms_decisions.accommodate(attempt, kind, command, order, now_ms)
        case ApplyRules():
            return terms_decisions.apply_rules(attempt, kind, command, order, now_ms)
        case _:
            assert_never(order)


def _reopen(attempt: Attempt, kind: Kind, command: Steer, order: ReopenAttempt, now_ms: int) -> _Facts | AskCandidacy:
    refusal = barred(attempt, kind, now_ms)
    if refusal is not None:
        return refusal
    candidacy = command.candidacy
    if candidacy is None:
        return AskCandidacy()
    # Since the end nothing has followed what she is granted. Followed later, it would add to what staff give now.
    granted = terms_decisions.without_loss(attempt, candidacy.granted)
    if order.left_ms is None and new_under(attempt, accommodated(attempt.pinned_of_test, granted)):
        # Its first change of terms would give it that limit again, and end it.
        return refuse(Code.OUT_OF_RANGE, "This attempt has a time limit: say how much time the candidate has.")
    taken_in = None if granted == attempt.accommodation else granted
    again = Reopened(order.left_ms, order.command_id, order.reason, order.on_return, taken_in)
    return may_reopen(candidacy) or (again,)


def _reinstate(
    attempt: Attempt, kind: Kind, command: Steer, order: ReinstateAttempt, now_ms: int, sheet: Sheet
) -> _Facts | AskCandidacy:
    refusal = barred(attempt, kind, now_ms)
    if refusal is not None:
        return refusal
    candidacy = command.candidacy
    if candidacy is None:
        return AskCandidacy()
    # While it was void nothing followed what she is granted.
    granted = terms_decisions.without_loss(attempt, candidacy.granted)
    closes_ms = start_ends_ms(accommodated(sheet.terms, granted))
    if attempt.terms is None and closes_ms is not None and now_ms >= closes_ms:
        # She could not begin, and would be found absent at once.
        return refuse(Code.WINDOW_CLOSED, "The window of this test is over: give the candidate a longer one first.")
    again = Reinstated(order.on_return, order.command_id, order.reason)
    follows = () if granted == attempt.accommodation else (Accommodated(granted, None, terms_decisions.CHANGED),)
    return may_reinstate(candidacy) or (again, *follows)


def _pause(attempt: Attempt, kind: Kind, order: PauseAttempt, now_ms: int) -> _Facts:
    stop = Paused(now_ms, False, order.command_id, order.reason)
    if attempt.pause is not None and (attempt.pause.connection_lost or attempt.pause.until_return):
        # Staff take over a clock that stood until she is back: it must not run again just because she is.
        return (Resumed(now_ms, None, "taken over by staff"), stop)
    refusal = barred(attempt, kind, now_ms) or is_collected(attempt)
    deadline_ms = attempt.deadline_ms
    if refusal is None and deadline_ms is not None and now_ms >= deadline_ms:
        return refuse(Code.DEADLINE_PASSED)
    return refusal or (stop,)


def _extend(attempt: Attempt, kind: Kind, order: ExtendAttempt, now_ms: int) -> _Facts:
    refusal = barred(attempt, kind, now_ms) or is_collected(attempt)
    if refusal is not None:
        return refusal
    if not attempt.clocks:
        return refuse(Code.NO_DEADLINE)
    return (Extended(order.add_ms, order.command_id, order.reason),)


def _too_many_messages(attempt: Attempt) -> Refusal | None:
    if len(attempt.messages) < limits.MAX_MESSAGES:
        return None
    return refuse(Code.TOO_MANY_OPERATIONS, "This candidate has had as many messages as the attempt can keep.")


def _collect(attempt: Attempt, kind: Kind, order: EndAttempt, now_ms: int) -> _Facts:
    # A clock that stands must run for what the page still has to arrive in the grace.
    run = () if attempt.pause is None else (Resumed(now_ms, None, "collected by staff"),)
    refusal = (None if run else barred(attempt, kind, now_ms)) or is_collected(attempt)
    if refusal is not None:
        return refusal
    # In the grace the page is locked already: the deadline stays the end.
    deadline_ms = attempt.deadline_ms
    at_ms = now_ms if deadline_ms is None else min(now_ms, deadline_ms)
    return (*run, Collected(at_ms, order.command_id, order.reason, order.said))
