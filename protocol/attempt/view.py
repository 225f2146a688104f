"""An attempt as the pages see it: the state, the answers, the messages, the row."""

from msgspec.structs import astuple, replace

from protocol.attempt import early
from protocol.attempt.clocks import deadline_of
from protocol.attempt.deadlines import with_limits
from protocol.attempt.decisions.connections import may_stand
from protocol.attempt.late import Late
from protocol.attempt.model import OPEN, Accommodation, Attempt, Clock, SentMessage, Status, Terms
from protocol.attempt.places import asked_before, open_section, shown_section
from protocol.attempt.sheet import NOTHING_GRANTED, Sheet, terms_in_force
from protocol.integrity.safe_exam_browser import Proof
from protocol.messages.candidate import Offer, StaffMessage, TimeWarning
from protocol.messages.monitor import FormalWarning, Row, RowAccommodation, RowAct, RowConsent, RowSignal
from protocol.messages.state import (
    AttemptState,
    CaptureAsked,
    ClockState,
    ConsentState,
    Hindrance,
    LateState,
    Part,
    SavedAnswer,
    SignalWarning,
    Timing,
    WatchedSignal,
    Watching,
)
from protocol.rules.admission import Presented, may_start


def state(attempt: Attempt) -> AttemptState:
    """The status and the clocks, for the candidate."""
    return AttemptState(
        status=attempt.status.value,
        seq=attempt.seq,
        head=attempt.head.hex(),
        started_at_ms=attempt.started_at_ms,
        clocks=[_clock(attempt, clock) for clock in attempt.clocks],
        section_id=open_section(attempt),
        closed_sections=list(attempt.closed_sections),
        closed_questions=list(attempt.closed_questions),
        ended_at_ms=attempt.ended_at_ms,
        ended_as=None if attempt.ended_as is None else attempt.ended_as.value,
        reference=attempt.reference,
        said=attempt.end_said,
        hand=attempt.hand,
        hand_in_from_ms=early.hand_in_from_ms(attempt),
        leave_from_ms=early.leave_from_ms(attempt),
        hand_in_until_ms=_hand_in_until_ms(attempt),
        may_stand_ms=_may_stand_ms(attempt),
        late=_late(attempt),
        paused_for=None if attempt.pause is None else attempt.pause.signal,
        signal_warnings=_signal_warnings(attempt),
        consents=[ConsentState(one.source, one.says, one.every_ms, one.keep_days) for one in attempt.consents] or None,
    )


def _signal_warnings(attempt: Attempt) -> list[SignalWarning] | None:
    if attempt.observations is None:
        return None
    given = [one for one in attempt.observations.noticed if one.warnings]
    return [SignalWarning(one.signal, one.warnings, one.warned_at_ms or 0) for one in given] or None


def _signals(attempt: Attempt) -> list[RowSignal] | None:
    if attempt.observations is None:
        return None
    return [
        RowSignal(one.signal, one.count, one.size, one.at_ms, one.alerts, one.alerted_at_ms)
        for one in attempt.observations.noticed
    ]


def watching(terms: Terms) -> Watching | None:
    """What the candidate is told of what is noticed; None: nothing is."""
    if not terms.watches and not terms.full_screen and not terms.captures:
        return None
    signals = [WatchedSignal(one.signal, one.warn_from, one.alert_from, one.pause_from) for one in terms.watches]
    captures = [
        CaptureAsked(one.source, one.asks, one.every_ms, one.keep_days, one.whole_screen) for one in terms.captures
    ]
    return Watching(signals, terms.full_screen, captures)


def _late(attempt: Attempt) -> LateState | None:
    terms = attempt.terms
    if terms is None or terms.late_answers == "nothing":
        return None
    decided = [(late, late.decision) for late in attempt.late if late.decision and _of_this_end(attempt, late)]
    total = sum(len(late.answers) for late, _ in decided)
    accepted = sum(len(decision.accepted) for _, decision in decided)
    return LateState(terms.late_answers, terms.late_ms, late_waiting(attempt), accepted, total - accepted)


def late_waiting(attempt: Attempt) -> int:
    """How many late answers wait for staff."""
    if not attempt.late:
        return 0
    waiting = (late for late in attempt.late if late.decision is None and _of_this_end(attempt, late))
    return sum(len(late.answers) for late in waiting)


def _of_this_end(attempt: Attempt, late: Late) -> bool:
    return late.reference == attempt.reference


def _may_stand_ms(attempt: Attempt) -> int | None:
    return attempt.pinned.pause_budget_ms - attempt.pause_used_ms if may_stand(attempt) else None


def _hand_in_until_ms(attempt: Attempt) -> int | None:
    ends_ms = attempt.ends_at_ms
    return None if ends_ms is None or ends_ms == attempt.closes_at_ms else ends_ms - attempt.pinned.grace_ms


