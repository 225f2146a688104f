"""Runs that chance draws: any sequence of commands, at any times, under any rules, with any client clocks.

A run wakes the attempt before every command, as the server does.
"""

from typing import Any, Final, NamedTuple, TypeVar, get_args

import msgspec
from hypothesis import strategies as st
from msgspec.structs import replace

from protocol.attempt import model
from protocol.attempt.commands import (
    AnyCommand,
    Assess,
    Begin,
    DecideLate,
    Grant,
    HandIn,
    HandLate,
    MarkByHand,
    Regrade,
    Steer,
    Wake,
)
from protocol.attempt.decisions.rules import Decision
from protocol.attempt.evolve import evolve
from protocol.attempt.facts import Record
from protocol.attempt.late import LateAnswer
from protocol.attempt.laying import lay_out
from protocol.attempt.layout import LaidSection, Layout
from protocol.attempt.model import Accommodation, Attempt, Hand, Status
from protocol.codec import tag_of as message_tag
from protocol.content import Rules
from protocol.integrity.captures import Capture
from protocol.integrity.watches import Watch
from protocol.messages.base import Value
from protocol.messages.operations import Operation
from protocol.messages.page_settings import PageSettings
from protocol.messages.staff import StaffCommand
from protocol.rules.admission import admission_under
from tests.protocol.attempt.scene import (
    CANDIDATE,
    CONTENT,
    IDENTITY,
    INSTRUCTOR,
    LAYOUT,
    MINUTE,
    SECTIONS,
    SYSTEM,
    T0,
    TIMED,
    Scene,
    requiring,
)

M = TypeVar("M", Operation, StaffCommand)
OPERATIONS: dict[str, type[Operation]] = {message_tag(kind): kind for kind in get_args(Operation)}
ORDERS: dict[str, type[StaffCommand]] = {message_tag(kind): kind for kind in get_args(StaffCommand)}
FITS = "what fits"
"""In a run: something that is likely to be accepted as things stand."""
OTHERS: Final = (
    "connect",
    "disconnect",
    "begin",
    "hand in",
    "mark",
    "regrade",
    "assess",
    "grant",
    "late",
    "decide late",
    "nothing",
)
"""What happens besides the operations of candidates and the commands of staff."""
KINDS = [
    *[FITS] * 6, *["answer"] * 4, *["nothing"] * 4, *["reopen"] * 2, *["disconnect"] * 2, *["assess"] * 4, "pause",
    "extend", *OTHERS, *OPERATIONS, *ORDERS,
]  # fmt: skip
"""What happens in a run; what stands here more often happens more often."""
_ENDED: Final = (
    "reopen", "assess", "mark", "regrade", "receipt", "nothing", "connect", "assess", "late", "decide late",
)  # fmt: skip
FITTING: Final[dict[Status, tuple[str, ...]]] = {
    Status.INITIATED: ("begin", "start", "admit", "raise_hand", "nothing", "cancel", "connect", "admit"),
    Status.IN_PROGRESS: (
        "answer", "flag", "progress", "enter", "disconnect", "pause", "nothing", "raise_hand", "extend",
        "accommodate", "message", "end", "submit", "hand in", "cancel", "enter", "allow_device", "warn", "apply_rules",
        "observe", "observe",
    ),
    Status.PAUSED: ("nothing", "resume", "nothing", "connect", "nothing", "grant", "answer", "cancel", "observe"),
    Status.SUBMITTED: _ENDED,
    Status.EXPIRED: _ENDED,
    Status.COMPLETED: _ENDED,
    Status.ABANDONED: ("accept", "reopen", "nothing"),
    Status.CANCELLED: ("reinstate", "nothing"),
    Status.ABSENT: ("reinstate", "grant", "nothing"),
}  # fmt: skip
VALUES: list[tuple[str, Value]] = [
    ("single", "a"),
    ("single", "b"),
    ("single", None),
    ("multiple", ["a", "c"]),
    ("text", "yes"),
    ("text", "far too long for this question"),
    ("essay", "𝄞" * 3),
    ("nowhere", "a"),
]


