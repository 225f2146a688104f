"""What a log says up to a record: the state of one attempt, as far as candidates and monitors see it."""

from typing import Any, Final, NamedTuple

import msgspec

from loadtest.checker.timers import Paper, Timers
from protocol.messages.state import ClockState, ConsentState, LateState, SignalWarning

ENDS: Final = frozenset({"submitted", "expired", "cancelled", "absent", "abandoned"})
"""Facts that end an attempt, and the statuses that they lead to."""

ENDED: Final = ENDS | {"completed"}


class Void(NamedTuple):
    """What a cancelled attempt was: its status, its timers, which stand, and whether its paper had been collected."""

    status: str
    timers: Timers
    collected: bool
    said: str | None
    by_staff: bool


class Late(NamedTuple):
    """Answers that came after the end that `reference` names: (question, value) of each."""

    late_id: str
    reference: str | None
    answers: tuple[tuple[str, Any], ...]
    accepted: frozenset[str] | None = None
    """The questions whose late answers count; None: nobody has decided."""


class Noticed(NamedTuple):
    """Of one signal, as a row shows it; the warnings are the candidate's."""

    times: int
    size: int
    at_ms: int
    warnings: int
    warned_at_ms: int | None
    alerts: int
    alerted_at_ms: int | None


class Agreement(NamedTuple):
    """What she has said last of pictures from a source."""

    says: str
    every_ms: int
    keep_days: int
    at_ms: int


NEVER: Final = Noticed(0, 0, 0, 0, None, 0, None)