def _clock(attempt: Attempt, clock: Clock) -> ClockState:
    deadline_ms, left_ms = clock.deadline_ms, clock.left_ms
    closes_at_ms = None if deadline_ms is None or clock.soft else deadline_ms + attempt.pinned.grace_ms
    over_ms = -left_ms if left_ms is not None and left_ms < 0 else None
    return ClockState(
        clock.scope,
        clock.of,
        deadline_ms,
        closes_at_ms,
        None if left_ms is None else max(0, left_ms),
        clock.soft or None,
        over_ms,
    )


def _over_since_ms(attempt: Attempt) -> int | None:
    """Since when the time of a soft limit is over, the first one's; None: of none that runs."""
    return min((deadline_of(clock) for clock in attempt.clocks if clock.over and clock.left_ms is None), default=None)


def duration_ms(terms: Terms) -> int | None:
    """The whole time a candidate has, extra time included; None without a limit. A window may end it earlier."""
    return None if terms.duration_ms is None else terms.duration_ms + terms.extra_time_ms


def hindrances(
    attempt: Attempt, sheet: Sheet, address: str, now_ms: int, proofs: tuple[Proof, ...] = ()
) -> list[Hindrance]:
    """All that keeps the candidate from starting, who comes from this address in a browser that proves this; nothing
    once she has."""
    if attempt.status is not Status.INITIATED:
        return []
    terms, presented = terms_in_force(attempt, sheet), Presented(address, None, proofs)
    reasons = may_start(sheet.admission, terms, presented, now_ms, admitted=attempt.admitted, consents=attempt.consents)
    return [Hindrance(reason.code, reason.detail, reason.from_ms) for reason in reasons]


def parts(attempt: Attempt, sheet: Sheet) -> list[Part]:
    """The sections that the candidate will have, if the test has some; nothing once she has started."""
    layout = sheet.layout
    if attempt.status is not Status.INITIATED or layout is None or not sheet.titles:
        return []
    own = with_limits(terms_in_force(attempt, sheet), layout)
    found: list[Part] = []
    name: str | None = None
    for section in own.sections:
        part = section.part if layout.forward else section.section_id
        if part == name:
            found[-1] = replace(found[-1], question_total=found[-1].question_total + section.asked_total)
        else:
            title, least_ms = sheet.titles[part or ""], section.min_ms or None
            found.append(Part(title, section.asked_total, section.limit_ms, least_ms))
        name = part
    return found


def offer(attempt: Attempt, sheet: Sheet, address: str, now_ms: int, proofs: tuple[Proof, ...] = ()) -> Offer:
    """What the candidate is told of the test, besides its questions."""
    terms = terms_in_force(attempt, sheet)
    return Offer(
        title=sheet.title,
        instructions=instructions(attempt, sheet.instructions),
        duration_ms=duration_ms(terms),
        warnings_ms=list(terms.warnings_ms),
        pauses_on_disconnect=terms.pause_on_disconnect,
        question_total=sheet.question_total,
        extra_time_ms=terms.extra_time_ms,
        parts=parts(attempt, sheet),
        opens_at_ms=terms.window_opens_at_ms,
        closes_at_ms=terms.window_closes_at_ms,
        hindrances=hindrances(attempt, sheet, address, now_ms, proofs),
        gaps=terms.gaps,
        order=order(sheet),
        timing=timing(terms),
        watching=watching(terms),
        page=attempt.accommodation.page,
    )


def timing(terms: Terms) -> Timing:
    """The rules of time that have no place of their own."""
    return Timing(
        min_time_ms=terms.min_time_ms or None,
        at_end=terms.at_end,
        hand_in_ms=terms.hand_in_ms,
        synchronised=terms.synchronised,
        soft=terms.soft,
    )


def order(sheet: Sheet) -> str:
    """How she goes through the paper: free, by_section or forward."""
    return "free" if sheet.layout is None else sheet.layout.order


def instructions(attempt: Attempt, text: str) -> str:
    """What the candidate is shown of the paper's instructions: nothing after the end, as they may quote the exam."""
    return text if attempt.status in OPEN else ""


def answers(attempt: Attempt) -> list[SavedAnswer]:
    """Every answer that is kept, the last one of each question."""
    return [SavedAnswer(question_id, value, n, at_ms) for question_id, value, (n, at_ms) in attempt.answers.stamped()]


def message(sent: SentMessage) -> StaffMessage:
    """One message from staff, as it goes to the candidate."""
    return StaffMessage(sent.message_id, sent.text, sent.at_ms, sent.formal or None)


def unseen(attempt: Attempt) -> list[StaffMessage]:
    """Messages that were not dismissed yet, oldest first."""
    return [message(sent) for sent in attempt.messages if not sent.seen]


def formal_warnings(attempt: Attempt) -> list[FormalWarning]:
    """Those that the candidate was given, the oldest first."""
    return [FormalWarning(one.at_ms, one.text, one.seen, one.role) for one in attempt.messages if one.formal]