class Step(NamedTuple):
    """Time passes, then somebody asks for something. The kind says what the three last numbers mean."""

    passes_ms: int
    kind: str
    choice: int
    number: int
    ago_ms: int


class Terms(NamedTuple):
    """The rules that matter to the clock, and whether the run begins with a connected candidate who has started."""

    begun: bool
    layout: Layout
    duration_ms: int | None
    extra_time_ms: int
    window_closes_at_ms: int | None
    grace_ms: int
    warnings_ms: tuple[int, ...]
    pause_on_disconnect: bool
    pause_budget_ms: int
    newest_connection_wins: bool
    link_opens_once: bool
    min_time_ms: int
    at_end: str
    hand_in_ms: int
    synchronised: bool
    window_opens_at_ms: int | None
    pause_grace_ms: int
    soft: bool
    late_answers: str
    late_ms: int = 10 * MINUTE
    gaps: str = "allow"
    waiting_room: bool = False
    watches: tuple[Watch, ...] = ()
    captures: tuple[Capture, ...] = ()


def _limited(section: LaidSection, limit_ms: int | None) -> LaidSection:
    timed = [replace(laid, limit_ms=MINUTE if at == 0 else None) for at, laid in enumerate(section.questions)]
    return replace(section, questions=tuple(timed), limit_ms=limit_ms)


IN_ORDER = replace(SECTIONS, sections=tuple(replace(one, limit_ms=3 * MINUTE) for one in SECTIONS.sections))
"""All sections have a limit."""
LIMITED = replace(SECTIONS, sections=tuple(map(_limited, SECTIONS.sections, (3 * MINUTE, None, 2 * MINUTE))))
"""Sections have limits, and questions in them too."""

REQUIRING = requiring(SECTIONS, "single", "text", "number")
"""Sections without limits, each with a required question."""
FORWARD = requiring(lay_out(replace(CONTENT, rules=Rules(order="forward")), None, 1), "multiple")
"""Question by question."""

SOFT = replace(
    LIMITED,
    sections=tuple(
        replace(one, soft=True, questions=tuple(replace(laid, soft=True) for laid in one.questions))
        for one in LIMITED.sections
    ),
)
"""None of the limits closes anything."""

durations = st.sampled_from([0, 0, 1, 499, 1_999, 2_000, 2_001, MINUTE, 3 * MINUTE, 20 * MINUTE]) | st.integers(
    0, 5 * MINUTE
)


def lists_of(kinds: list[str], passes_ms: st.SearchStrategy[int], min_size: int = 3) -> st.SearchStrategy[list[Step]]:
    return st.lists(
        st.builds(
            Step,
            passes_ms=passes_ms,
            kind=st.sampled_from(kinds),
            choice=st.integers(0, 7),
            number=st.sampled_from([1, 1, 1, 1, 2, 0, -1, 64, 65]),
            ago_ms=durations,
        ),
        min_size=min_size,
        max_size=30,
    )


