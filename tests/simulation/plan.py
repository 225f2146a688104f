"""What is to happen on one simulated day, as plain data: who sits what, who steers, what breaks.

A plan without some of its parts is a plan, too: that is how a failure is shortened.
"""

from typing import Final, Literal

import msgspec

ORGS: Final = ("org-a", "org-b")
TEST: Final = "exam"
QUESTIONS: Final = 8

SECTIONS: Final[dict[str, range]] = {"part-1": range(3), "part-2": range(3, 6), "part-3": range(6, QUESTIONS)}
"""The sections of an exam that has some, and the positions of their questions."""
TIMED: Final = (0, 4)
"""The positions of the questions with a limit, where some have one."""

POOLS: Final[dict[tuple[int, ...], int]] = {(1, 2): 3, (6,): 1}
"""The positions that are drawn from a pool, where there are some; and how many more questions than that the pool has.
"""

SIGNALS: Final = ("focus_lost", "page_hidden", "pasted", "copied", "address_changed")
"""What candidates say that they notice: nobody watches for the fourth, and the server sees the last for itself."""

SAYS: Final = ("agreed", "declined", "unable")
"""What candidates say of pictures of their screens."""

StepKind = Literal[
    "answer",
    "flag",
    "move",
    "enter",
    "hand",
    "notice",
    "consent",
    "submit",
    "cut",
    "offline",
    "still",
    "vanish",
    "fight",
    "reload",
    "walk_away",
    "rest",
]


class Step(msgspec.Struct, frozen=True):
    """After `wait_ms`: one act of a candidate, or something that happens to her device for `for_ms`. `question` of
    "enter" is the section's number; an even `value` of "hand" raises it, an odd one lowers it. `value` of
    "notice" is the signal's number in `SIGNALS`, and `question` how many times; that of "consent" the place in
    `SAYS`."""

    wait_ms: int
    kind: StepKind
    question: int = 0
    value: int = 0
    for_ms: int = 0


Clients = Literal["python", "pages", "mixed"]
"""What people use: the Python client, the pages' own TypeScript, or now this and now that."""


class Candidate(msgspec.Struct, frozen=True):
    """Somebody who sits the exam of her organisation. With `again` she takes it once more, if she may."""

    user: str
    org: str
    arrives_ms: int
    steps: tuple[Step, ...]
    again: bool = False


class Order(msgspec.Struct, frozen=True):
    """At `at_ms`, an instructor's command about one candidate."""

    at_ms: int
    kind: Literal[
        "pause",
        "resume",
        "extend",
        "message",
        "warn",
        "end",
        "cancel",
        "reopen",
        "accept",
        "allow_device",
        "accommodate",
        "apply_rules",
        "admit",
        "reinstate",
        "acknowledge_hand",
    ]
    user: str
    ms: int = 0


class Instructor(msgspec.Struct, frozen=True):
    """Somebody who watches from `arrives_ms` on, and steers."""

    user: str
    org: str
    arrives_ms: int
    orders: tuple[Order, ...]


FaultKind = Literal[
    "kill",
    "stall",
    "drain",
    "database_away",
    "database_frozen",
    "database_unsure",
    "database_slow",
    "database_cut",
    "relay_down",
    "relay_bad",
    "relay_cut",
    "network_slow",
    "wall_jump",
]


class Fault(msgspec.Struct, frozen=True):
    """From `at_ms` on for `for_ms`, something is broken. `node` is the one it is about, where it is about one."""

    at_ms: int
    kind: FaultKind
    for_ms: int
    node: int = 0


class Rules(msgspec.Struct, frozen=True):
    """How the exam is sat and the servers are set. Milliseconds; `window_ms` after the day's beginning the test's
    window closes. `section_ms` are the limits of sections that are sat one after the other; empty: there are none.
    `question_ms` is the limit of some questions. With a `waiting_room` nobody begins before an instructor lets her
    in. `forward`: question by question. Nobody hands in, or goes on, without an answer to the questions at the
    positions `required`. Nobody hands in before `min_time_ms`, or leaves a section before `section_min_ms`; where
    `at_end` is "hand_in" there are `hand_in_ms` for that after the deadline. `soft` is the test's own limit where it
    only informs, `soft_parts` are those of its sections and questions. Where it is `synchronised` everybody's time
    counts from `opens_ms` after the day's beginning. With `pools` some questions are drawn by chance, and with
    `shuffled` everybody has the questions of a section in an order of her own. With `enrolment` nobody has an attempt
    made who is not enrolled. With `several` one question has several parts. Where it is `watched` what happens beside
    the page is noticed, and pictures of the screen are asked for."""

    nodes: int
    duration_ms: int
    grace_ms: int
    warnings_ms: tuple[int, ...]
    pause_on_disconnect: bool
    pause_budget_ms: int
    newest_wins: bool
    essays: bool
    heartbeat_ms: int
    window_ms: int | None
    sweep_ms: int
    snapshot_ms: int
    flush_ms: int
    link_opens_once: bool
    ease: int = 1
    """How many times as rarely as in production nodes do what they do by the clock alone (tidying, asking for the
    database's time): on a long day most of that finds nothing."""
    waiting_room: bool = False
    section_ms: tuple[int | None, ...] = ()
    question_ms: int | None = None
    forward: bool = False
    required: tuple[int, ...] = ()
    min_time_ms: int = 0
    section_min_ms: int = 0
    at_end: Literal["submit", "hand_in", "abandon"] = "submit"
    hand_in_ms: int = 1_000
    soft: bool = False
    soft_parts: bool = False
    synchronised: bool = False
    opens_ms: int | None = None
    pause_grace_ms: int = 10_000

    @property
    def takes_late(self) -> bool:
        """Whether the test keeps what comes after the end: on most days. A draw would change all others."""
        return self.duration_ms % 5 < 3

    pools: bool = False
    shuffled: bool = False
    enrolment: bool = False
    several: bool = False
    watched: bool = False

    @property
    def parts(self) -> dict[str, range]:
        """What is entered one after the other: sections, or questions; empty: all is open."""
        if self.forward:
            return {str(i + 1): range(i, i + 1) for i in range(QUESTIONS)}
        return SECTIONS if self.section_ms else {}


class Mend(msgspec.Struct, frozen=True):
    """At `at_ms` the author of an organisation's test stores it with another duration (nil: the same), and other words
    or, where it is given, another `key`."""

    at_ms: int
    org: str
    duration_ms: int | None
    key: str = ""


DeedKind = Literal[
    "grant",
    "grant_window",
    "grant_group",
    "join",
    "leave",
    "withdraw",
    "withdraw_group",
    "enrol",
    "enrol_group",
    "unenrol",
    "extend_all",
    "write_to_all",
    "warn_all",
    "pause_all",
    "resume_all",
    "another_attempt_for_all",
    "regrade",
    "mark",
]


class Deed(msgspec.Struct, frozen=True):
    """At `at_ms` an organisation's office does something over REST: about `user`, or all who sit."""

    at_ms: int
    kind: DeedKind
    org: str
    user: str
    ms: int


class Plan(msgspec.Struct, frozen=True):
    """One day."""

    seed: int
    rules: Rules
    candidates: tuple[Candidate, ...]
    instructors: tuple[Instructor, ...]
    faults: tuple[Fault, ...]
    mends: tuple[Mend, ...] = ()
    clients: Clients = "python"
    client_clocks: int = 0
    """Which clocks the clients have; another number gives other clocks, and nothing else is different."""
    deeds: tuple[Deed, ...] = ()
    erased: tuple[str, ...] = ()
    """Candidates who are erased when the day is over."""
