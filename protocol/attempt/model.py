"""What is true of an attempt: the folded state, and the values in it. Immutable; `evolve` makes the next one."""

from enum import StrEnum
from typing import Final

import msgspec

from protocol import limits
from protocol.attempt.answers import Answers
from protocol.attempt.late import Late
from protocol.attempt.layout import Layout
from protocol.content import Criteria
from protocol.integrity.captures import Capture, Consent
from protocol.integrity.noticed import Observations
from protocol.integrity.signals import Signal
from protocol.integrity.watches import Watch
from protocol.messages.page_settings import PageSettings


class Status(StrEnum):
    """Where an attempt stands. `kinds.py` says which facts lead from one to another."""

    # An enumeration hashes its members in Python, and every decision looks some of them up.
    __hash__ = str.__hash__

    INITIATED = "initiated"
    IN_PROGRESS = "in_progress"
    PAUSED = "paused"
    SUBMITTED = "submitted"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    COMPLETED = "completed"
    ABSENT = "absent"
    """The candidate did not sit: the window closed before she began."""
    ABANDONED = "abandoned"
    """Time was up, and the candidate had not handed in, as the test asks for. It is not marked."""


OPEN: Final = frozenset({Status.INITIATED, Status.IN_PROGRESS, Status.PAUSED})
"""The candidate may still do something."""

SITTING: Final = frozenset({Status.IN_PROGRESS, Status.PAUSED})
"""The candidate has begun, and has not ended."""

ENDED: Final = frozenset(Status) - OPEN
"""The clock has stopped for good, and no answer is accepted."""

SETTLED: Final = ENDED - {Status.SUBMITTED, Status.EXPIRED}
"""It has ended, and nothing waits to be marked."""


class Role(StrEnum):
    """Who acts. `protocol/rules/rights.py` says what each role may do."""

    __hash__ = str.__hash__

    CANDIDATE = "candidate"
    INVIGILATOR = "invigilator"
    CHIEF_INVIGILATOR = "chief_invigilator"
    MARKER = "marker"
    INSTRUCTOR = "instructor"
    ADMINISTRATOR = "administrator"
    SERVICE = "service"
    """Another program of the platform."""
    SYSTEM = "system"
    """This server: timers, the sweeper, marking."""


class Actor(msgspec.Struct, frozen=True, gc=False):
    """Who acts, as the token says. The system's own id is the reason it acts for."""

    role: Role
    id: str