def warning(attempt: Attempt) -> TimeWarning | None:
    """The newest warning that was given, if its deadline is in force."""
    given = attempt.warning
    if given is None:
        return None
    in_force = any(
        (clock.scope, clock.of, clock.deadline_ms) == (given.scope, given.of, given.deadline_ms)
        for clock in attempt.clocks
    )
    return TimeWarning(*astuple(given)) if in_force else None


def _message_mark(attempt: Attempt) -> str | None:
    if not attempt.messages:
        return None
    newest = attempt.messages[-1]
    return "seen" if newest.seen else "delivered" if newest.delivered else "queued"


def _link_mark(attempt: Attempt, offered: bool) -> str | None:
    opens_once = offered if attempt.terms is None else attempt.terms.link_opens_once
    if not opens_once or (attempt.terms is None and attempt.status is not Status.INITIATED):
        return None
    if attempt.device is None:
        return "unused"
    return "released" if attempt.device_allowed else "bound"


def _admission_mark(attempt: Attempt, has_waiting_room: bool) -> str | None:
    if not has_waiting_room or attempt.status is not Status.INITIATED:
        return None
    return "admitted" if attempt.admitted else "waiting"


def _accommodation(given: Accommodation) -> RowAccommodation | None:
    if given == NOTHING_GRANTED:
        return None
    return replace(RowAccommodation(*astuple(given)), exempt=list(given.exempt) or None)


def without_marks(row: Row) -> Row:
    """The row for those who may not read results."""
    return row if row.score_mpt is None and row.max_mpt is None else replace(row, score_mpt=None, max_mpt=None)


def row(
    attempt: Attempt,
    name: str,
    connection: str,
    last_seen_ms: int | None,
    tick: int,
    *,
    link_opens_once: bool = True,
    waiting_room: bool = True,
) -> Row:
    """The row that an instructor sees. `connection`, `last_seen_ms` and `tick` come from the node, not from the log; so
    does, until the start, whether the test binds its links (`link_opens_once`) and has a waiting room."""
    identity = attempt.identity
    clock, layout = attempt.test_clock, attempt.layout
    return Row(
        attempt_id=identity.attempt_id,
        seq=attempt.seq,
        tick=tick,
        user_id=identity.user_id,
        name=name,
        attempt_number=identity.attempt_number,
        status=attempt.status.value,
        connection=connection,
        question_index=asked_before(attempt, attempt.question_index),
        answered=attempt.answered,
        flagged=len(attempt.flagged),
        total=0 if layout is None else layout.place_total - len(attempt.unasked),
        started_at_ms=attempt.started_at_ms,
        deadline_ms=clock.deadline_ms,
        left_ms=None if clock.left_ms is None else max(0, clock.left_ms),
        ended_at_ms=attempt.ended_at_ms,
        last_seen_ms=last_seen_ms,
        message=_message_mark(attempt),
        score_mpt=attempt.score_mpt,
        max_mpt=attempt.max_mpt,
        awaiting_marks=attempt.awaiting_marks,
        lost_records=attempt.lost_records,
        link=_link_mark(attempt, link_opens_once),
        hand=attempt.hand,
        section_id=shown_section(attempt),
        branch_id=identity.branch_id,
        admission=_admission_mark(attempt, waiting_room),
        counts=attempt.counts if attempt.status is Status.CANCELLED else None,
        forgotten_since_ms=None if attempt.pause is None else attempt.pause.forgotten_ms,
        accommodation=_accommodation(attempt.accommodation),
        pause_used_ms=attempt.pause_used_ms or None,
        over_since_ms=_over_since_ms(attempt),
        warnings=formal_warnings(attempt) or None,
        pause=_pause_mark(attempt),
        worked_ms=attempt.worked_ms,
        heard_ms=attempt.heard_ms,
        ended_by_staff=_is_ended_by_staff(attempt) or None,
        act=_newest_act(attempt),
        late=late_waiting(attempt) or None,
        signals=_signals(attempt),
        consents=[RowConsent(one.source, one.says, one.at_ms) for one in attempt.consents] or None,
    )


def _is_ended_by_staff(attempt: Attempt) -> bool:
    return attempt.collected or (attempt.ended_as is Status.EXPIRED and attempt.ended_by_staff)


def _newest_act(attempt: Attempt) -> RowAct | None:
    if not attempt.acts:
        return None
    newest = attempt.acts[-1]
    return RowAct(newest.kind, newest.at_ms, newest.ms)


def _pause_mark(attempt: Attempt) -> str | None:
    """Why the clock stands."""
    pause = attempt.pause
    if pause is None:
        return None
    if pause.signal is not None:
        return "integrity"
    return "connection" if pause.connection_lost else "return" if pause.until_return else "staff"
