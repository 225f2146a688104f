"""What is to happen on one simulated day, as plain data drawn from a seed: who sits what, who steers, what breaks.

A plan without some of its parts is a plan, too: that is how a failure is shortened.
"""

from collections.abc import Iterator
from random import Random
from typing import Final, Literal

import msgspec

from tests.simulation.chance import Chance

ORGS: Final = ("org-a", "org-b")
TEST: Final = "exam"
QUESTIONS: Final = 8

SECTIONS: Final[dict[str, range]] = {"part-1": range(3), "part-2": range(3, 6), "part-3": range(6, QUESTIONS)}
"""The sections of an exam that has some, and the positions of their questions."""
TIMED: Final = (0, 4)
"""The positions of the questions with a limit, where some have one."""

StepKind = Literal[
    "answer",
    "flag",
    "move",
    "enter",
    "hand",
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
    "enter" is the section's number; an even `value` of "hand" raises it, an odd one lowers it."""

    wait_ms: int
    kind: StepKind
    question: int = 0
    value: int = 0
    for_ms: int = 0


Clients = Literal["python", "pages", "mixed"]
"""What people use: the Python client, the pages' own TypeScript, or now this and now that."""


class Candidate(msgspec.Struct, frozen=True):
    """Somebody who sits the exam of her organisation."""

    user: str
    org: str
    arrives_ms: int
    steps: tuple[Step, ...]


class Order(msgspec.Struct, frozen=True):
    """At `at_ms`, an instructor's command about one candidate."""

    at_ms: int
    kind: Literal[
        "pause",
        "resume",
        "extend",
        "message",
        "end",
        "cancel",
        "reopen",
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
    in."""

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


class Mend(msgspec.Struct, frozen=True):
    """At `at_ms` the author of an organisation's test stores it with other words and another duration."""

    at_ms: int
    org: str
    duration_ms: int


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
    erased: tuple[str, ...] = ()
    """Candidates who are erased when the day is over."""


LONG_EVERY: Final = 8
"""Of so many seeds one is a long day with many people; the others are short and dense."""

_OTHER_DEVICE: Final[dict[StepKind, float]] = {"vanish": 0.9, "fight": 0.4, "rest": 0.4}
"""What brings another device, and how often staff let it in where links open once."""

STORM_EVERY: Final = 3
"""Of so many seeds one is a day on which hardly anything works."""


def make_plan(seed: int, clients: Clients = "python") -> Plan:
    """The day of a seed; what people use changes nothing else in it."""
    chance = Chance(seed)
    long = seed % LONG_EVERY == 0
    rules = _with_limits(chance.stream("limits"), _rules(chance.stream("rules"), long))
    rules = msgspec.structs.replace(rules, waiting_room=chance.stream("waiting").random() < _WAITING)
    draw = chance.stream("people")
    crowd = draw.randint(100, 250) if long else draw.randint(1, 8)
    candidates = tuple(_candidate(chance.stream("candidate", i), f"user-{i}", rules, long) for i in range(crowd))
    if rules.section_ms:
        candidates = tuple(_who_enters(chance.stream("enters", one.user), one, rules) for one in candidates)
    candidates = tuple(_who_raises_her_hand(chance.stream("hand", one.user), one) for one in candidates)
    instructors = tuple(
        _instructor(chance.stream("instructor", i), f"staff-{i}", candidates, rules, long)
        for i in range(draw.randint(1, 2))
    )
    instructors = tuple(
        _with_terms(chance.stream("terms", i), instructor, candidates, rules)
        for i, instructor in enumerate(instructors)
    )
    if rules.waiting_room:
        instructors = tuple(
            _who_lets_in(chance.stream("lets in", i), one, candidates) for i, one in enumerate(instructors)
        )
    instructors = tuple(_with_undoing(chance.stream("undo", i), one) for i, one in enumerate(instructors))
    instructors = tuple(
        _who_sees_hands(chance.stream("sees", i), instructor, candidates) for i, instructor in enumerate(instructors)
    )
    faults = _faults(chance.stream("faults"), rules, storm=seed % STORM_EVERY == 0)
    users = [one.user for one in candidates]
    erased = tuple(chance.stream("erased").sample(users, k=min(2, len(users))))
    mends = _mends(chance.stream("author"), rules)
    return Plan(seed, rules, candidates, instructors, faults, mends, clients, erased=erased)


def _with_terms(draw: Random, instructor: Instructor, candidates: tuple[Candidate, ...], rules: Rules) -> Instructor:
    """The same instructor, who also grants extra time, before the start and after it, and applies mended rules."""
    mine = [one.user for one in candidates if one.org == instructor.org]
    more = tuple(
        Order(
            int(rules.duration_ms * draw.uniform(0.0, 1.05)),
            draw.choice(("accommodate", "accommodate", "apply_rules")),
            draw.choice(mine),
            draw.choice((0, 1_000, 10_000, 60_000)),
        )
        for _ in range(draw.randint(0, 6) if mine else 0)
    )
    orders = sorted((*instructor.orders, *more), key=lambda order: order.at_ms)
    return msgspec.structs.replace(instructor, orders=tuple(orders))


def _who_lets_in(draw: Random, instructor: Instructor, candidates: tuple[Candidate, ...]) -> Instructor:
    """The same instructor, who lets in nearly everybody of hers, some of them twice."""
    more = [
        Order(one.arrives_ms + draw.randint(0, 12_000), "admit", one.user)
        for one in candidates
        if one.org == instructor.org and draw.random() < 0.95
        for _ in range(draw.choice((1, 1, 2)))
    ]
    orders = sorted((*instructor.orders, *more), key=lambda order: order.at_ms)
    return msgspec.structs.replace(instructor, orders=tuple(orders))


def _with_undoing(draw: Random, instructor: Instructor) -> Instructor:
    """The same instructor, who takes most of what was cancelled back, sometimes what was not, and lets in where nobody
    waits."""
    more: list[Order] = []
    for order in instructor.orders:
        if order.kind == "cancel" and draw.random() < 0.7:
            more.append(Order(order.at_ms + draw.randint(0, 15_000), "reinstate", order.user, draw.choice((0, 60_000))))
        elif draw.random() < 0.05:
            more.append(Order(order.at_ms, draw.choice(("reinstate", "admit", "cancel")), order.user))
    orders = sorted((*instructor.orders, *more), key=lambda order: order.at_ms)
    return msgspec.structs.replace(instructor, orders=tuple(orders))


def _mends(draw: Random, rules: Rules) -> tuple[Mend, ...]:
    mends = (
        Mend(
            int(rules.duration_ms * draw.uniform(0.0, 1.0)),
            draw.choice(ORGS),
            int(rules.duration_ms * draw.choice((0.7, 0.9, 1.1, 1.3))),
        )
        for _ in range(draw.randint(0, 3))
    )
    return tuple(sorted(mends, key=lambda mend: mend.at_ms))


def _rules(draw: Random, long: bool) -> Rules:
    nodes = draw.choice((1, 1, 2, 2, 3))
    duration_ms = draw.choice(
        (3_600_000, 5_400_000, 7_200_000, 10_800_000) if long else (30_000, 60_000, 120_000, 300_000)
    )
    return Rules(
        nodes=nodes,
        duration_ms=duration_ms,
        grace_ms=draw.choice((0, 500, 2_000, 2_000, 5_000)),
        warnings_ms=draw.choice(((), (30_000,), (300_000, 60_000))),
        pause_on_disconnect=draw.random() < 0.3,
        pause_budget_ms=draw.choice((5_000, 30_000, 120_000)),
        newest_wins=draw.random() < 0.85,
        essays=draw.random() < 0.3,
        heartbeat_ms=60_000 if long else draw.choice((2_000, 5_000, 10_000)),
        window_ms=int(duration_ms * draw.uniform(0.5, 1.2)) + 10_000 if draw.random() < 0.2 else None,
        sweep_ms=10_000 if long else draw.choice((250, 500, 500, 1_000)),
        snapshot_ms=600_000 if long else draw.choice((2_000, 30_000)),
        flush_ms=2_000 if long else draw.choice((150, 250, 500)),
        link_opens_once=draw.random() < 0.25,
        ease=30 if long else 1,
    )


def _with_limits(draw: Random, rules: Rules) -> Rules:
    """A quarter of the days has sections, and a quarter has questions with a limit."""
    if draw.random() < _LIMITED:
        share = [draw.uniform(0.1, 0.5) if draw.random() < 0.8 else None for _ in SECTIONS]
        section_ms = tuple(None if one is None else int(rules.duration_ms * one) for one in share)
        rules = msgspec.structs.replace(rules, section_ms=section_ms)
    if draw.random() < _LIMITED:
        rules = msgspec.structs.replace(rules, question_ms=max(1_000, int(rules.duration_ms * draw.uniform(0.02, 0.2))))
    return rules


_LIMITED: Final = 0.25
_WAITING: Final = 0.15


def _who_enters(draw: Random, candidate: Candidate, rules: Rules) -> Candidate:
    """The same person, who now and then enters the next section, sometimes right when the one before closes, and
    sometimes one that is not the next."""
    steps: list[Step] = []
    at_ms, number = 0, 1
    next_ms = draw.uniform(0.1, 0.6) * rules.duration_ms
    for step in candidate.steps:
        at_ms += step.wait_ms
        steps.append(step)
        if number < len(SECTIONS) and at_ms >= next_ms:
            wrong = draw.randrange(len(SECTIONS)) if draw.random() < 0.15 else number
            limit_ms = rules.section_ms[number - 1]
            wait_ms = draw.randint(0, 50)
            if limit_ms is not None and draw.random() < 0.3:
                until_ms = limit_ms + rules.grace_ms - at_ms + draw.randint(-300, 300)
                wait_ms = min(max(0, until_ms), rules.duration_ms // 4)
            steps.append(Step(wait_ms, "enter", wrong))
            at_ms += wait_ms
            number += wrong == number
            next_ms = at_ms + draw.uniform(0.05, 0.4) * rules.duration_ms
    return msgspec.structs.replace(candidate, steps=tuple(steps))


def _who_raises_her_hand(draw: Random, candidate: Candidate) -> Candidate:
    """The same person; one of three raises her hand now and then, and lowers it again or forgets to."""
    if draw.random() > _RAISES:
        return candidate
    steps: list[Step] = []
    for step in candidate.steps:
        steps.append(step)
        if draw.random() < 2 / len(candidate.steps):
            steps.append(Step(draw.randint(0, 3_000), "hand", value=draw.choice((0, 0, 0, 1))))
            if draw.random() < 0.5:
                steps.append(Step(draw.randint(2_000, 20_000), "hand", value=1))
    return msgspec.structs.replace(candidate, steps=tuple(steps))


_RAISES: Final = 1 / 3


def _who_sees_hands(draw: Random, instructor: Instructor, candidates: tuple[Candidate, ...]) -> Instructor:
    """The same instructor, who acknowledges most of the hands in her organisation, some of them too late."""
    more = [
        Order(at_ms + draw.randint(0, 5_000), "acknowledge_hand", one.user)
        for one in candidates
        if one.org == instructor.org
        for at_ms, step in _instants(one)
        if step.kind == "hand" and step.value % 2 == 0 and draw.random() < 0.7
    ]
    orders = sorted((*instructor.orders, *more), key=lambda order: order.at_ms)
    return msgspec.structs.replace(instructor, orders=tuple(orders))


def _instants(candidate: Candidate) -> Iterator[tuple[int, Step]]:
    """About when each of her steps is taken."""
    at_ms = candidate.arrives_ms
    for step in candidate.steps:
        at_ms += step.wait_ms
        yield at_ms, step


def _candidate(draw: Random, user: str, rules: Rules, long: bool) -> Candidate:
    """Her steps fill the exam's time, more or less. On a long day an hour has 30 to 120 of them, as when people think,
    and more often few than many; a short one has as many as that in some minutes."""
    steps: list[Step] = []
    if long:
        pace_ms = int(3_600_000 / (30 * 4 ** draw.random() ** 3))
    else:
        pace_ms = max(1_500, rules.duration_ms // draw.randint(15, 120))
    at_ms = 0
    end_ms = int(rules.duration_ms * draw.uniform(0.3, 1.15))
    while at_ms < end_ms:
        step = _step(draw, pace_ms, long)
        steps.append(step)
        at_ms += step.wait_ms
    # Right at the end, where it hurts: around the deadline and the closing.
    last = draw.random()
    if last < 0.45:
        steps.append(Step(draw.randint(0, 3_000), "submit"))
    elif last < 0.6:
        steps.append(Step(0, "walk_away"))
    elif last < 0.8:
        wait_ms = max(0, rules.duration_ms + rules.grace_ms - at_ms + draw.randint(-400, 300))
        steps += [Step(wait_ms, "answer", draw.randrange(QUESTIONS), 1)]
        steps += [Step(draw.randint(0, 60), "answer", draw.randrange(QUESTIONS), i % 4) for i in range(8)]
        if draw.random() < 0.4:
            steps.append(Step(draw.randint(0, 100), "submit"))
    return Candidate(user, draw.choice(ORGS) if draw.random() < 0.3 else ORGS[0], draw.randint(0, 8_000), tuple(steps))


def _step(draw: Random, pace_ms: int, calm: bool) -> Step:
    wait_ms = int(draw.expovariate(1 / pace_ms))
    question, value = draw.randrange(QUESTIONS), draw.randrange(5)
    kinds: dict[StepKind, float] = {
        "answer": 650 if calm else 75,
        "flag": 5,
        "move": 8,
        "cut": 4,
        "offline": 1.5,
        "still": 2,
        "vanish": 1,
        "fight": 1.5,
        "reload": 1,
        "rest": 1,
    }
    (kind,) = draw.choices(list(kinds), list(kinds.values()))
    if draw.random() < 0.1:
        wait_ms = draw.randint(0, 50)
    return Step(wait_ms, kind, question, value, int(draw.expovariate(1 / 8_000)))


def _instructor(draw: Random, user: str, candidates: tuple[Candidate, ...], rules: Rules, long: bool) -> Instructor:
    org = draw.choice(ORGS) if draw.random() < 0.3 else ORGS[0]
    mine = [one.user for one in candidates if one.org == org]
    kinds: dict[str, float] = {"message": 5, "extend": 4, "pause": 4, "resume": 4, "end": 1, "cancel": 0.5, "reopen": 2}
    orders: list[Order] = []
    for _ in range(draw.randint(0, 30 if long else 12) if mine else 0):
        (kind,) = draw.choices(list(kinds), list(kinds.values()))
        at_ms = int(rules.duration_ms * draw.uniform(0.02, 1.1)) + 5_000
        ms = draw.choice((1_000, 5_000, 20_000, 60_000))
        # Now and then somebody tries what is not hers to do.
        about = draw.choice(mine) if draw.random() < 0.9 else draw.choice(candidates).user
        orders.append(Order(at_ms, kind, about, ms))  # type: ignore[arg-type]
        if long and kind == "pause":
            # Nobody lets somebody wait for hours.
            orders.append(Order(at_ms + draw.randint(10_000, 600_000), "resume", about))
    if rules.link_opens_once:
        orders += [order for one in candidates if one.user in mine for order in _calls_for_help(draw, one)]
    orders.sort(key=lambda order: order.at_ms)
    return Instructor(user, org, draw.randint(0, 5_000), tuple(orders))


def _calls_for_help(draw: Random, candidate: Candidate) -> Iterator[Order]:
    """What staff do about somebody whose link is bound: most who come with another device are let in a while later."""
    for at_ms, step in _instants(candidate):
        if step.kind in _OTHER_DEVICE and draw.random() < _OTHER_DEVICE[step.kind]:
            yield Order(at_ms + draw.randint(0, 10_000), "allow_device", candidate.user)


def _faults(draw: Random, rules: Rules, *, storm: bool) -> tuple[Fault, ...]:
    kinds: dict[FaultKind, float] = {
        "kill": 4,
        "stall": 3,
        "drain": 1.5,
        "database_away": 2,
        "database_frozen": 1.5,
        "database_unsure": 4,
        "database_slow": 2,
        "network_slow": 1,
        "wall_jump": 1,
    }
    if rules.nodes > 1:
        kinds |= {"database_cut": 2, "relay_down": 2, "relay_bad": 3, "relay_cut": 2}
    faults: list[Fault] = []
    if storm and draw.random() < 0.5:
        faults.append(Fault(0, "database_unsure", rules.duration_ms + 10_000))
    for _ in range(draw.randint(8, 24) if storm else draw.choice((0, 1, 2, 3, 5))):
        (kind,) = draw.choices(list(kinds), list(kinds.values()))
        at_ms = int((rules.duration_ms + 15_000) * draw.uniform(0.0, 1.05))
        if draw.random() < 0.3:
            # Around the closing of those who came first.
            at_ms = rules.duration_ms + rules.grace_ms + draw.randint(-3_000, 8_000)
        for_ms = int(draw.expovariate(1 / draw.choice((500, 5_000, 20_000)))) + 50
        faults.append(Fault(max(0, at_ms), kind, for_ms, draw.randrange(rules.nodes)))
    faults.sort(key=lambda fault: fault.at_ms)
    return tuple(faults)
