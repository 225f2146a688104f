"""The fold: follows one attempt record by record.

The server's receipt decides when something happened. Only what a page did without a connection is sent later: its
operations then share out the time between the loss and the return by the client's clock. That clock can say less than
the server's, and never more: what it claims beyond that span is cut.
"""

from collections.abc import Callable, Collection, Mapping
from hashlib import blake2b
from typing import Any, Final, Self

import msgspec

from protocol.analytics.course import AtQuestion, Course
from protocol.answering import is_blank
from protocol.attempt.facts import (
    Abandoned,
    Absent,
    Answered,
    Cancelled,
    Connected,
    Disconnected,
    Expired,
    Fact,
    Flagged,
    HandRaised,
    LateDecided,
    LateReceived,
    Moved,
    Paused,
    Reinstated,
    Reopened,
    Resumed,
    SectionClosed,
    SectionEntered,
    Started,
    Submitted,
)
from protocol.attempt.late import LateAnswer
from protocol.attempt.layout import LaidQuestion
from protocol.limits import IDLE_AFTER_MS
from protocol.messages.base import Value

_encode: Final = msgspec.msgpack.Encoder().encode
_encode_alike: Final = msgspec.msgpack.Encoder(order="deterministic").encode
"""Of equal answers it makes equal bytes."""
_NOTHING: Final = b""


def _stands_for(value: Value) -> bytes:
    """Tells answers apart, and is short where they are long; nothing for a blank one."""
    return _NOTHING if is_blank(value) else blake2b(_encode_alike(value), digest_size=8).digest()


class _Standing(msgspec.Struct, array_like=True):
    """All that a follower knows, as it can be written down. The fields are those of `Follower`, with their names."""

    course: Course
    laid: list[LaidQuestion]
    sections: dict[str | None, tuple[int, int]]
    by_section: bool
    limits_questions: bool
    section: tuple[int, int] | None
    place: str | None
    told: bool
    since: int | None
    runs_from: int
    counted: list[tuple[str | None, int]]
    paused: bool
    ended: bool
    connection: str | None
    is_away: bool
    active: int | None
    values: dict[str, bytes]
    changed_in: dict[str, int]
    late: dict[str, tuple[LateAnswer, ...]]
    gone: int | None
    back: int | None
    lag: int | None


_read_standing: Final = msgspec.msgpack.Decoder(_Standing).decode