fitting_lists = lists_of([FITS], durations, min_size=8)
"""Nothing but what is likely to be accepted: these runs get far."""
step_lists = lists_of(KINDS, durations) | fitting_lists
busy_lists = lists_of(
    ["answer", "answer", "progress", "progress", "enter", "enter", "pause", "resume", "extend", "disconnect", "end"],
    durations.map(lambda ms: ms // 4),
)
"""Nothing but what concerns sections and questions."""
granting_lists = lists_of(
    ["grant", "accommodate", "accommodate", "reopen", "hand in", "enter", "progress", "pause", "resume", "extend"],
    durations.map(lambda ms: ms // 4),
)
"""Nothing but what concerns what is granted, sections and questions, and the end."""
SIGNALS: Final = (
    "focus_lost",
    "pasted",
    "copied",
    "keystrokes",
    "focus_lost",
    "address_changed",
    "page_hidden",
    "nonsense",
)
WATCHES: Final = (
    Watch("focus_lost", warn_from=1, alert_from=2, pause_from=3),
    Watch("page_hidden", pause_from=2),
    Watch("pasted", alert_from=1),
    Watch("keystrokes"),
    Watch("address_changed", warn_from=1),
    Watch("device_changed", alert_from=1, pause_from=3),
    Watch("text_jumped", alert_from=1),
    Watch("rapid_answer"),
    Watch("camera_withdrawn", alert_from=1),
    Watch("screen_withdrawn"),
)
CAPTURES: Final = (Capture("camera", "offered", MINUTE, 7), Capture("screen", "offered", MINUTE, 7, whole_screen=True))

term_sets = st.builds(
    Terms,
    begun=st.sampled_from([True, True, True, False]),
    layout=st.sampled_from(
        [LAYOUT, LAYOUT, IN_ORDER, replace(IN_ORDER, by_section=False), LIMITED, TIMED, REQUIRING, FORWARD, SOFT]
    ),
    duration_ms=st.sampled_from([10 * MINUTE, 20 * MINUTE, 4 * MINUTE, 1_000, None]),
    extra_time_ms=st.sampled_from([0, MINUTE]),
    window_closes_at_ms=st.none() | st.just(T0 + 15 * MINUTE),
    grace_ms=st.sampled_from([0, 2_000, MINUTE]),
    warnings_ms=st.sampled_from([(), (5 * MINUTE, MINUTE), (MINUTE, 5 * MINUTE, 3_000)]),
    pause_on_disconnect=st.booleans(),
    pause_budget_ms=st.sampled_from([0, 2 * MINUTE]),
    newest_connection_wins=st.booleans(),
    link_opens_once=st.booleans(),
    min_time_ms=st.sampled_from([0, 0, MINUTE, 5 * MINUTE]),
    at_end=st.sampled_from(["submit", "submit", "hand_in", "abandon"]),
    hand_in_ms=st.just(2 * MINUTE),
    synchronised=st.sampled_from([False, False, True]),
    window_opens_at_ms=st.none() | st.just(T0 - 500),
    gaps=st.sampled_from(["allow", "refuse"]),
    pause_grace_ms=st.sampled_from([MINUTE, 30 * MINUTE]),
    soft=st.sampled_from([False, False, False, True]),
    late_answers=st.sampled_from(["nothing", "evidence", "file"]),
    late_ms=st.just(10 * MINUTE),
    waiting_room=st.booleans(),
    watches=st.sampled_from([(), WATCHES]),
    captures=st.sampled_from([(), CAPTURES]),
).map(lambda terms: terms if terms.at_end == "hand_in" else terms._replace(hand_in_ms=0))

busy_terms = term_sets.map(
    lambda terms: terms._replace(
        begun=True,
        layout=terms.layout if terms.layout is not LAYOUT else LIMITED,
        duration_ms=None if terms.duration_ms is None else 30 * MINUTE,
    )
)


def command_of(scene: Scene, step: Step, client_at_ms: int) -> AnyCommand:
    """What somebody asks for in this step. Ids and numbers repeat now and then."""
    if step.kind == FITS:
        step = fitted(scene.attempt, step)
    if step.kind in ("reopen", "reinstate"):
        # What was granted while nothing followed it.
        scene.granted = GRANTED[step.ago_ms // 3 % len(GRANTED)]
    n = max(1, scene.attempt.last_n + step.number)
    question_id, value = fitting_answer(scene.attempt) if step.choice == HERE else VALUES[step.choice]
    mine = scene.attempt.connection_id
    over = [mine, None, mine, None, mine, "c0", mine, "c1", mine][step.choice]
    command_id = f"{step.kind}-{step.ago_ms}"
    reason = "because" if step.choice else ""
    key_version = 2 + step.choice % 2
    match step.kind:
        case "connect":
            return scene.connect(
                f"c{step.choice % 3}",
                f"a device with a long name, {step.choice % 2}",
                step.ago_ms // 1_000 % 5 + 1,
                takeover=step.choice > 3,
                gone=mine if step.choice == 7 else None,
            )
        case "disconnect":
            return scene.disconnect(mine or "c0", scene.now_ms - step.ago_ms - T0)
        case "begin":
            return Begin(CANDIDATE, client_at_ms)
        case "hand in":
            return HandIn(CANDIDATE, client_at_ms)
        case "mark":
            return MarkByHand(INSTRUCTOR, command_id, question_id, 500, 1_000, "")
        case "regrade":
            return Regrade(INSTRUCTOR, command_id, key_version, reason)
        case "assess":
            return Assess(SYSTEM, scene.attempt.reference or "", 1_000, 6_000, step.choice % 2)
        case "late":
            given_ms = scene.now_ms - step.ago_ms
            late = LateAnswer(question_id, value, given_ms, max(0, n - 2))
            by = INSTRUCTOR if step.choice % 2 else CANDIDATE
            return HandLate(by, "a device", (late,), scene.now_ms, scene.now_ms, from_file=step.choice % 2 == 1)
        case "decide late":
            newest = scene.attempt.late[-1] if scene.attempt.late else None
            accepted = tuple(one.question_id for one in newest.answers) if newest and step.choice % 3 else ()
            return DecideLate(INSTRUCTOR, command_id, newest.late_id if newest else "none", accepted, reason)
        case "grant":
            return Grant(SYSTEM, GRANTED[step.ago_ms % len(GRANTED)], "a group")
        case "nothing":
            return Wake(SYSTEM)
    given = {
        "n": n,
        "client_at_ms": client_at_ms,
        "question_id": question_id,
        "value": value,
        "question_index": place_at_hand(scene.attempt) if step.choice == HERE else step.choice,
        "position": None if step.number else step.choice,
        "section_id": next_section(scene.attempt, step.choice),
        "message_id": scene.attempt.messages[-1].message_id if scene.attempt.messages else "none",
        "command_id": command_id,
        "attempt_id": IDENTITY.attempt_id,
        "reason": reason,
        "said": "Please leave." if step.choice % 2 else "",
        "text": "Hello",
        "add_ms": 1 + step.ago_ms,
        "left_ms": 1_000 + step.ago_ms,
        "signal": "page_hidden" if step.choice == HERE else SIGNALS[step.choice],
        "count": step.choice % 3,
        "size": step.ago_ms,
        "source": "camera" if step.choice % 2 else "screen",
        "says": ("agreed", "agreed", "declined", "unable")[step.choice // 2 % 4],
        "every_ms": MINUTE,
        "keep_days": 7,
    }
    if step.kind in OPERATIONS:
        return scene.operate(_filled(OPERATIONS[step.kind], given, step.choice), over)
    order = _filled(ORDERS[step.kind], given, step.choice)
    return Steer(INSTRUCTOR, order, _mended(scene, step.choice), GRANTED[step.ago_ms % len(GRANTED)])


HERE: Final = 8
"""The choice of what fits: whatever it names is where the candidate is."""


def fitted(attempt: Attempt, step: Step) -> Step:
    """A step that is likely to be accepted as things stand."""
    kinds = FITTING[attempt.status]
    if attempt.hand is Hand.RAISED:
        kinds = ("acknowledge_hand", *kinds)
    return step._replace(kind=kinds[(step.ago_ms // 7 + step.choice * 3) % len(kinds)], choice=HERE, number=1)


def fitting_answer(attempt: Attempt) -> tuple[str, Value]:
    """A good answer to the first question of the open section, or of the paper."""
    if attempt.layout is None or attempt.section_id is None:
        return VALUES[0]
    first = attempt.layout.section(attempt.section_id).questions[0].question_id
    return next(((name, value) for name, value in VALUES if name == first), (first, None))


def place_at_hand(attempt: Attempt) -> int:
    """The place of the last question that she could go to now."""
    if attempt.layout is None or attempt.section_id is None:
        return 1
    return attempt.layout.first_of(attempt.section_id) + len(attempt.layout.section(attempt.section_id).questions) - 1


def next_section(attempt: Attempt, choice: int) -> str:
    """The section that comes next, or any."""
    if choice == HERE and attempt.layout is not None and attempt.layout.by_section:
        order = [str(section.section_id) for section in attempt.layout.sections]
        closed = len(attempt.closed_sections) + (attempt.section_id is not None)
        return order[min(closed, len(order) - 1)]
    if attempt.layout is not None and attempt.layout.forward:
        return str(choice + 1)
    return ["reading", "writing", "sums", "writing"][choice % 4]


GRANTED = (
    Accommodation(),
    Accommodation(MINUTE),
    Accommodation(extra_time_permille=250),
    Accommodation(2 * MINUTE, 100, closes_at_ms=T0 + 18 * MINUTE),
    Accommodation(unlimited_time=True),
    Accommodation(closes_at_ms=T0 + 5 * MINUTE, pause_budget_ms=3 * MINUTE),
    Accommodation(never_closes=True, pause_budget_ms=0),
    Accommodation(unlimited_time=True, never_closes=True, opens_at_ms=T0 - 1, extra_attempts=1),
    Accommodation(exempt=("page_hidden", "pasted")),
    Accommodation(page=PageSettings(size=150, still=True)),
)
"""What candidates and their groups are granted meanwhile."""


def _mended(scene: Scene, choice: int) -> model.Terms:
    """What the test's newest rules say meanwhile: less time, more, or no limit."""
    terms = scene.sheet.terms
    end = {"at_end": "hand_in", "hand_in_ms": MINUTE} if choice == 3 else {}
    if choice == 7 or terms.duration_ms is None:
        return replace(terms, duration_ms=None, **end)
    return replace(terms, duration_ms=max(1_000, terms.duration_ms + (choice - 2) * MINUTE), **end)


def _filled(kind: type[M], given: dict[str, Any], choice: int) -> M:
    """A message with what is given, and otherwise with what the step's choice makes of a field of that type."""
    fields = msgspec.structs.fields(kind)
    return kind(**{one.name: given.get(one.name, choice % 2 == 0 if one.type is bool else choice) for one in fields})


class Taken(NamedTuple):
    """One command of a run: the state it found, what was decided, and what was true then."""

    before: Attempt
    command: AnyCommand
    decision: Decision
    after: Attempt


def scene_of(terms: Terms) -> Scene:
    rules = terms._asdict()
    scene = Scene(**{name: rules[name] for name in rules if name not in ("begun", "waiting_room")})
    if not terms.begun:
        scene.sheet = replace(scene.sheet, admission=admission_under(Rules(waiting_room=terms.waiting_room)))
        return scene
    # A link that opens once binds only a device whose name cannot be guessed.
    scene.facts(scene.connect("c0", "a device with a long name, 0"))
    return scene.started()


def run(terms: Terms, steps: list[Step], client_clocks: list[int]) -> tuple[Scene, list[Taken]]:
    scene = scene_of(terms)
    taken: list[Taken] = []

    def take(command: AnyCommand) -> None:
        before = scene.attempt
        taken.append(Taken(before, command, scene.offer(command), scene.attempt))

    for position, step in enumerate(steps):
        scene.now_ms += step.passes_ms
        take(Wake(SYSTEM))
        take(command_of(scene, step, client_clocks[position % len(client_clocks)]))
    return scene, taken


def states(records: list[Record]) -> list[Attempt]:
    attempt: Attempt | None = None
    found = []
    for record in records:
        attempt = evolve(attempt, record)
        found.append(attempt)
    return found
