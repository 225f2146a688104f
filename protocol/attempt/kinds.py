"""THE table: one row for each kind of fact. What depends on the kind of a fact is read from here, and nowhere repeated.

A change of status that is not in this table is refused. The diagrams and tables in ARCHITECTURE.md and PROTOCOL.md are
made from it.
"""

from typing import Final

from protocol.attempt.commands import MarkByHand
from protocol.attempt.facts import (
    Accommodated,
    Answered,
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
    HandAcknowledged,
    HandMarked,
    HandRaised,
    Messaged,
    Moved,
    Paused,
    QuestionClosed,
    Receipted,
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
    beginning,
    clock,
    connections,
    ends,
    erasure,
    hands,
    marks,
    messages,
    sections,
    terms,
    work,
)
from protocol.attempt.kind import Kind, Trait
from protocol.attempt.model import ENDED, OPEN, SITTING, Role, Status
from protocol.codes import Code
from protocol.messages import (
    AccommodateAttempt,
    AcknowledgeHand,
    AllowDevice,
    Answer,
    ApplyRules,
    CancelAttempt,
    EndAttempt,
    Enter,
    ExtendAttempt,
    Flag,
    MessageAttempt,
    PauseAttempt,
    Progress,
    RaiseHand,
    Receipt,
    ReopenAttempt,
    ResumeAttempt,
    Start,
    Submit,
)

_CANDIDATE: Final = frozenset({Role.CANDIDATE})
_HER: Final = frozenset({Role.CANDIDATE, Role.SERVICE})
"""The candidate, or a service on her behalf."""
_STAFF: Final = frozenset({Role.INSTRUCTOR, Role.SERVICE})
_SYSTEM: Final = frozenset({Role.SYSTEM})
_ANYBODY: Final = frozenset(Role)

_ANYWHERE: Final = frozenset(Status)
_RUNNING: Final = frozenset({Status.IN_PROGRESS})
_UNMARKED: Final = frozenset({Status.SUBMITTED, Status.EXPIRED})

_EVERYBODY: Final = Trait.PROJECTED | Trait.EVENT | Trait.SHOWN
"""Concerns the candidate, staff and the rest of the platform: a status, a deadline, a hand."""

