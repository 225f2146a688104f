"""THE table: one row for each kind of fact. What depends on the kind of a fact is read from here, and nowhere repeated.

A change of status that is not in this table is refused. The diagrams and tables in ARCHITECTURE.md and PROTOCOL.md are
made from it.
"""

from typing import Final

from protocol.attempt.commands import DecideLate, MarkByHand, Regrade
from protocol.attempt.facts import (
    Abandoned,
    Absent,
    Accepted,
    Accommodated,
    Admitted,
    Alerted,
    Answered,
    Archived,
    Assessed,
    Cancelled,
    Collected,
    Completed,
    Connected,
    Created,
    DeviceAllowed,
    Disconnected,
    Erased,
    Expired,
    Extended,
    Fact,
    Flagged,
    FormallyWarned,
    HandAcknowledged,
    HandMarked,
    HandRaised,
    LateDecided,
    LateReceived,
    Messaged,
    Moved,
    Observed,
    Overran,
    Paused,
    PauseForgotten,
    QuestionClosed,
    Receipted,
    Regraded,
    Reinstated,
    Reopened,
    Resumed,
    Retermed,
    SectionClosed,
    SectionEntered,
    Started,
    Submitted,
    Warned,
)
from protocol.attempt.folds import (
    archiving,
    beginning,
    clock,
    connections,
    ends,
    erasure,
    hands,
    late,
    marks,
    messages,
    observations,
    sections,
    terms,
    work,
)
from protocol.attempt.kind import Kind, Trait
from protocol.attempt.model import ENDED, OPEN, SETTLED, SITTING, Role, Status
from protocol.codes import Code
from protocol.messages.operations import Answer, Enter, Flag, Observe, Progress, RaiseHand, Receipt, Start, Submit
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
    WarnAttempt,
)
from protocol.rules.rights import Act, roles_with

_CANDIDATE: Final = frozenset({Role.CANDIDATE})
_SYSTEM: Final = frozenset({Role.SYSTEM})

_ANYWHERE: Final = frozenset(Status)
_RUNNING: Final = frozenset({Status.IN_PROGRESS})
_UNMARKED: Final = frozenset({Status.SUBMITTED, Status.EXPIRED})
_SAT: Final = _UNMARKED | {Status.COMPLETED}
"""There is something to mark."""

_EVERYBODY: Final = Trait.PROJECTED | Trait.EVENT | Trait.SHOWN
"""Concerns the candidate, staff and the rest of the platform: a status, a deadline, a hand."""