class Terms(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The rules one attempt is sat under, so that its log alone tells every deadline. Milliseconds.

    No attempt starts outside the window, and no started clock outruns its end by itself. With `link_opens_once` the
    attempt belongs to the device that connected first, until staff allow another one. `gaps` is what handing in without
    an answer to a required question comes to: allow, warn or refuse.

    The log has the test's terms, those for anybody. What the candidate was granted (`sheet.accommodated`) changes them:
    she has `extra_time_ms` on top of the duration. In a test without one, the limits of its sections and questions are
    longer by `extra_time_permille` thousandths. With `unlimited_time` no limit counts but the end of the window.
    Nobody hands in before her clock has run for `min_time_ms`: that is the same for everybody. What is not handed in
    when time is up is collected (`at_end` "submit") or abandoned ("abandon", or "hand_in" after `hand_in_ms` in which
    handing in alone is accepted). Where the test is `synchronised` her time counts from the opening of the window.
    A pause that nobody ends is forgotten when the window closes, and collected `pause_grace_ms` later. Where the limit
    is `soft` the end of the duration closes nothing; that of the window does. `late_answers` says what is kept of
    answers that come after the end: "nothing", "evidence" (what a device sends within `late_ms` after it) or "file"
    (that, and what staff bring in a file); staff then decide about it. `watches` say what is noticed while the test is
    sat, and what follows; `full_screen` is asked for, and pictures from her camera or of her screen as `captures` say.
    """

    duration_ms: int | None
    window_opens_at_ms: int | None
    window_closes_at_ms: int | None
    grace_ms: int
    warnings_ms: tuple[int, ...]
    pause_on_disconnect: bool
    pause_budget_ms: int
    newest_connection_wins: bool
    link_opens_once: bool
    extra_time_ms: int = 0
    extra_time_permille: int = 0
    unlimited_time: bool = False
    gaps: str = "allow"
    min_time_ms: int = 0
    at_end: str = "submit"
    hand_in_ms: int = 0
    synchronised: bool = False
    pause_grace_ms: int = limits.PAUSE_GRACE_MS
    soft: bool = False
    late_answers: str = "nothing"
    late_ms: int = 0
    watches: tuple[Watch, ...] = ()
    full_screen: bool = False
    captures: tuple[Capture, ...] = ()


class Accommodation(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """What one candidate has been granted, in place of the rules of the test or beyond them.

    Her extra time is `extra_time_ms` or `extra_time_permille` of the duration, whichever is more; with `unlimited_time`
    she has no limit. `opens_at_ms` and `closes_at_ms` are her own window, nil: the test's; `never_closes`: her window
    has no end. `pause_budget_ms` is for how long lost connections stop her clock, nil: as the test says. She has
    `extra_attempts` more than others. She is `exempt` from these signals: nobody watches her for them. `page` is how
    her page looks to begin with, nil: as she has set it.
    """

    extra_time_ms: int = 0
    extra_time_permille: int = 0
    unlimited_time: bool = False
    opens_at_ms: int | None = None
    closes_at_ms: int | None = None
    never_closes: bool = False
    pause_budget_ms: int | None = None
    extra_attempts: int = 0
    exempt: tuple[Signal, ...] = ()
    page: PageSettings | None = None


class SentMessage(msgspec.Struct, frozen=True):
    """A message from staff and how far it has come. `formal`: it is a formal warning, and `role` that of its giver."""

    message_id: str
    text: str
    at_ms: int
    delivered: bool
    seen: bool
    formal: bool = False
    role: str | None = None


class Hand(StrEnum):
    """How far the candidate's call for an invigilator has come."""

    RAISED = "raised"
    ACKNOWLEDGED = "acknowledged"


class Scope(StrEnum):
    """What a clock limits."""

    TEST = "test"
    WINDOW = "window"
    """In a test whose limit is soft: until when it can be sat at all."""
    SECTION = "section"
    QUESTION = "question"


class Clock(msgspec.Struct, frozen=True, gc=False):
    """The time for the test, or for the section or question `of` (nil for the test alone).

    A running clock has its `deadline_ms`, a standing one the time left on it, `left_ms`; the other is nil. `warned` are
    the warnings that were given for this deadline, or are moot. A `soft` clock closes nothing: its deadline may have
    passed, its time left be less than nothing, and `over` says that this was recorded.
    """

    scope: Scope
    of: str | None
    deadline_ms: int | None
    left_ms: int | None
    warned: tuple[int, ...] = ()
    soft: bool = False
    over: bool = False


UNLIMITED: Final = Clock(Scope.TEST, None, None, None)
"""Stands for the test's clock where there is none."""


class Notice(msgspec.Struct, frozen=True, gc=False):
    """A warning that was given: so much is left until this deadline of this clock."""

    left_ms: int
    deadline_ms: int
    scope: Scope
    of: str | None


class Pause(msgspec.Struct, frozen=True):
    """All clocks stand since `since_ms`. `connection_lost` draws on the pause budget; a pause by staff does not.
    `until_return`: they run again when the candidate comes. `forgotten_ms`: since when nobody has ended it although the
    test is over. `signal` is what was noticed, where the test stops the clock for that; staff end such a pause."""

    since_ms: int
    connection_lost: bool
    until_return: bool = False
    forgotten_ms: int | None = None
    signal: Signal | None = None


class Voided(msgspec.Struct, frozen=True):
    """What a cancelled attempt was, which is so again if it is reinstated: its status, its clocks, which stand, and
    whether its paper had been collected, with the reason for that."""

    status: Status
    clocks: tuple[Clock, ...]
    collected: bool
    end_said: str | None
    paused_by_staff: bool


class StaffAct(msgspec.Struct, frozen=True):
    """What one of the staff did last to the attempt: the kind of record `seq`, from the instant `at_ms`, and the
    milliseconds that it gave, if it gave some."""

    seq: int
    at_ms: int
    by: Actor
    kind: str
    ms: int | None = None


class HandMark(msgspec.Struct, frozen=True):
    """A person's mark for one answer: `score_mpt` of `max_mpt`, in thousandths of a point. `answer` is the fingerprint
    of the answer that was marked (`hand_marks`). `criteria` is of what the mark was made; none: it was given as a
    whole."""

    score_mpt: int
    max_mpt: int
    remark: str
    by: str
    answer: bytes
    criteria: Criteria = ()


class Identity(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What never changes about an attempt. `form_id` is the form that was asked for."""

    attempt_id: str
    org_id: str
    branch_id: str | None
    test_id: str
    form_id: str | None
    user_id: str
    attempt_number: int


class Attempt(msgspec.Struct, frozen=True, gc=False):
    """The fold of a log up to record `seq`, whose hash is `head`. `key` is the one under which bodies are digested.

    Until the start the attempt follows its test: `terms`, `test_version` and `layout` are nil. `terms` are those in
    force; `test_terms` are what they would be for a candidate who was granted nothing. `seed` is the chance by
    which its paper is drawn and shuffled at the start, `accommodation` what the candidate was granted. `clocks` are
    those that were begun, the test's first; there is none before the start, after the end, and where nothing is
    limited. `collected`: staff have moved every deadline to the moment of their command, nothing moves it again, and
    `end_said` is theirs. `running_since_ms` is when the clocks last began to run. `last_n` is the highest client
    number accepted, `operations` how many were; `digests` holds, for the newest of them, the number and eight bytes of
    the body, so that a repeated number is recognised without reading the log; `commands` holds the same for each staff
    command by its id. `warning` is the newest one that was given, whatever has become of its deadline. `visits` are the
    newest visited questions, packed (`visits`). `answers` keeps blank answers too, `answered` counts the others.
    `ended_as` keeps how it ended once marks are in, and `reference` names that end: a reopened attempt has none.
    `connection_id` is the connection in force, `holder` the node with its socket. `device` is the one that connected
    last; `devices` holds the greatest `connect_n` of each. `device_allowed`: staff have allowed a new device, and none
    has come yet. `lost_records` is the most that one device knew beyond the log when it connected; 1 at least where it
    knew another log.
    `section_id` is the open section of a test whose sections are sat one after the other; it stays after the end.
    The clock has run for `ran_ms` until it last began to run, at `running_since_ms`. Staff have extended the time of
    the whole by `given_ms`. When the open section was entered it had run for `section_from_ms`; staff have extended it
    by `section_given_ms`, nil: it is open again by a reopening, and has no limit of its own. `limit_given`: staff
    gave a time with the reopening although hers is unlimited, so that the test's clock is theirs.
    `closed_sections` (in the order of the paper) and `closed_questions` take no answers any more. `limits_questions`:
    some question of the paper has a limit of its own. `unasked`: the positions of information, in order.
    `admitted`: staff have let her in who waits. `counts`: the attempt is one of those that she may have. `voided` is
    what a cancelled attempt was.
    `worked_ms` is when she last did something that the log has; `contact_ms` when her last connection began, or was
    last heard of. `lost_ms`: since when she has no connection, or had none before the one in force; nil: she did not
    lose one while she sat.
    `ended_by_staff`: time was up because staff have collected the paper. `late` is what came after an end.
    `observations` is what was noticed; nil: nothing. `address` is where her last connection came from.
    `consents` are what she has said of pictures, of each source the last.
    `acts` holds what the last few of the staff who acted did last, the newest at the end.
    `erased`: nothing personal is left, and nothing can happen any more.
    `key_version` is the version of the test whose keys mark the attempt; nil: `test_version`. `marks_reason` and
    `marks_by` say why and by whom its marks were last changed.
    """

    identity: Identity
    seed: int
    accommodation: Accommodation
    seq: int
    head: bytes
    key: bytes
    status: Status
    created_at_ms: int
    terms: Terms | None = None
    test_terms: Terms | None = None
    test_version: int | None = None
    layout: Layout | None = None
    started_at_ms: int | None = None
    clocks: tuple[Clock, ...] = ()
    collected: bool = False
    pause: Pause | None = None
    pause_used_ms: int = 0
    running_since_ms: int | None = None
    ran_ms: int = 0
    given_ms: int = 0
    section_from_ms: int = 0
    section_given_ms: int | None = 0
    limit_given: bool = False
    warning: Notice | None = None
    ended_at_ms: int | None = None
    ended_as: Status | None = None
    end_said: str | None = None
    reference: str | None = None
    question_index: int = 0
    answers: Answers = Answers()
    answered: int = 0
    flagged: tuple[str, ...] = ()
    visits: bytes = b""
    messages: tuple[SentMessage, ...] = ()
    connection_id: str | None = None
    holder: str | None = None
    device: str | None = None
    devices: dict[str, int] = {}
    device_allowed: bool = False
    lost_records: int = 0
    last_n: int = 0
    operations: int = 0
    digests: bytes = b""
    commands: dict[str, bytes] = {}
    score_mpt: int | None = None
    max_mpt: int | None = None
    awaiting_marks: int = 0
    hand_marks: dict[str, HandMark] = {}
    erased: bool = False
    key_version: int | None = None
    marks_reason: str = ""
    marks_by: str | None = None
    hand: Hand | None = None
    section_id: str | None = None
    closed_sections: tuple[str, ...] = ()
    closed_questions: tuple[str, ...] = ()
    limits_questions: bool = False
    unasked: tuple[int, ...] = ()
    admitted: bool = False
    counts: bool = True
    voided: Voided | None = None
    acts: tuple[StaffAct, ...] = ()
    worked_ms: int | None = None
    contact_ms: int | None = None
    ended_by_staff: bool = False
    late: tuple[Late, ...] = ()
    observations: Observations | None = None
    address: str = ""
    lost_ms: int | None = None
    consents: tuple[Consent, ...] = ()

    @property
    def heard_ms(self) -> int | None:
        """The last sign of life of the candidate that the log has."""
        worked_ms, contact_ms = self.worked_ms, self.contact_ms
        if worked_ms is None or contact_ms is None:
            return contact_ms if worked_ms is None else worked_ms
        return max(worked_ms, contact_ms)

    @property
    def laid(self) -> Layout:
        """The paper of an attempt that has started."""
        assert self.layout is not None, "the paper is pinned at the start"
        return self.layout

    @property
    def pinned(self) -> Terms:
        """The terms of an attempt that has started."""
        assert self.terms is not None, "terms are pinned at the start"
        return self.terms

    @property
    def pinned_of_test(self) -> Terms:
        """The test's terms of an attempt that has started."""
        assert self.test_terms is not None, "terms are pinned at the start"
        return self.test_terms

    @property
    def test_clock(self) -> Clock:
        """The clock of the whole test; `UNLIMITED` where there is none."""
        clocks = self.clocks
        return clocks[0] if clocks and clocks[0].scope is Scope.TEST else UNLIMITED

    @property
    def deadline_ms(self) -> int | None:
        """The instant at which the attempt ends; None: nothing ends it, or its clocks stand."""
        # Asked for every answer: only the clocks of the whole, which come first, are not `of` anything.
        clocks = self.clocks
        if not clocks:
            return None
        clock = clocks[0]
        if clock.soft and len(clocks) > 1:
            clock = clocks[1]
        return None if clock.soft or clock.of is not None else clock.deadline_ms

    @property
    def closes_at_ms(self) -> int | None:
        """The instant from which nothing on the paper is changed: the test's deadline and the grace for the wire."""
        # `deadline_ms` written out: asked several times for every answer.
        clocks, terms = self.clocks, self.terms
        if not clocks or terms is None:
            return None
        clock = clocks[0]
        if clock.soft and len(clocks) > 1:
            clock = clocks[1]
        deadline_ms = clock.deadline_ms
        return None if clock.soft or clock.of is not None or deadline_ms is None else deadline_ms + terms.grace_ms

    @property
    def ends_at_ms(self) -> int | None:
        """The instant from which nothing can be handed in any more: later than `closes_at_ms` where the test gives time
        for that alone."""
        closes_ms, terms = self.closes_at_ms, self.terms
        if closes_ms is None or terms is None or self.collected or terms.at_end != "hand_in":
            return closes_ms
        return closes_ms + terms.hand_in_ms