KINDS: Final = (
    Kind(
        fact=Created,
        by=_HER,
        origins=frozenset(),
        target=Status.INITIATED,
        fold=beginning.created,
        traits=Trait.PROJECTED | Trait.EVENT,
    ),
    Kind(
        fact=Started,
        by=_HER,
        asked=Start,
        origins=frozenset({Status.INITIATED}),
        target=Status.IN_PROGRESS,
        refusals=dict.fromkeys(SITTING, Code.ALREADY_STARTED),
        fold=clock.started,
        traits=_EVERYBODY | Trait.PROMPT,
    ),
    Kind(fact=Connected, by=_CANDIDATE, origins=OPEN, fold=connections.connected, traits=Trait.LATE),
    Kind(
        fact=Disconnected,
        by=_CANDIDATE | _SYSTEM,
        origins=_ANYWHERE,
        fold=connections.disconnected,
        traits=Trait.LATE,
    ),
    Kind(fact=Answered, by=_HER, asked=Answer, origins=SITTING, fold=work.answered, traits=Trait.HOT),
    Kind(fact=Flagged, by=_HER, asked=Flag, origins=SITTING, fold=work.flagged, traits=Trait.HOT),
    Kind(fact=Moved, by=_HER, asked=Progress, origins=SITTING, fold=work.moved, traits=Trait.HOT),
    Kind(
        fact=SectionEntered,
        by=_HER,
        asked=Enter,
        origins=_RUNNING,
        fold=sections.entered,
        traits=_EVERYBODY | Trait.PROMPT,
    ),
    Kind(fact=SectionClosed, by=_SYSTEM, origins=_RUNNING, fold=sections.closed, traits=_EVERYBODY | Trait.LATE),
    Kind(
        fact=QuestionClosed,
        by=_SYSTEM,
        origins=_RUNNING,
        fold=sections.question_closed,
        traits=Trait.PROJECTED | Trait.SHOWN | Trait.LATE,
    ),
    Kind(
        fact=Receipted,
        by=_HER,
        asked=Receipt,
        origins=_ANYWHERE,
        fold=messages.receipted,
        traits=Trait.HOT | Trait.LATE,
    ),
    Kind(fact=Warned, by=_SYSTEM, origins=_RUNNING, fold=clock.warned, traits=Trait.LATE),
    Kind(
        fact=Paused,
        by=_ANYBODY,
        asked=PauseAttempt,
        origins=_RUNNING,
        target=Status.PAUSED,
        fold=clock.paused,
        traits=_EVERYBODY,
    ),
    Kind(
        fact=Resumed,
        by=_ANYBODY,
        asked=ResumeAttempt,
        origins=frozenset({Status.PAUSED}),
        target=Status.IN_PROGRESS,
        refusals=dict.fromkeys(Status, Code.NOT_PAUSED),
        fold=clock.resumed,
        traits=_EVERYBODY | Trait.PROMPT | Trait.ALWAYS,
    ),
    Kind(fact=Extended, by=_STAFF, asked=ExtendAttempt, origins=SITTING, fold=clock.extended, traits=_EVERYBODY),
    Kind(
        fact=Messaged,
        by=_STAFF,
        asked=MessageAttempt,
        origins=OPEN,
        fold=messages.messaged,
        traits=Trait.NONE,
    ),
    Kind(
        fact=Submitted,
        by=_HER,
        asked=Submit,
        origins=_RUNNING,
        target=Status.SUBMITTED,
        fold=ends.submitted,
        traits=_EVERYBODY | Trait.MARKS_DUE | Trait.ALWAYS,
    ),
    Kind(
        fact=Collected,
        by=_STAFF,
        asked=EndAttempt,
        origins=_RUNNING,
        fold=clock.collected,
        traits=_EVERYBODY | Trait.PROMPT | Trait.REASONED | Trait.ALWAYS,
    ),
    Kind(
        fact=Expired,
        by=_SYSTEM,
        origins=_RUNNING,
        target=Status.EXPIRED,
        fold=ends.expired,
        traits=_EVERYBODY | Trait.LATE | Trait.MARKS_DUE,
    ),
    Kind(
        fact=Cancelled,
        by=_STAFF,
        asked=CancelAttempt,
        origins=OPEN,
        target=Status.CANCELLED,
        fold=ends.cancelled,
        traits=_EVERYBODY | Trait.MARKS_OFF | Trait.REASONED | Trait.ALWAYS,
    ),
    Kind(
        fact=HandMarked,
        by=_STAFF,
        asked=MarkByHand,
        origins=_UNMARKED,
        refusals={**dict.fromkeys(OPEN, Code.NOT_ENDED), Status.COMPLETED: Code.MARKS_FINAL},
        fold=marks.hand_marked,
        traits=Trait.PROJECTED | Trait.MARKS_DUE,
    ),
    Kind(fact=Assessed, by=_SYSTEM, origins=_UNMARKED, fold=marks.assessed, traits=Trait.PROJECTED),
    Kind(
        fact=Completed,
        by=_SYSTEM,
        origins=_UNMARKED,
        target=Status.COMPLETED,
        fold=marks.completed,
        traits=_EVERYBODY,
    ),
    Kind(
        fact=Reopened,
        by=_STAFF,
        asked=ReopenAttempt,
        origins=ENDED - {Status.CANCELLED},
        target=Status.IN_PROGRESS,
        refusals=dict.fromkeys(OPEN, Code.NOT_ENDED),
        fold=clock.reopened,
        traits=_EVERYBODY | Trait.PROMPT | Trait.MARKS_OFF | Trait.REASONED | Trait.ALWAYS,
    ),
    Kind(
        fact=HandRaised,
        by=_HER,
        asked=RaiseHand,
        origins=OPEN,
        fold=hands.raised,
        traits=_EVERYBODY | Trait.LATE,
    ),
    Kind(
        fact=HandAcknowledged,
        by=_STAFF,
        asked=AcknowledgeHand,
        origins=OPEN,
        fold=hands.acknowledged,
        traits=_EVERYBODY | Trait.LATE,
    ),
    Kind(
        fact=DeviceAllowed,
        by=_STAFF,
        asked=AllowDevice,
        origins=OPEN,
        fold=connections.device_allowed,
        traits=Trait.REASONED | Trait.ALWAYS,
    ),
    Kind(
        fact=Accommodated,
        by=_STAFF,
        asked=AccommodateAttempt,
        origins=OPEN,
        fold=terms.accommodated,
        traits=_EVERYBODY,
    ),
    Kind(fact=Retermed, by=_STAFF, asked=ApplyRules, origins=SITTING, fold=terms.retermed, traits=_EVERYBODY),
    Kind(
        fact=Erased,
        by=frozenset({Role.SERVICE}),
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
    (origin, kind.target): kind.tag
    for kind in KINDS
    if kind.target is not None
    for origin in Status
    if origin in kind.origins
}
"""(from, to) → the tag of the fact that makes this change."""