class State(msgspec.Struct, frozen=True, kw_only=True):
    """After record `seq`. `standing_since_ms` is set while the clock stands."""

    seq: int = 0
    head: str = ""
    status: str = "none"
    started_at_ms: int | None = None
    timers: Timers = ()
    paper: Paper | None = None
    collected: bool = False
    grace_ms: int = 0
    standing_since_ms: int | None = None
    connection_lost: bool = False
    stood_ms: int = 0
    ended_at_ms: int | None = None
    ended_as: str | None = None
    said: str | None = None
    reference: str | None = None
    question_index: int = 0
    total: int = 0
    user_id: str = ""
    branch_id: str | None = None
    attempt_number: int = 0
    answers: dict[str, Any] = {}
    flagged: frozenset[str] = frozenset()
    messages: tuple[tuple[str, str], ...] = ()
    formal: tuple[tuple[str, int, str, str], ...] = ()
    connection_id: str | None = None
    last_n: int = 0
    worked_ms: int | None = None
    contact_ms: int | None = None
    ended_by_staff: bool = False
    act: tuple[str, int, int | None] | None = None
    score_mpt: int | None = None
    max_mpt: int | None = None
    awaiting: int = 0
    open_section: str | None = None
    closed_sections: list[str] = []
    closed_questions: list[str] = []
    terms: dict[str, Any] = {}
    test_terms: dict[str, Any] = {}
    granted: dict[str, Any] = {}
    admitted: bool = False
    until_return: bool = False
    forgotten_ms: int | None = None
    running_since_ms: int = 0
    ran_ms: int = 0
    given_ms: int = 0
    section_from_ms: int = 0
    section_given_ms: int | None = 0
    limit_given: bool = False
    void: "Void | None" = None
    void_counts: bool = False
    pieces: tuple[Late, ...] = ()
    noticed: dict[str, Noticed] = {}
    paused_for: str | None = None
    agreements: dict[str, Agreement] = {}
    shown: dict[str, Any] = {}
    """What candidates and staff are shown as a record says it, by its name there; nil: what is not in it."""

    @property
    def counts(self) -> bool | None:
        """As a row shows it."""
        return self.void_counts if self.status == "cancelled" else None

    @property
    def pause(self) -> str | None:
        """Why the clock stands, as a row shows it."""
        if self.status != "paused":
            return None
        if self.paused_for is not None:
            return "integrity"
        return "connection" if self.connection_lost else "return" if self.until_return else "staff"

    @property
    def consents(self) -> list[ConsentState] | None:
        """As the candidate is told."""
        return [
            ConsentState(source, one.says, one.every_ms, one.keep_days) for source, one in self.agreements.items()
        ] or None

    @property
    def signal_warnings(self) -> list[SignalWarning] | None:
        """As the candidate is told."""
        given = [
            SignalWarning(signal, one.warnings, one.warned_at_ms or 0)
            for signal, one in self.noticed.items()
            if one.warnings
        ]
        return given or None

    @property
    def closes_at_ms(self) -> int | None:
        return None if self.end_ms is None else self.end_ms + self.grace_ms

    @property
    def end_ms(self) -> int | None:
        """The deadline that ends the attempt."""
        hard = (timer.until_ms for timer in self.timers if timer.of is None and not timer.soft)
        return next(hard, None)

    @property
    def over_since_ms(self) -> int | None:
        overs = (timer.until_ms for timer in self.timers if timer.over and timer.until_ms is not None)
        return min(overs, default=None)

    def ran_until(self, at_ms: int) -> int:
        """For how long the clock has run."""
        return self.ran_ms + (max(0, at_ms - self.running_since_ms) if self.status == "in_progress" else 0)

    def _from_ms(self, least_ms: int, scopes: tuple[str, ...]) -> int | None:
        """When the clock will have run for so long, if nothing stops it, or the clock of the scope is up."""
        if not least_ms or self.status != "in_progress" or self.collected:
            return None
        ends = [
            timer.until_ms
            for timer in self.timers
            if timer.scope in scopes and timer.until_ms is not None and not timer.soft
        ]
        return min([self.running_since_ms + max(0, least_ms - self.ran_ms), *ends])

    @property
    def leave_from_ms(self) -> int | None:
        least_ms = 0 if self.paper is None else self.paper.least_ms.get(self.section_id, 0)
        return self._from_ms(self.section_from_ms + least_ms if least_ms else 0, ("section",))

    @property
    def hand_in_from_ms(self) -> int | None:
        both = [self._from_ms(self.terms.get("min_time_ms", 0), ("test",)), self.leave_from_ms]
        latest = max((one for one in both if one is not None), default=None)
        return latest if latest is None or self.end_ms is None else min(latest, self.end_ms)

    @property
    def hand_in_until_ms(self) -> int | None:
        return None if self.end_ms is None or not self.hand_in_ms else self.end_ms + self.hand_in_ms

    @property
    def may_stand_ms(self) -> int | None:
        """For how long a lost connection could still stop the clock that runs."""
        if self.status != "in_progress" or self.collected or not self.terms.get("pause_on_disconnect"):
            return None
        left_ms: int = self.terms["pause_budget_ms"] - self.stood_ms
        return left_ms if left_ms > 0 else None

    def with_pause(self, until_ms: int) -> int:
        """What lost connections have taken of the budget, the pause until then included."""
        if self.status != "paused" or not self.connection_lost or self.standing_since_ms is None:
            return self.stood_ms
        return self.stood_ms + max(0, until_ms - self.standing_since_ms)

    @property
    def forgotten_since_ms(self) -> int | None:
        return self.forgotten_ms

    @property
    def late(self) -> LateState | None:
        """What a page is told of answers that come after the end."""
        policy = self.terms.get("late_answers", "nothing")
        if policy == "nothing":
            return None
        decided = [one for one in self._late_now if one.accepted is not None]
        accepted = sum(len(one.accepted or ()) for one in decided)
        rejected = sum(len(one.answers) for one in decided) - accepted
        return LateState(policy, self.terms["late_ms"], self.late_waiting, accepted, rejected)

    @property
    def late_waiting(self) -> int:
        return sum(len(one.answers) for one in self._late_now if one.accepted is None)

    @property
    def _late_now(self) -> list[Late]:
        return [one for one in self.pieces if one.reference == self.reference]

    @property
    def hand_in_ms(self) -> int:
        """For so long after the deadline handing in alone is accepted."""
        if self.collected or self.terms.get("at_end", "submit") != "hand_in":
            return 0
        return int(self.terms.get("hand_in_ms", 0))

    @property
    def ends_at_ms(self) -> int | None:
        """From when nothing can be handed in."""
        return None if self.closes_at_ms is None else self.closes_at_ms + self.hand_in_ms

    @property
    def deadline_ms(self) -> int | None:
        return next((timer.until_ms for timer in self.timers if timer.scope == "test"), None)

    @property
    def left_ms(self) -> int | None:
        left_ms = next((timer.left_ms for timer in self.timers if timer.scope == "test"), None)
        return None if left_ms is None else max(0, left_ms)

    @property
    def clocks(self) -> list[ClockState]:
        return [
            ClockState(
                timer.scope,
                timer.of,
                timer.until_ms,
                None if timer.until_ms is None or timer.soft else timer.until_ms + self.grace_ms,
                None if timer.left_ms is None else max(0, timer.left_ms),
                timer.soft or None,
                None if timer.left_ms is None or timer.left_ms >= 0 else -timer.left_ms,
            )
            for timer in self.timers
        ]

    @property
    def section_id(self) -> str | None:
        """The open section, as a page and a row show it: after the end none is."""
        return None if self.status in ENDED else self.open_section

    @property
    def shown_section(self) -> str | None:
        """The author's section that she is in, as a row shows it."""
        parts = {} if self.paper is None else self.paper.parts
        return parts.get(self.section_id, self.section_id) if self.section_id is not None else None

    @property
    def sections_are_closed(self) -> bool:
        """Whether the sections are sat one after the other, and all have closed."""
        paper = self.paper
        is_between = paper is not None and paper.by_section and self.open_section is None
        return paper is not None and is_between and len(self.closed_sections) == len(paper.sections)

    @property
    def here(self) -> str | None:
        """The question where she is."""
        return None if self.paper is None else self.paper.question(self.question_index)[0]
