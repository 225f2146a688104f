"""How a test is sat: its rules."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from protocol import limits
from protocol.content.base import AddressRange, Delay, Duration, Limit, Tools
from protocol.integrity.captures import SOURCES, Capture
from protocol.integrity.safe_exam_browser import SafeExamBrowser
from protocol.integrity.watches import Watch
from protocol.messages.base import NO_NUL, Instant

Release = Literal["at_once", "window_closed", "by_staff"]
Shows = Literal["reference", "score", "questions", "feedback"]
Counts = Literal["best", "latest", "first", "average"]
Leaderboard = Literal["off", "score", "score_and_time"]
Late = Literal["nothing", "evidence", "file"]


class Grade(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A grade, from so many thousandths of the points on."""

    label: Annotated[str, Meta(min_length=1, max_length=100, pattern=NO_NUL)]
    from_permille: Annotated[int, Meta(ge=0, le=1_000)]


class Rules(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How a test is sat. Milliseconds throughout; a nil `duration_ms` is a test without a time limit.

    `warnings_ms` are the times left at which the candidate is warned. `on_disconnect` is "run" (a lost connection gives
    no time) or "pause" (it stops the clock, for `pause_budget_ms` in all). `connections` is "newest" (a new connection
    replaces the old one) or "first" (it is refused while the old one lives). `links` is "open" (a link opens its
    attempt on any device) or "once" (the first device that comes binds it: the link opens nothing on another one, until
    staff allow that). `max_attempts` nil: no limit. `release` says when candidates see their results: at once, when the
    window is over for everybody, or when staff release them; `shows` how much: nothing but the reference, the score,
    the marks of single questions too, or with them the author's feedback. `counts` says which of several attempts
    counts. `order` is "free" (all questions are open), "by_section" (one section after the other, without a way back)
    or "forward" (one question after the other, without a way back). `gaps` says what happens when a candidate hands in,
    or leaves a section for good, without having answered a required question: nothing ("allow"), her page asks once
    more ("warn"), or it is refused ("refuse").

    `active` false: nobody begins an attempt; whoever sits one goes on. `form_choice` says who names the form of an
    attempt: "staff" or the "candidate". Between the end of an attempt and the next one `delay_first_ms` must pass after
    the first, `delay_later_ms` after any other. A start needs the `access_code`, where there is one, and comes from one
    of the `address_ranges` (`192.0.2.0/24`), where there are some; whoever acts for the candidate is asked for neither.
    With a `waiting_room` nobody begins before staff let her in. `enrolment` is "open" (whoever has a link may begin) or
    "required".

    Nobody hands in before her clock has run for `min_time_ms`. `at_end` says what becomes of an attempt that is not
    handed in when time is up: "submit" (it is collected, and marked), "abandon" (it is kept, and not marked unless
    staff accept it) or "hand_in" (for `hand_in_ms` after the deadline it can still be handed in, and not changed any
    more; then it is abandoned). Where it is `synchronised` everybody's time counts from `opens_at_ms`: whoever begins
    later has less. A pause that goes on when the window closes is shown to staff as forgotten; `pause_grace_ms` later
    the paper is collected. Where the `limit` is "soft", the end of the duration only informs; the window still ends the
    attempt.

    `tools` are those that the candidate's page offers beside the questions: to strike out options, to see a few lines
    alone, to take notes that nobody else reads, to highlight, and to calculate with the four operations, powers and
    roots, or with functions too. What they hold stays on her device.

    `late_answers` says what is kept of answers that a device still has when the attempt ends without it: "nothing",
    "evidence" (what it sends within `late_ms` after the end is kept beside what was submitted, and staff decide whether
    it counts) or "file" (that, and what staff bring in a file that the page has saved).

    `integrity` says what is noticed while the test is sat, and what follows: without a watch for it nothing is. With
    `full_screen` the candidate's page asks for the whole screen; where a browser has none that is recorded, and nobody
    is kept out. With `captures` her page takes pictures with the camera, or of the screen that she shares, if she
    agrees. With `safe_exam_browser` the test is begun in that program alone, and gone on with.

    With `blind_marking` those who only mark see an alias in place of a candidate's name and id. Of the answers that
    persons mark, `second_marking_permille` thousandths are marked by two; where their marks differ by more than
    `marking_tolerance_permille` thousandths of the question's points, a third one decides.

    `leaderboard` says whether candidates may choose to stand on a list of ranks, by their scores alone or, of equal
    ones, by the time that their clocks ran. It shows what results candidates see, and nothing before.
    """

    duration_ms: Duration | None = 3_600_000
    opens_at_ms: Instant | None = None
    closes_at_ms: Instant | None = None
    grace_ms: Annotated[int, Meta(ge=0, le=600_000)] = 2_000
    warnings_ms: Annotated[list[Duration], Meta(max_length=10)] = msgspec.field(
        default_factory=lambda: [300_000, 60_000]
    )
    max_attempts: Annotated[int, Meta(ge=1, le=1_000)] | None = 1
    on_disconnect: Literal["run", "pause"] = "run"
    pause_budget_ms: Annotated[int, Meta(ge=0, le=limits.MAX_EXTENSION_MS)] = 300_000
    connections: Literal["newest", "first"] = "newest"
    links: Literal["open", "once"] = "open"
    release: Release = "at_once"
    shows: Shows = "questions"
    counts: Counts = "best"
    grades: Annotated[list[Grade], Meta(max_length=limits.MAX_GRADES)] = msgspec.field(default_factory=list)
    order: Literal["free", "by_section", "forward"] = "free"
    gaps: Literal["allow", "warn", "refuse"] = "allow"
    active: bool = True
    form_choice: Literal["staff", "candidate"] = "staff"
    waiting_room: bool = False
    enrolment: Literal["open", "required"] = "open"
    delay_first_ms: Delay = 0
    delay_later_ms: Delay = 0
    access_code: Annotated[str, Meta(min_length=1, max_length=limits.MAX_CODE_CHARS, pattern=NO_NUL)] | None = None
    address_ranges: Annotated[list[AddressRange], Meta(max_length=limits.MAX_ADDRESS_RANGES)] = msgspec.field(
        default_factory=list
    )
    blind_marking: bool = False
    second_marking_permille: Annotated[int, Meta(ge=0, le=1_000)] = 0
    marking_tolerance_permille: Annotated[int, Meta(ge=0, le=1_000)] = 100
    min_time_ms: Delay = 0
    at_end: Literal["submit", "hand_in", "abandon"] = "submit"
    hand_in_ms: Duration = 120_000
    synchronised: bool = False
    pause_grace_ms: Duration = limits.PAUSE_GRACE_MS
    limit: Limit = "hard"
    tools: Tools = msgspec.field(default_factory=list)
    late_answers: Late = "nothing"
    late_ms: Annotated[int, Meta(ge=1_000, le=limits.LINK_AFTER_END_MS)] = 1_800_000
    integrity: Annotated[list[Watch], Meta(max_length=limits.MAX_WATCHES)] = msgspec.field(default_factory=list)
    full_screen: bool = False
    safe_exam_browser: SafeExamBrowser | None = None
    captures: Annotated[list[Capture], Meta(max_length=len(SOURCES))] = msgspec.field(default_factory=list)
    leaderboard: Leaderboard = "off"
