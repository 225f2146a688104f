"""What a candidate must know of her attempt and its test."""

from typing import Final

import msgspec

from protocol.messages.base import Int, Value


class ClockState(msgspec.Struct, frozen=True):
    """One clock. `scope` is what it limits: test, or the section or question whose id is `of` (nil for the test). In a
    test whose limit is soft the clock of scope window tells until when it can be sat at all.

    `deadline_ms` is when the page locks what the clock limits, and `closes_at_ms` when the server stops accepting: both
    nil while the clock stands. `left_ms` is set only while it stands. A `soft` clock closes nothing: `closes_at_ms` is
    nil, and its deadline may have passed, or `over_ms` say for how long time was over when it was stopped.
    """

    scope: str
    of: str | None
    deadline_ms: Int | None
    closes_at_ms: Int | None
    left_ms: Int | None
    soft: bool | None = None
    over_ms: Int | None = None


NO_CLOCK: Final = ClockState("test", None, None, None, None)
"""Stands for the test's clock where there is none."""


class LateState(msgspec.Struct, frozen=True):
    """What becomes of answers that a device still has at the end. `policy` is evidence (it sends them, within `for_ms`
    after the end), or file (that, and it can save them in a file that staff bring). Staff decide whether they count.
    `waiting` is how many of them wait for that; `counted` of them count, and `rejected` do not: all of this end's."""

    policy: str
    for_ms: Int
    waiting: Int
    counted: Int
    rejected: Int


class SignalWarning(msgspec.Struct, frozen=True):
    """The candidate was warned because of what was noticed: `times` times because of this signal, the last time at
    `at_ms`."""

    signal: str
    times: Int
    at_ms: Int


class ConsentState(msgspec.Struct, frozen=True):
    """What the candidate has said last of pictures from `source` (camera or screen). `says` agreed: to one every
    `every_ms`, kept for `keep_days`; declined: to none; unable: her device can't give them. It counts where the test
    asks for just that (`welcome.watching.captures`)."""

    source: str
    says: str
    every_ms: Int
    keep_days: Int


class AttemptState(msgspec.Struct, frozen=True):
    """What a candidate must know of the attempt and its clocks, after record `seq` of the log, whose hash is `head` (in
    hexadecimal).

    `clocks` are those that were begun, the test's first: none before the start, after the end, and where nothing is
    limited. `section_id` is the open section, in a test whose sections are sat one after the other; nil in every other
    test, and between two sections. `closed_sections` and `closed_questions` take no answers any more. `ended_as` keeps
    how it ended (submitted, expired, cancelled, absent, abandoned) when the marks are in and the status is `completed`;
    `reference` identifies that end, and `said` is what staff told the candidate who ended it, perhaps nothing; nil:
    staff did not. In `in_progress` it says that they have collected the paper, which ends when the test's clock closes.
    `hand` is raised, acknowledged (staff have seen it), or nil. In a test with a minimum time nothing is handed in
    before `hand_in_from_ms`, and the open section is not left before `leave_from_ms`; nil: at any time, and while the
    clock stands nobody can tell. `hand_in_until_ms` is when the page locks handing in, where a test gives time for that
    after the deadline; nil: it does not. For `may_stand_ms` a lost connection would stop the clock that runs now; nil:
    it stops nothing. `late` is for what comes after the end; nil: this test takes nothing then. `paused_for` is the
    signal because of which the clock stands until staff let it run; nil: it runs, or stands for something else.
    `signal_warnings` are those that she was given because of what was noticed; nil: none.
    `consents` are what she has said of pictures, one for each source; nil: nothing.
    """

    status: str
    seq: Int
    head: str
    started_at_ms: Int | None
    clocks: list[ClockState]
    section_id: str | None
    closed_sections: list[str]
    closed_questions: list[str]
    ended_at_ms: Int | None
    ended_as: str | None
    reference: str | None
    said: str | None
    hand: str | None = None
    hand_in_from_ms: Int | None = None
    leave_from_ms: Int | None = None
    hand_in_until_ms: Int | None = None
    may_stand_ms: Int | None = None
    late: LateState | None = None
    paused_for: str | None = None
    signal_warnings: list[SignalWarning] | None = None
    consents: list[ConsentState] | None = None

    @property
    def test_clock(self) -> ClockState:
        """The clock of the whole test; `NO_CLOCK` where there is none."""
        clocks = self.clocks
        return clocks[0] if clocks and clocks[0].scope == "test" else NO_CLOCK


class Hindrance(msgspec.Struct, frozen=True):
    """Why a candidate can't begin now: a refusal's code and its sentence. `from_ms` is the instant from which this no
    longer holds; nil: nobody can tell."""

    code: str
    detail: str
    from_ms: Int | None


class Part(msgspec.Struct, frozen=True):
    """A section of the paper, told before the start. `limit_ms` is the time that the candidate has for it; nil: no
    limit of its own. `min_ms` is the time for which she stays in it at least."""

    title: str
    question_total: Int
    limit_ms: Int | None
    min_ms: Int | None = None


class Timing(msgspec.Struct, frozen=True):
    """Rules of time that a candidate should know before she starts. `min_time_ms` is the time that must pass before she
    may hand in; nil: none. `at_end` says what becomes of a test that is not handed in when time is up: submit,
    hand_in (for `hand_in_ms` it can still be handed in) or abandon. `synchronised`: the time counts from the opening of
    the window. `soft`: the end of the duration closes nothing."""

    min_time_ms: Int | None
    at_end: str
    hand_in_ms: Int
    synchronised: bool
    soft: bool


class WatchedSignal(msgspec.Struct, frozen=True):
    """What is noticed while she sits, and from which time on she is warned, staff are alerted, and her clock stands
    until they let it run; nil: never."""

    signal: str
    warn_from: Int | None
    alert_from: Int | None
    pause_from: Int | None


class CaptureAsked(msgspec.Struct, frozen=True):
    """Her page takes a picture from `source` every `every_ms` while she sits, if she agrees; it is kept for
    `keep_days`. `source` is camera, or screen: the screen that she shares, where `whole_screen` all of it and no window
    or tab alone. `asks` is offered; required: nobody begins without having agreed; or if_able: nor without having said
    that her device can't."""

    source: str
    asks: str
    every_ms: Int
    keep_days: Int
    whole_screen: bool


class Watching(msgspec.Struct, frozen=True):
    """All that is noticed of this candidate, which she is told before she starts. A page notices nothing else.
    `full_screen`: her page asks for the whole screen. `captures` are pictures that it
    takes if she agrees."""

    signals: list[WatchedSignal]
    full_screen: bool
    captures: list[CaptureAsked]


class SavedAnswer(msgspec.Struct, frozen=True, gc=False):
    """An answer the server holds: the client number that brought it, and when it was accepted."""

    question_id: str
    value: Value
    n: Int
    saved_at_ms: Int