KINDS: Final = (
    Kind(
        fact=Created,
        act=Act.SIT,
        origins=frozenset(),
        target=Status.INITIATED,
        fold=beginning.created,
        traits=Trait.PROJECTED | Trait.EVENT,
    ),
    Kind(
        fact=Started,
        act=Act.SIT,
        asked=Start,
        origins=frozenset({Status.INITIATED}),
        target=Status.IN_PROGRESS,
        refusals=dict.fromkeys(SITTING, Code.ALREADY_STARTED),
        fold=clock.started,
        traits=_EVERYBODY | Trait.PROMPT,
    ),
    Kind(
        fact=Admitted,
        act=Act.ADMIT,
        asked=AdmitAttempt,
        origins=frozenset({Status.INITIATED}),
        refusals=dict.fromkeys(SITTING, Code.ALREADY_STARTED),
        fold=beginning.admitted,
        traits=_EVERYBODY,
    ),
    Kind(
        fact=Absent,
        besides=_SYSTEM,
        origins=frozenset({Status.INITIATED}),
        target=Status.ABSENT,
        fold=ends.absent,
        traits=_EVERYBODY | Trait.LATE,
    ),
    Kind(fact=Connected, act=Act.CONNECT, origins=OPEN, fold=connections.connected, traits=Trait.LATE),
    Kind(
        fact=Disconnected,
        act=Act.CONNECT,
        besides=_SYSTEM,
        origins=_ANYWHERE,
        fold=connections.disconnected,
        traits=Trait.LATE,
    ),
    Kind(
        fact=Answered,
        act=Act.SIT,
        asked=Answer,
        origins=SITTING,
        fold=work.answered,
        traits=Trait.HOT | Trait.PAPER,
        reads=Act.READ_ANSWERS,
    ),
    Kind(fact=Flagged, act=Act.SIT, asked=Flag, origins=SITTING, fold=work.flagged, traits=Trait.HOT | Trait.PAPER),
    Kind(fact=Moved, act=Act.SIT, asked=Progress, origins=SITTING, fold=work.moved, traits=Trait.HOT | Trait.PAPER),
    Kind(
        fact=SectionEntered,
        act=Act.SIT,
        asked=Enter,
        origins=_RUNNING,
        fold=sections.entered,
        traits=_EVERYBODY | Trait.PROMPT | Trait.PAPER,
    ),
    Kind(fact=SectionClosed, besides=_SYSTEM, origins=_RUNNING, fold=sections.closed, traits=_EVERYBODY | Trait.LATE),
    Kind(
        fact=QuestionClosed,
        besides=_SYSTEM,
        origins=_RUNNING,
        fold=sections.question_closed,
        traits=Trait.PROJECTED | Trait.SHOWN | Trait.LATE,
    ),
    Kind(
        fact=Receipted,
        act=Act.SIT,
        asked=Receipt,
        origins=_ANYWHERE,
        fold=messages.receipted,
        traits=Trait.HOT | Trait.LATE,
    ),
    Kind(fact=Warned, besides=_SYSTEM, origins=_RUNNING, fold=clock.warned, traits=Trait.EVENT | Trait.LATE),
    Kind(fact=Overran, besides=_SYSTEM, origins=_RUNNING, fold=clock.overran, traits=_EVERYBODY | Trait.LATE),
    Kind(
        fact=Paused,
        act=Act.PAUSE,
        besides=_CANDIDATE | _SYSTEM,
        asked=PauseAttempt,
        origins=_RUNNING,
        target=Status.PAUSED,
        fold=clock.paused,
        traits=_EVERYBODY,
    ),
    Kind(
        fact=PauseForgotten,
        besides=_SYSTEM,
        origins=frozenset({Status.PAUSED}),
        fold=clock.pause_forgotten,
        traits=Trait.PROJECTED | Trait.EVENT | Trait.LATE,
    ),
    Kind(
        fact=Resumed,
        act=Act.RESUME,
        besides=_CANDIDATE | _SYSTEM,
        asked=ResumeAttempt,
        origins=frozenset({Status.PAUSED}),
        target=Status.IN_PROGRESS,
        refusals=dict.fromkeys(Status, Code.NOT_PAUSED),
        fold=clock.resumed,
        traits=_EVERYBODY | Trait.PROMPT | Trait.ALWAYS,
    ),
    Kind(fact=Extended, act=Act.EXTEND, asked=ExtendAttempt, origins=SITTING, fold=clock.extended, traits=_EVERYBODY),
    Kind(
        fact=Messaged,
        act=Act.MESSAGE,
        asked=MessageAttempt,
        origins=OPEN,
        fold=messages.messaged,
        traits=Trait.EVENT,
    ),
    Kind(
        fact=FormallyWarned,
        act=Act.WARN,
        asked=WarnAttempt,
        origins=OPEN,
        fold=messages.formally_warned,
        traits=Trait.PROJECTED | Trait.EVENT | Trait.REASONED,
    ),
    Kind(
        fact=Submitted,
        act=Act.SIT,
        asked=Submit,
        origins=_RUNNING,
        target=Status.SUBMITTED,
        fold=ends.submitted,
        traits=_EVERYBODY | Trait.MARKS_DUE | Trait.ALWAYS,
    ),
    Kind(
        fact=Collected,
        act=Act.END,
        asked=EndAttempt,
        origins=_RUNNING,
        fold=clock.collected,
        traits=_EVERYBODY | Trait.PROMPT | Trait.REASONED | Trait.ALWAYS,
    ),
    Kind(
        fact=Expired,
        besides=_SYSTEM,
        origins=SITTING,
        target=Status.EXPIRED,
        fold=ends.expired,
        traits=_EVERYBODY | Trait.LATE | Trait.MARKS_DUE,
    ),
    Kind(
        fact=Abandoned,
        besides=_SYSTEM,
        origins=_RUNNING,
        target=Status.ABANDONED,
        fold=ends.abandoned,
        traits=_EVERYBODY | Trait.LATE,
    ),
    Kind(
        fact=Accepted,
        act=Act.ACCEPT,
        asked=AcceptAttempt,
        origins=frozenset({Status.ABANDONED}),
        target=Status.SUBMITTED,
        refusals=dict.fromkeys(Status, Code.NOT_ABANDONED),
        fold=ends.accepted,
        traits=_EVERYBODY | Trait.MARKS_DUE | Trait.REASONED | Trait.ALWAYS,
    ),
    Kind(
        fact=Cancelled,
        act=Act.CANCEL,
        asked=CancelAttempt,
        origins=OPEN,
        target=Status.CANCELLED,
        fold=ends.cancelled,
        traits=_EVERYBODY | Trait.MARKS_OFF | Trait.REASONED | Trait.ALWAYS,
    ),
    Kind(
        fact=Reinstated,
        act=Act.REINSTATE,
        asked=ReinstateAttempt,
        origins=frozenset({Status.CANCELLED, Status.ABSENT}),
        returns=OPEN,
        refusals=dict.fromkeys(Status, Code.NOT_CANCELLED),
        fold=ends.reinstated,
        traits=_EVERYBODY | Trait.PROMPT | Trait.REASONED | Trait.ALWAYS,
    ),
    Kind(
        fact=HandMarked,
        act=Act.MARK,
        asked=MarkByHand,
        origins=_SAT,
        refusals=dict.fromkeys(OPEN, Code.NOT_ENDED),
        fold=marks.hand_marked,
        traits=Trait.PROJECTED | Trait.MARKS_DUE,
        reads=Act.READ_RESULTS,
    ),
    Kind(
        fact=Regraded,
        act=Act.REGRADE,
        asked=Regrade,
        origins=_SAT,
        refusals=dict.fromkeys(OPEN, Code.NOT_ENDED),
        fold=marks.regraded,
        traits=Trait.PROJECTED | Trait.EVENT | Trait.MARKS_DUE | Trait.ALWAYS,
    ),
    Kind(
        fact=LateReceived,
        act=Act.SIT,
        besides=roles_with(Act.BRING_ANSWERS),
        origins=_SAT | {Status.ABANDONED},
        fold=late.received,
        traits=_EVERYBODY | Trait.LATE,
        reads=Act.READ_ANSWERS,
    ),
    Kind(
        fact=LateDecided,
        act=Act.DECIDE_LATE,
        asked=DecideLate,
        origins=_SAT,
        refusals=dict.fromkeys(OPEN, Code.NOT_ENDED),
        fold=late.decided,
        traits=_EVERYBODY | Trait.MARKS_DUE | Trait.REASONED | Trait.ALWAYS,
    ),
    Kind(
        fact=Assessed,
        besides=_SYSTEM,
        origins=_SAT,
        fold=marks.assessed,
        traits=_EVERYBODY,
        reads=Act.READ_RESULTS,
    ),
    Kind(
        fact=Completed,
        besides=_SYSTEM,
        origins=_UNMARKED,
        target=Status.COMPLETED,
        fold=marks.completed,
        traits=_EVERYBODY,
        reads=Act.READ_RESULTS,
    ),
    Kind(
        fact=Reopened,
        act=Act.REOPEN,
        asked=ReopenAttempt,
        origins=ENDED - {Status.CANCELLED, Status.ABSENT},
        returns=SITTING,
        refusals=dict.fromkeys(OPEN, Code.NOT_ENDED),
        fold=clock.reopened,
        traits=_EVERYBODY | Trait.PROMPT | Trait.MARKS_OFF | Trait.REASONED | Trait.ALWAYS,
    ),
    Kind(
        fact=HandRaised,
        act=Act.SIT,
        asked=RaiseHand,
        origins=OPEN,
        fold=hands.raised,
        traits=_EVERYBODY | Trait.LATE,
    ),
    Kind(
        fact=HandAcknowledged,
        act=Act.ACKNOWLEDGE_HAND,
        asked=AcknowledgeHand,
        origins=OPEN,
        fold=hands.acknowledged,
        traits=_EVERYBODY | Trait.LATE,
    ),
    Kind(
        fact=Observed,
        act=Act.SIT,
        besides=_SYSTEM,
        asked=Observe,
        origins=SITTING,
        fold=observations.observed,
        traits=Trait.PROJECTED | Trait.SHOWN | Trait.LATE,
    ),
    Kind(
        fact=Alerted,
        besides=_SYSTEM,
        origins=SITTING,
        fold=observations.alerted,
        traits=Trait.PROJECTED | Trait.EVENT | Trait.LATE,
        family="integrity",
    ),
    Kind(
        fact=DeviceAllowed,
        act=Act.ALLOW_DEVICE,
        asked=AllowDevice,
        origins=OPEN,
        fold=connections.device_allowed,
        traits=Trait.EVENT | Trait.REASONED | Trait.ALWAYS,
    ),
    Kind(
        fact=Accommodated,
        act=Act.ACCOMMODATE,
        besides=_SYSTEM,
        asked=AccommodateAttempt,
        origins=OPEN,
        fold=terms.accommodated,
        traits=_EVERYBODY,
    ),
    Kind(fact=Retermed, act=Act.APPLY_RULES, asked=ApplyRules, origins=SITTING, fold=terms.retermed, traits=_EVERYBODY),
    Kind(
        fact=Archived,
        besides=_SYSTEM | {Role.SERVICE},
        origins=SETTLED,
        fold=archiving.archived,
        traits=Trait.LATE,
    ),
    Kind(
        fact=Erased,
        act=Act.ERASE,
        origins=_ANYWHERE - SITTING,
        fold=erasure.erased,
        traits=Trait.LATE,
    ),
)

KIND_OF: Final[dict[type[Fact], Kind]] = {kind.fact: kind for kind in KINDS}
"""Type of a fact → its row."""

ASKED: Final[dict[type, Kind]] = {kind.asked: kind for kind in KINDS if kind.asked is not None}
"""Type of an operation or a staff command → the row of the fact that it asks for."""

EDGES: Final[dict[tuple[Status, Status], str]] = {
    (origin, target): kind.tag
    for kind in KINDS
    for target in Status
    if target is kind.target or target in kind.returns
    for origin in Status
    # Whoever was absent had not begun.
    if origin in kind.origins and not (origin is Status.ABSENT and target in SITTING)
}
"""(from, to) → the tag of the fact that makes this change."""