class Follower:
    """Takes in the records of one log in their order. `typed` are, by version of the test, the questions whose answers
    are saved while somebody types: of their saves those in one visit are one change at most."""

    def __init__(self, typed: Mapping[int, Collection[str]]) -> None:
        self._typed_in = typed
        self._typed: Collection[str] = ()
        self._course = Course(away=[], questions={})
        self._laid: list[LaidQuestion] = []
        self._sections: dict[str | None, tuple[int, int]] = {}
        self._by_section = self._limits_questions = False
        self._section: tuple[int, int] | None = None
        self._place: str | None = None
        # What her client has said so far: without a word of where she is, each answer takes her to its question.
        self._told = False
        # Since when the time at `_place` is not counted yet; None: her clock does not run.
        self._since: int | None = None
        self._runs_from = 0
        # What was counted since her clock last began to run: (question, ms).
        self._counted: list[tuple[str | None, int]] = []
        self._paused = self._ended = False
        self._connection: str | None = None
        self._is_away = False
        self._active: int | None = None
        self._values: dict[str, bytes] = {}
        self._changed_in: dict[str, int] = {}
        self._late: dict[str, tuple[LateAnswer, ...]] = {}
        # Of a connection that was lost: from when to when it was away, and how much later than its clock says its
        # operations were received before.
        self._gone: int | None = None
        self._back: int | None = None
        self._lag: int | None = None

    def standing(self) -> bytes:
        """All that it knows, for `resumed_at`: to be asked for before `course`."""
        return _encode(_Standing(*(getattr(self, f"_{name}") for name in _Standing.__struct_fields__)))

    @classmethod
    def resumed_at(cls, standing: bytes, typed: Mapping[int, Collection[str]]) -> Self:
        """One that goes on where another one stood."""
        follower, known = cls(typed), _read_standing(standing)
        for name in _Standing.__struct_fields__:
            setattr(follower, f"_{name}", getattr(known, name))
        follower._typed = typed.get(known.course.test_version or 0, ())
        return follower

    def take(self, seq: int, at_ms: int, fact: Fact) -> None:
        """The next record that matters: others may be left out (`MATTERS`)."""
        self._course.seq = seq
        step = _STEPS.get(type(fact))
        if step is not None:
            step(self, at_ms, fact)

    def course(self, now_ms: int) -> Course:
        """All of it, as of `now_ms` where the attempt goes on. Nothing more is taken after that."""
        course = self._course
        if self._since is not None:
            self._stop(max(now_ms, self._since))
        course.away_ms = sum(until - since for since, until in course.away_spans)
        course.ended = self._ended
        if not self._ended:
            course.until_ms = now_ms
        return course

    # ── beginning and end ──────────────────────────────────────────────────────────────────────────────────────

    def started(self, at_ms: int, fact: Started) -> None:
        layout = fact.layout
        self._laid = list(layout.questions)
        self._by_section, self._limits_questions = layout.by_section, layout.questions_ms > 0
        first = 0
        for section in layout.sections:
            self._sections[section.section_id] = (first, first + len(section.questions))
            first += len(section.questions)
        if layout.by_section:
            self._section = self._sections[layout.sections[0].section_id]
        course = self._course
        course.questions = {laid.question_id: AtQuestion() for laid in self._laid}
        course.test_version = fact.test_version
        self._typed = self._typed_in.get(fact.test_version, ())
        course.started_ms = at_ms
        self._place = self._laid[0].question_id
        course.questions[self._place].visits = 1
        self._run(at_ms)

    def submitted(self, at_ms: int, fact: Fact) -> None:
        self._end(at_ms)

    def timed_out(self, at_ms: int, fact: Expired | Abandoned | Absent) -> None:
        self._end(fact.at_ms)

    def _end(self, at_ms: int) -> None:
        self._stop(at_ms)
        self._ended, self._course.until_ms = True, at_ms

    def reinstated(self, at_ms: int, fact: Reinstated) -> None:
        if self._course.started_ms is None:
            self._ended = False
            return
        self._again(at_ms, stands=self._paused or (fact.on_return and self._connection is None))

    def reopened(self, at_ms: int, fact: Reopened) -> None:
        self._again(at_ms, stands=fact.on_return and self._connection is None)
        if self._by_section and self._section is None:
            self._section = list(self._sections.values())[-1]
            self._place = self._laid[self._section[0]].question_id

    def _again(self, at_ms: int, *, stands: bool) -> None:
        self._ended, self._paused = False, stands
        if not stands:
            self._run(at_ms)

    # ── the clock ──────────────────────────────────────────────────────────────────────────────────────────────

    def paused(self, at_ms: int, fact: Paused) -> None:
        self._stop(fact.at_ms)
        # A cancelled attempt that was paused by staff stands again when it is reinstated.
        self._paused = not fact.connection_lost

    def resumed(self, at_ms: int, fact: Resumed) -> None:
        self._paused = False
        self._run(fact.at_ms)

    def _run(self, at_ms: int) -> None:
        self._since = self._runs_from = at_ms
        self._is_away = self._connection is None and self._gone is not None
        if self._is_away:
            self._course.away.append(at_ms)
        self._active = None if self._is_away else at_ms

    def _stop(self, at_ms: int) -> None:
        """The clock stands from `at_ms` on, which may lie before the record that says so."""
        if self._since is None:
            return
        self._rest(at_ms)
        self._count(at_ms, self._place if self._told else None)
        while self._since > at_ms and self._counted:
            # What was done in the grace, or after the last sign of a connection, was no time of hers.
            question_id, spent_ms = self._counted.pop()
            self._since -= spent_ms
            self._add(question_id, -spent_ms)
            self._count(at_ms, question_id)
        self._return(at_ms)
        away = self._course.away
        for place in range(len(away) - 1, -1, -1):
            if away[place] <= at_ms:
                break
            away[place] = at_ms
        self._since = self._active = None
        self._counted.clear()

    def _count(self, at_ms: int, question_id: str | None) -> None:
        """The time until now was spent at this question."""
        if self._since is None or at_ms <= self._since:
            return
        spent_ms, self._since = at_ms - self._since, at_ms
        self._counted.append((question_id, spent_ms))
        self._add(question_id, spent_ms)

    def _add(self, question_id: str | None, ms: int) -> None:
        self._course.ran_ms += ms
        if question_id is None:
            self._course.unplaced_ms += ms
        else:
            self._course.questions[question_id].time_ms += ms

    # ── where she is ───────────────────────────────────────────────────────────────────────────────────────────

    def moved(self, at_ms: int, fact: Moved) -> None:
        self._go(self._made(at_ms, fact.client_at_ms), fact.question_index)
        self._act(at_ms)

    def entered(self, at_ms: int, fact: SectionEntered) -> None:
        self._section = self._sections[fact.section_id]
        self._go(at_ms, self._section[0])
        self._act(at_ms)

    def section_closed(self, at_ms: int, fact: SectionClosed) -> None:
        self._count(fact.at_ms, self._place if self._told else None)
        self._section = self._place = None

    def _go(self, at_ms: int, position: int) -> None:
        """To the question at this position, by the client's word."""
        self._count(at_ms, self._place)
        self._told = True
        question_id = self._laid[position].question_id
        if question_id != self._place:
            self._course.questions[question_id].visits += 1
        self._place = question_id

    # ── what she does ──────────────────────────────────────────────────────────────────────────────────────────

    def answered(self, at_ms: int, fact: Answered) -> None:
        question_id, made_ms = fact.question_id, self._made(at_ms, fact.client_at_ms)
        one = self._course.questions[question_id]
        position = fact.position
        if position is not None and self._is_open(position):
            self._go(made_ms, position)
        elif position is None and self._begins(question_id, one):
            self._go(made_ms, next(n for n, laid in enumerate(self._laid) if laid.question_id == question_id))
        elif not self._told:
            self._count(made_ms, question_id)
            one.visits += question_id != self._place
            self._place = question_id
        self._save(one, fact, made_ms)
        self._act(at_ms)

    def _save(self, one: AtQuestion, fact: Answered, made_ms: int) -> None:
        question_id, value = fact.question_id, _stands_for(fact.value)
        before = self._values.get(question_id, _NOTHING)
        self._values[question_id] = value
        one.saves += 1
        one.last_ms = made_ms
        blank_before = not before
        one.answered = bool(value)
        if one.answered and one.first_ms is None:
            one.first_ms = made_ms
        if blank_before or before == value:
            if blank_before:
                self._changed_in[question_id] = one.visits
        elif question_id not in self._typed or self._changed_in.get(question_id) != one.visits:
            one.changes += 1
            self._changed_in[question_id] = one.visits

    def late_received(self, at_ms: int, fact: LateReceived) -> None:
        self._late[fact.late_id] = fact.answers

    def late_decided(self, at_ms: int, fact: LateDecided) -> None:
        """What staff accept is an answer that was saved now; her time at its question stays what it was."""
        for late in self._late.get(fact.late_id, ()):
            if late.question_id in fact.accepted:
                one = self._course.questions[late.question_id]
                self._values[late.question_id] = value = _stands_for(late.value)
                one.answered, one.last_ms = bool(value), at_ms
                one.saves += 1

    def _is_open(self, position: int) -> bool:
        return not self._by_section or (self._section is not None and self._section[0] <= position < self._section[1])

    def _begins(self, question_id: str, one: AtQuestion) -> bool:
        """An answer to a question with a limit of its own, where she has not been, takes her there."""
        if not self._limits_questions or one.visits:
            return False
        return any(laid.question_id == question_id and laid.limit_ms is not None for laid in self._laid)

    def flagged(self, at_ms: int, fact: Flagged | HandRaised) -> None:
        self._act(at_ms)

    def _act(self, at_ms: int) -> None:
        """She has done something: what came before it without a sign of her was idle, if it was long."""
        self._course.operations += 1
        self._rest(at_ms)

    def _rest(self, at_ms: int) -> None:
        if self._active is None:
            return
        idle_ms = at_ms - self._active
        if idle_ms >= IDLE_AFTER_MS:
            self._course.idle_ms += idle_ms
            self._course.idle_spans += 1
        self._active = max(at_ms, self._active)

    # ── connections ────────────────────────────────────────────────────────────────────────────────────────────

    def connected(self, at_ms: int, fact: Connected) -> None:
        if self._connection is None and self._gone is not None:
            self._back = at_ms
        self._connection = fact.connection_id
        self._return(at_ms)
        if self._since is not None and self._active is None:
            self._active = at_ms

    def disconnected(self, at_ms: int, fact: Disconnected) -> None:
        if fact.connection_id != self._connection:
            return
        self._connection, self._gone = None, fact.last_contact_ms
        if self._course.started_ms is None or self._ended:
            return
        self._course.losses += 1
        if self._since is not None:
            self._rest(fact.last_contact_ms)
            self._active = None
            self._is_away = True
            self._course.away.append(max(fact.last_contact_ms, self._runs_from))

    def _return(self, at_ms: int) -> None:
        """She is no longer away while her clock runs: she is back, or it stands."""
        if not self._is_away:
            return
        self._is_away = False
        away = self._course.away
        away.append(max(at_ms, away[-1]))

    def _made(self, at_ms: int, client_at_ms: int) -> int:
        """When she did what was received at `at_ms`: then, or while she was away."""
        lag = at_ms - client_at_ms
        if not client_at_ms:
            return at_ms
        if self._back is None or self._gone is None or self._lag is None:
            self._lag = lag
            return at_ms
        made_ms = at_ms - max(0, lag - self._lag)
        if made_ms >= self._back:
            # From here on she works with a connection again.
            self._back, self._lag = None, lag
            return at_ms
        return max(made_ms, self._gone)


_Step = Callable[[Follower, int, Any], None]

_STEPS: Final[dict[type[Fact], _Step]] = {
    Started: Follower.started,
    Connected: Follower.connected,
    Disconnected: Follower.disconnected,
    Answered: Follower.answered,
    Moved: Follower.moved,
    Flagged: Follower.flagged,
    HandRaised: Follower.flagged,
    SectionEntered: Follower.entered,
    SectionClosed: Follower.section_closed,
    Paused: Follower.paused,
    Resumed: Follower.resumed,
    Submitted: Follower.submitted,
    Cancelled: Follower.submitted,
    Expired: Follower.timed_out,
    Abandoned: Follower.timed_out,
    Absent: Follower.timed_out,
    LateReceived: Follower.late_received,
    LateDecided: Follower.late_decided,
    Reinstated: Follower.reinstated,
    Reopened: Follower.reopened,
}

MATTERS: Final = frozenset(str(kind.__struct_config__.tag) for kind in _STEPS)
"""Tags of the facts that change a course."""
